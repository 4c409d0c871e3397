import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, readlinkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET } from "../../emulator";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";
import { compileCli } from "../compiledCli";
import { describeOnLinuxWithRedis, isRunning, until } from "./redisEmulator";
import { ORDER } from "./virtualEmulator";

jest.setTimeout(20_000);

let built: string;

// The command in a process of its own, whose end is the matter here; the build has the type checker.
beforeAll(() => {
  built = compileCli();
});
afterAll(() => {
  rmSync(built, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly pid: number;
  readonly folder: string;
  readonly printed: () => string;
}

/** Runs a script that prints the emulator's URL, and orders an instance of it. */
async function withInstance(...args: string[]): Promise<Running> {
  // A group of its own, as a terminal makes one of what it runs.
  const child = spawn(process.execPath, args, { detached: true });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString("utf8");
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (code, signal) => {
      resolve(code ?? signal);
    });
  });
  await until(() => printed.includes("Ctrl-C") || child.exitCode !== null);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? "";
  const credentials = {
    accessKeyId: DEFAULT_ACCESS_KEY_ID,
    accessKeySecret: DEFAULT_ACCESS_KEY_SECRET,
  };
  const timestamp = formatTimestamp(Date.now());
  const call = { action: "CreateDBInstance", method: "POST", params: {}, nonce: "n", timestamp };
  const query = signedQuery({ ...call, method: "POST" }, credentials);
  await fetch(`${url}/redis/?${query}`, { method: "POST", body: JSON.stringify(ORDER) });
  const started = /started on .* pid (\d+)/;
  await until(() => started.test(printed));
  const pid = Number(started.exec(printed)?.[1]);
  const folder = dirname(dirname(readlinkSync(`/proc/${pid}/cwd`)));
  return { child, ended, pid, folder, printed: () => printed };
}

describeOnLinuxWithRedis("however the emulator ends, its servers and files are gone", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s to the command", async (signal) => {
    const { child, ended, pid, folder, printed } = await withInstance(
      join(built, "cli/main.js"),
      ...["emulator", "--port", "0", "--redis"],
    );
    expect(printed()).toMatch(/^Each instance runs \/.*redis-server on this machine/m);
    // Ctrl-C reaches all of the group, SIGTERM mostly the one.
    process.kill(signal === "SIGINT" ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    expect(await ended).toBe(0);
    expect(printed()).not.toContain("is gone");
    expect([isRunning(pid), existsSync(folder)]).toEqual([false, false]);
    expect(printed()).toContain("redis-server ended on");
  });

  test.each(["SIGHUP", "SIGKILL"] as const)("%s, which it can do nothing at", async (signal) => {
    const { child, ended, pid, folder } = await withInstance(
      join(built, "cli/main.js"),
      ...["emulator", "--port", "0", "--redis"],
    );
    child.kill(signal);
    expect(await ended).toBe(signal);
    await until(() => !isRunning(pid) && !existsSync(folder));
  });

  test("a program that exits without close()", async () => {
    const script = `
      const { startEmulator } = require(${JSON.stringify(join(built, "emulator"))});
      startEmulator({ redis: true, log: console.log }).then(({ url }) => console.log(url, "Ctrl-C"));
      process.stdin.once("data", () => process.exit(7));`;
    const { child, ended, pid, folder } = await withInstance("-e", script);
    child.stdin.write("exit\n");
    expect(await ended).toBe(7);
    // The folder goes before the process does.
    expect(existsSync(folder)).toBe(false);
    await until(() => !isRunning(pid));
  });
});
