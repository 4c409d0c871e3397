/**
 * Sets the Pulumi engine up: `node scripts/engine.mts` prints the folder to put on PATH. It tries, in this order, an
 * engine on PATH that is recent enough, an engine in `<PULUMI_HOME or ~/.pulumi>/versions` (left by an earlier run, the
 * npm package `pulumi` or the Automation API), a download, and a build from Go modules.
 */
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { buildEngine } from "./engine/build.mts";
import { downloadEngine } from "./engine/download.mts";
import { engineVersion, findOnPath, findVersionsFolder, isComplete } from "./engine/installed.mts";
import { makeInStaging, waitForOthers } from "./engine/staging.mts";
import { createProgress, type Progress, type Run } from "./engine/step.mts";

export interface EngineOptions {
  /** Gets each line of progress. Default: stderr. */
  log?: (line: string) => void;
}

const ways = [
  { name: "download", make: downloadEngine },
  { name: "build from Go modules", make: buildEngine },
];

/** All calls that a process makes at the same time share one set-up. */
let settingUp: Promise<void> | undefined;

/**
 * Returns the folder to put first on PATH: it holds `pulumi`, `pulumi-language-nodejs` and
 * `pulumi-resource-pulumi-nodejs`. The first call on a machine takes minutes, later calls less than a second.
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<string> {
  const progress = createProgress(options.log);
  const onPath = await findOnPath();
  for (const reason of onPath.refused) progress.say(`${reason}: not used.`);
  if (onPath.folder !== undefined) {
    progress.say(`Using Pulumi ${onPath.version ?? ""} on PATH: ${onPath.folder}`);
    return onPath.folder;
  }
  const versionsFolder = findVersionsFolder();
  const bin = join(versionsFolder, engineVersion, "bin");
  if (await isComplete(bin)) {
    progress.say(`Using Pulumi ${engineVersion}: ${bin}`);
    return bin;
  }
  progress.say(`No usable Pulumi on PATH or in ${bin}: setting it up, once.`);
  settingUp ??= interruptible(progress, (run) => setUp(versionsFolder, bin, run)).finally(() => {
    settingUp = undefined;
  });
  await settingUp;
  progress.say(`Pulumi ${engineVersion} is ready: ${bin}`);
  return bin;
}

async function setUp(versionsFolder: string, bin: string, run: Run): Promise<void> {
  mkdirSync(versionsFolder, { recursive: true });
  await waitForOthers(versionsFolder, run);
  if (await isComplete(bin)) return;
  const failures: string[] = [];
  for (const { name, make } of ways) {
    try {
      await makeInStaging(versionsFolder, (home) => make(home, run));
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
      `The Pulumi engine ${engineVersion} could not be set up.`,
      ...failures,
      "One of these helps:",
      "  - install Pulumi (https://www.pulumi.com/docs/install/) and have it on PATH,",
      "  - let this machine reach the npm registry and get.pulumi.com (HTTPS_PROXY is used),",
      "  - or have Go (https://go.dev/doc/install) on PATH, and a Go module proxy in reach.",
      "Then run this again: the downloads of the build are kept.",
    ].join("\n"),
  );
}

/** Runs a task that ends its children and removes its files when a signal ends this process. */
async function interruptible(progress: Progress, task: (run: Run) => Promise<void>): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals) => {
    received = signal;
    progress.say(`${signal}: removing the unfinished engine.`);
    controller.abort(new Error(`The set-up of the Pulumi engine was ended by ${signal}.`));
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

async function main(): Promise<void> {
  try {
    console.log(await ensureEngine());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

// Older versions of Node do not know `import.meta.main`: with it the command would silently do nothing.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  void main();
}
