import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transformFileSync } from "@swc/core";

const ROOT = join(__dirname, "../..");
let built: string;

// Without the type checker, which the build has: only to have something for node to run.
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), "cds-redis-built-"));
  for (const folder of ["cli", "emulator", "provider", "sdk"]) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      const [source, target] = [join(ROOT, folder, name), join(built, folder, name)];
      mkdirSync(dirname(target), { recursive: true });
      if (name.endsWith(".json")) copyFileSync(source, target);
      if (!name.endsWith(".ts")) continue;
      const { code } = transformFileSync(source, {
        jsc: { target: "es2023", parser: { syntax: "typescript" } },
        module: { type: "commonjs" },
      });
      writeFileSync(target.replace(/\.ts$/, ".js"), code);
    }
  }
  symlinkSync(join(ROOT, "node_modules"), join(built, "node_modules"));
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
