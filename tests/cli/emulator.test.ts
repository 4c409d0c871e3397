import { Readable } from "node:stream";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import type { CliIo } from "../../cli/io";
import { runCli } from "../../cli/program";
import { endpointUrl } from "../../provider/core/configuration";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line. `whileRunning` gets the output of the start; after it the command is stopped. */
async function run(
  args: readonly string[],
  whileRunning: (out: string) => Promise<void> = () => Promise.resolve(),
  env: Record<string, string> = {},
): Promise<Run> {
  let [out, err] = ["", ""];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  let printed: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (printed = resolve));
  const io: CliIo = {
    out: (text) => {
      out += text;
      printed();
    },
    err: (text) => {
      err += text;
    },
    env,
    untilStopped: () => stopped,
    input: () => Readable.from([]),
  };
  const finished = runCli(args, io);
  await Promise.race([started, finished]);
  try {
    if (/^(CDS Redis emulator|\{"url")/.test(out)) await whileRunning(out);
  } finally {
    stop();
  }
  return { exitCode: await finished, out, err };
}

function urlIn(out: string): string {
  return /^CDS Redis emulator: (\S+)$/m.exec(out)?.[1] ?? "";
}

describe("cds-redis emulator", () => {
  test("prints its URL and the commands to use it, logs requests to standard error, and ends when stopped", async () => {
    let url = "";
    const { exitCode, out, err } = await run(["emulator", "--port", "0"], async (printed) => {
      url = urlIn(printed);
      expect((await fetch(`${url}/redis/`)).status).toBe(400);
    });
    expect(exitCode).toBe(0);
    expect(out).toBe(`CDS Redis emulator: ${url}
Use it in a Pulumi stack:
  pulumi config set cds:endpoint ${url}
  pulumi config set --secret cds:accessKeyId EMULATOR-ACCESS-KEY-ID
  pulumi config set --secret cds:accessKeySecret emulator-access-key-secret-not-a-real-one
  (the plugin for YAML, Python and Go reads cds-redis: instead of cds:)
  pulumi config set vdcName hongkong && pulumi config set networkName cache
Use it in the commands, such as \`cds-redis doctor\`:
  export CDS_ENDPOINT=${url} CDS_SECRET_ID=EMULATOR-ACCESS-KEY-ID
  export CDS_SECRET_KEY=emulator-access-key-secret-not-a-real-one
See and change it in a browser on this machine: ${url}/
Make a call fail, from this machine (GET lists the kinds of faults, DELETE clears):
  curl -H 'Content-Type: application/json' -d '{"kind":"http-502"}' ${url}/_emulator/faults
Stop it with Ctrl-C.
`);
    expect(err).toMatch(
      /^\S+ GET - 400 ArgMissing \d+\.\d ms 1\/s "The parameter Action is missing."\n$/,
    );
    await expect(fetch(url)).rejects.toThrow();
  });

  test("--json is one line with what a client needs, and the log goes on to standard error", async () => {
    const stateFile = join(folder, "state.json");
    const args = ["emulator", "--port", "0", "--json", "--state-file", stateFile, "--seed", "x"];
    let url = "";
    const { exitCode, out, err } = await run(args, async (printed) => {
      ({ url } = JSON.parse(printed) as { url: string });
      await fetch(`${url}/redis/`);
    });
    expect([exitCode, out.split("\n").length]).toEqual([0, 2]);
    expect(err).toMatch(/^\S+ GET - 400 ArgMissing /);
    expect(JSON.parse(out)).toEqual({
      ...{ url, pageUrl: `${url}/`, faultsUrl: `${url}/_emulator/faults`, pid: process.pid },
      accessKeyId: "EMULATOR-ACCESS-KEY-ID",
      accessKeySecret: "emulator-access-key-secret-not-a-real-one",
      ...{ stateFile, redisCommand: null },
      options: {
        ...{ deliverySeconds: 10, deliveryJitter: 0, backupSeconds: 5, deleteSeconds: 5 },
        ...{ callsPerSecond: null, catalog: null, seed: "x", edition: "newer" },
        ...{ anyNetwork: false, publicUrl: null },
      },
    });
  });

  test("--json has an endpoint that can be called where all addresses are listened on", async () => {
    const args = ["emulator", "--port", "0", "--json", "--host", "0.0.0.0", "--allow-remote"];
    const { out } = await run(args, async (printed) => {
      const { url } = JSON.parse(printed) as { url: string };
      expect(endpointUrl(url, "cds:endpoint")).toBe(url);
      expect((await fetch(`${url}/redis/`)).status).toBe(400);
    });
    expect(out).toMatch(/^\{"url":"http:\/\/127\.0\.0\.1:\d+"/);
  });

  test("--json does not hold a secret that a person chose", async () => {
    const env = { CDS_EMULATOR_SECRET: "canary-own-secret" };
    const { out, err } = await run(["emulator", "--port", "0", "--json"], undefined, env);
    expect(JSON.parse(out)).toMatchObject({ accessKeySecret: null });
    expect(out + err).not.toContain("canary-own-secret");
  });

  test.each([
    ["a flag", ["--access-key-secret", "canary-own-secret"], {}],
    ["the environment", [], { CDS_EMULATOR_SECRET: "canary-own-secret" }],
  ])("does not print a secret given by %s", async (_how, flags, env) => {
    const args = ["emulator", "--port", "0", "--access-key-id", "my id", ...flags];
    const { exitCode, out, err } = await run(args, undefined, env);
    expect(exitCode).toBe(0);
    expect(out).toContain("cds:accessKeyId 'my id'");
    expect(out).toMatch(/cds:accessKeySecret\n.*asks for the secret/);
    expect(out + err).not.toContain("canary-own-secret");
  });

  test("takes faults by the command it prints, and refuses faults that a server cannot make", async () => {
    const { exitCode, err } = await run(["emulator", "--port", "0"], async (printed) => {
      const faultsUrl = /^ {2}curl .* (\S+)$/m.exec(printed)?.[1] ?? "";
      const add = async (kind: string): Promise<number> => {
        const headers = { "Content-Type": "application/json" };
        const body = JSON.stringify({ kind });
        return (await fetch(faultsUrl, { method: "POST", headers, body })).status;
      };
      expect([await add("http-502"), await add("dns")]).toEqual([200, 400]);
      const url = urlIn(printed);
      expect((await fetch(`${url}/redis/?Action=DescribeRegins`)).status).toBe(502);
    });
    expect([exitCode, err]).toEqual([
      0,
      expect.stringMatching(/^\S+ GET DescribeRegins 502 - \d+\.\d ms 1\/s fault=http-502\n$/),
    ]);
  });

  test("keeps its state in a file when asked", async () => {
    const file = join(folder, "state.json");
    await run(["emulator", "--port", "0", "--state-file", file]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ instances: [], backups: [] });
  });

  test("takes every flag", async () => {
    const catalog = join(folder, "catalog.json");
    writeFileSync(catalog, readFileSync(join(__dirname, "../../sdk/catalog.json")));
    const { exitCode, err } = await run(
      (
        "emulator --port 0 --host 127.0.0.1 --allow-remote --delivery-seconds 0.5 --delivery-jitter 0.2 " +
        "--backup-seconds 1 --delete-seconds 1 --seed demo --edition first --catalog"
      )
        .split(" ")
        .concat(catalog),
    );
    expect([exitCode, err]).toEqual([0, ""]);
  });

  test.each([
    ["a redis-server on PATH", []],
    ["a named program", ["server-of-mine"]],
  ])("runs %s when asked, and says so", async (_what, named) => {
    const program = join(folder, named[0] ?? "redis-server");
    for (const file of [program, join(folder, "redis-cli")]) {
      writeFileSync(file, "#!/bin/sh\n", { mode: 0o700 });
    }
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    const { exitCode, out } = await run(["emulator", "--port", "0", "--redis", ...named]);
    process.env["PATH"] = path;
    expect(exitCode).toBe(0);
    expect(out).toContain(`Each instance runs ${program} on this machine`);
  });

  test("says how to install a redis-server when there is none, and runs without", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    const { exitCode, out, err } = await run(["emulator", "--port", "0", "--redis"]);
    process.env["PATH"] = path;
    expect([exitCode, err.split("\n").length]).toEqual([0, 3]);
    expect(err).toContain("apt-get install redis-server");
    expect(out).not.toContain("Each instance runs");
  });

  test.each([
    [["--redis", "--state-file", "/nowhere/state.json"], "exclude each other"],
    [["--redis", "/nowhere/redis-server"], "/nowhere/redis-server"],
    [["--port", "redis"], "--port"],
    [["--port", "70000"], "0 to 65535"],
    [["--delivery-seconds", "-1"], "--delivery-seconds"],
    [["--delivery-seconds", "soon"], "number of seconds"],
    [["--delivery-jitter", "2"], "0 to 1"],
    [["--edition", "second"], "first, newer"],
    [["--host", "0.0.0.0"], "--allow-remote"],
    [["--catalog", "/nowhere/catalog.json"], "/nowhere/catalog.json"],
    [["--state-file", __filename], "is not JSON"],
    [["--unknown"], "--unknown"],
  ])("%j: one clear line and exit code 2", async (flags, reason) => {
    const { exitCode, out, err } = await run(["emulator", "--port", "0", ...flags]);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(reason);
    expect(err).toMatch(/^error: [^\n]*\n$/);
  });

  test("a port in use is named", async () => {
    const other = await startEmulator();
    try {
      const { port } = new URL(other.url);
      const { exitCode, err } = await run(["emulator", "--port", port]);
      expect(exitCode).toBe(2);
      expect(err).toMatch(new RegExp(`^error: .*port ${port} is in use.*\\n$`));
    } finally {
      await other.close();
    }
  });

  test("--help succeeds, an unknown command does not", async () => {
    const help = await run(["emulator", "--help"]);
    expect([help.exitCode, help.err]).toEqual([0, ""]);
    expect(help.out).toContain("--state-file <file>");
    expect(await run(["emulate"])).toMatchObject({ exitCode: 2, out: "" });
  });
});
