// Sets a product up once, however many processes and calls ask for it at the same time.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makeInStaging, waitForOthers, type Product } from "./staging.mts";
import type { Progress, Run } from "./step.mts";

/** A product and how it comes by. */
export interface Recipe extends Product {
  /** Tried in this order. `make` fills `<home>/versions/<folder>/bin`. */
  ways: { name: string; make: (home: string, run: Run) => Promise<void> }[];
  /** What a user can do when no way works. */
  remedies: string[];
}

/** All calls that a process makes at the same time share one set-up of a product. */
const settingUp = new Map<string, Promise<void>>();

/** Returns the `bin` folder of the product, which is made first where it is not complete. */
export async function ensureProduct(
  recipe: Recipe,
  versionsFolder: string,
  progress: Progress,
): Promise<string> {
  const bin = join(versionsFolder, recipe.folder, "bin");
  if (await recipe.isComplete(bin)) {
    progress.say(`Using the ${recipe.name}: ${bin}`);
    return bin;
  }
  let shared = settingUp.get(recipe.folder);
  if (shared === undefined) {
    progress.say(`There is no usable ${recipe.name}: setting it up, once.`);
    shared = interruptible(recipe, progress, (run) => setUp(recipe, versionsFolder, run)).finally(
      () => settingUp.delete(recipe.folder),
    );
    settingUp.set(recipe.folder, shared);
  }
  await shared;
  progress.say(`The ${recipe.name} is ready: ${bin}`);
  return bin;
}

async function setUp(recipe: Recipe, versionsFolder: string, run: Run): Promise<void> {
  mkdirSync(versionsFolder, { recursive: true });
  await waitForOthers(versionsFolder, recipe, run);
  if (await recipe.isComplete(join(versionsFolder, recipe.folder, "bin"))) return;
  const failures: string[] = [];
  for (const { name, make } of recipe.ways) {
    try {
      await makeInStaging(versionsFolder, recipe, (home) => make(home, run));
      return;
    } catch (error) {
      run.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`  ${name}: ${reason}`);
      run.progress.say(`The ${name} is not possible: ${reason}`);
    }
  }
  throw new Error(
    [
      `The ${recipe.name} could not be set up.`,
      ...failures,
      "One of these helps:",
      ...recipe.remedies.map((remedy) => `  - ${remedy}`),
      "Then run this again: the downloads of the build are kept.",
    ].join("\n"),
  );
}

/** Runs a task that ends its children and removes its files when a signal ends this process. */
async function interruptible(
  { name }: Product,
  progress: Progress,
  task: (run: Run) => Promise<void>,
): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals) => {
    received = signal;
    progress.say(`${signal}: removing the unfinished ${name}.`);
    controller.abort(new Error(`The set-up of the ${name} was ended by ${signal}.`));
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    await task({ progress, signal: controller.signal });
  } finally {
    for (const signal of signals) process.off(signal, stop);
    // Now the signal ends the process, unless the program that called us handles it.
    if (received !== undefined && process.listenerCount(received) === 0) {
      process.kill(process.pid, received);
    }
  }
}
