import {
  execFileSync,
  spawn,
  spawnSync,
  type ChildProcessWithoutNullStreams,
} from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { version } from "../../package.json";
import { compileCli } from "../compiledCli";
import { fileOfSize } from "../provider/download/rdbBuilder";

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

test("--version prints the version of the package", () => {
  expect(execFileSync(process.execPath, [join(built, "cli/main.js"), "--version"]).toString()).toBe(
    `${version}\n`,
  );
});

describe("backups verify", () => {
  const verify = (command: string): { status: number | null; stdout: string } =>
    spawnSync("bash", ["-c", command], {
      cwd: built,
      encoding: "utf8",
      env: { ...process.env, RDB: join(built, "dump.rdb"), NODE: process.execPath },
    });

  beforeAll(() => {
    writeFileSync(join(built, "dump.rdb"), fileOfSize(3_000_000));
  });

  test.each([
    ["a pipe", "-", 'cat "$RDB" | "$NODE" cli/main.js backups verify -'],
    [
      "standard input by its name",
      "/dev/stdin",
      'cat "$RDB" | "$NODE" cli/main.js backups verify /dev/stdin',
    ],
    ["a process substitution", "/dev/fd/", '"$NODE" cli/main.js backups verify <(cat "$RDB")'],
    [
      "a named pipe",
      "pipe",
      'mkfifo pipe; cat "$RDB" >pipe & "$NODE" cli/main.js backups verify pipe',
    ],
  ])("reads %s", (_, name, command) => {
    const { status, stdout } = verify(command);
    expect(stdout).toMatch(/: whole, 2\.9 MiB, Redis 7\.2\.4, checksum verified\n$/);
    expect([status, stdout.startsWith(name)]).toEqual([0, true]);
  });

  test("ends a pipe of rubbish at its beginning", () => {
    const { status, stdout } = verify('"$NODE" cli/main.js backups verify - </dev/zero');
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^-: not an RDB file/)]);
  });
});
