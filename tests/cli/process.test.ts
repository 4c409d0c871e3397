import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { compileCli } from "../compiledCli";

let built: string;

beforeAll(() => {
  built = compileCli();
});
afterAll(() => {
  rmSync(built, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(built, "cli/main.js"), ...args]);
}

function exitCode(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve) => {
    child.on("close", resolve);
  });
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends the emulator with exit code 0",
  async (signal) => {
    const child = start("emulator", "--port", "0");
    const ended = exitCode(child);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill(signal);
    expect(await ended).toBe(0);
  },
);

test("a wrong flag ends with exit code 2 and no stack trace", async () => {
  const child = start("emulator", "--host", "0.0.0.0");
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString("utf8");
  });
  expect(await exitCode(child)).toBe(2);
  expect(err).toMatch(/^error: The host 0\.0\.0\.0 is not loopback[^\n]*\n$/);
});
