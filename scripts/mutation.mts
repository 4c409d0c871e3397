/**
 * Shows that the tests pass in a copy of the project, then removes each guard of
 * `mutation/guards.mts` there and shows that a test fails for it. With arguments only the guards whose name contains one.
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";

import type { Guard } from "./mutation/guard.mts";
import { GUARDS } from "./mutation/guards.mts";

const root = resolve(import.meta.dirname, "..");
const COPIED = ["provider", "sdk", "emulator", "cli", "tests", "package.json", "jest.config.mjs"];
/** The quick tests first: the table of faults is asked only about what they don't notice. */
const STAGES = ["tests/provider/(lifecycle|client|download)/", "tests/faults/"];
/** A task that goes on and on is noticed, too. */
const LIMIT_MS = 300_000;

const only = process.argv.slice(2);
const guards = GUARDS.filter(
  ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
);
const waiting = [...guards];
const survivors: string[] = [];
let whole: Promise<boolean> | undefined;
await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${guards.length} guards removed, ${survivors.length} not missed by any test`);
process.exitCode = survivors.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), "cds-mutation-"));
  try {
    for (const name of COPIED) await cp(join(root, name), join(copy, name), { recursive: true });
    await symlink(join(root, "node_modules"), join(copy, "node_modules"));
    whole ??= passes(copy);
    if (!(await whole)) throw new Error("tests fail with every guard in place: mend them first");
    for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
      const isCaught = await removed(copy, guard);
      console.log(`${isCaught ? "caught  " : "SURVIVED"}  ${guard.name}`);
      if (!isCaught) survivors.push(guard.name);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Whether a test fails without the guard. */
async function removed(copy: string, { name, file, guard, without }: Guard): Promise<boolean> {
  const path = join(copy, file);
  const text = await readFile(path, "utf8");
  if (text.split(guard).length !== 2)
    throw new Error(`${name}: the guard must occur once in ${file}: ${guard}`);
  await writeFile(
    path,
    text.replace(guard, () => without),
  );
  try {
    return !(await passes(copy));
  } finally {
    await writeFile(path, text);
  }
}

async function passes(copy: string): Promise<boolean> {
  for (const tests of STAGES) if (!(await pass(copy, tests))) return false;
  return true;
}

function pass(copy: string, tests: string): Promise<boolean> {
  const jest = join(root, "node_modules/jest/bin/jest.js");
  const args = ["--selectProjects", "fast", "--testPathPatterns", tests, "--bail", "--runInBand"];
  const child = spawn(process.execPath, [jest, ...args], {
    cwd: copy,
    stdio: "ignore",
    timeout: LIMIT_MS,
  });
  return new Promise((end) => {
    child.on("close", (code) => {
      end(code === 0);
    });
  });
}
