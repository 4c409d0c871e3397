// Makes a product in a temporary folder beside its final place, and puts it there by one rename.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimes } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTicking, type Run } from "./step.mts";

const heartbeatMs = 5_000;
const silentMs = 60_000;

/** What a set-up makes: programs in `<versions>/<folder>/bin`. The folder is whole or not there. */
export interface Product {
  /** As messages name it. */
  name: string;
  folder: string;
  isComplete: (bin: string) => boolean | Promise<boolean>;
}

/**
 * Runs `make`, which fills `versions/<folder>/bin` of a temporary home, and moves the result into place. The temporary
 * home is always removed.
 */
export async function makeInStaging(
  versionsFolder: string,
  product: Product,
  make: (home: string) => Promise<void>,
): Promise<void> {
  const home = join(versionsFolder, `.${product.folder}-${process.pid}-tmp`);
  mkdirSync(home);
  const heartbeat = setInterval(() => {
    utimes(home, new Date(), new Date(), () => {
      // When the folder is gone, the running step fails and says so.
    });
  }, heartbeatMs);
  try {
    await make(home);
    const made = join(home, "versions", product.folder);
    if (!(await product.isComplete(join(made, "bin")))) {
      throw new Error(`what it made is not a complete ${product.name}`);
    }
    await putInPlace(made, join(versionsFolder, product.folder), product);
  } finally {
    clearInterval(heartbeat);
    removeFolder(home);
  }
}

async function putInPlace(made: string, final: string, product: Product): Promise<void> {
  try {
    renameSync(made, final);
  } catch {
    // The place is taken: another run was faster, or an interrupted launcher left something.
    if (await product.isComplete(join(final, "bin"))) return;
    removeFolder(final);
    renameSync(made, final);
  }
}

/** Removes the folders of killed runs, and waits while another run makes the same product. */
export async function waitForOthers(
  versionsFolder: string,
  product: Product,
  run: Run,
): Promise<void> {
  let stopTicking: (() => void) | undefined;
  try {
    for (;;) {
      const others = findStaging(versionsFolder);
      for (const { folder } of others.filter((other) => !other.alive)) removeFolder(folder);
      const busy = others.find((other) => other.alive && other.product === product.folder);
      if (busy === undefined) return;
      if (stopTicking === undefined) {
        run.progress.say(`Process ${busy.pid} is setting up the ${product.name}: waiting for it.`);
        stopTicking = startTicking(run.progress, () => `waiting for process ${busy.pid}`);
      }
      await sleep(500, undefined, { signal: run.signal });
    }
  } finally {
    stopTicking?.();
  }
}

interface Staging {
  folder: string;
  /** The folder name of what is made there. */
  product: string;
  pid: number;
  alive: boolean;
}

function findStaging(versionsFolder: string): Staging[] {
  const entries = readdirSync(versionsFolder, { withFileTypes: true });
  return entries.flatMap(({ name }) => {
    const [, product, digits] = /^\.(.+)-(\d+)-tmp$/.exec(name) ?? [];
    if (product === undefined) return [];
    const folder = join(versionsFolder, name);
    const pid = Number(digits);
    return [{ folder, product, pid, alive: isRunning(pid) && hasHeartbeat(folder) }];
  });
}

function isRunning(pid: number): boolean {
  // A folder with our own id is left from an earlier process: in containers ids are often the same.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process runs as another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether a run touched its folder lately. Its process id alone may belong to another program. */
function hasHeartbeat(folder: string): boolean {
  const modified = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified < silentMs;
}

function removeFolder(folder: string): void {
  // Retries while a compiler of a killed run still writes.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
