import {
  execFileSync,
  spawn,
  spawnSync,
  type ChildProcessWithoutNullStreams,
} from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { version } from "../../package.json";
import { startEmulator, type Emulator } from "../../emulator";
import { createBackup } from "../../provider/vendor/actions/backups";
import { createInstance } from "../../provider/vendor/actions/instances";
import { CdsClient } from "../../provider/vendor/client";
import { compileCli } from "../compiledCli";
import { fileOfSize } from "../provider/download/rdbBuilder";
import { SETTING_NAMES } from "../settingNames";

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

test("a reader that closes the pipe gets no stack trace, and the command ends as after SIGPIPE", () => {
  const command = '"$NODE" cli/main.js emulator --help | true; echo "${PIPESTATUS[0]}"';
  const { stdout, stderr } = spawnSync("bash", ["-c", `for _ in 1 2 3; do ${command}; done`], {
    ...{ cwd: built, encoding: "utf8", env: { ...process.env, NODE: process.execPath } },
  });
  expect([stdout, stderr]).toEqual(["141\n141\n141\n", ""]);
});

test("--version prints the version of the package", () => {
  expect(execFileSync(process.execPath, [join(built, "cli/main.js"), "--version"]).toString()).toBe(
    `${version}\n`,
  );
});

describe("commands that read accounts and states", () => {
  const RUN = [
    '"$NODE" cli/main.js emulator --port 0 >address 2>calls & EMULATOR=$!',
    'trap "kill $EMULATOR" EXIT',
    "until grep -qs http address; do sleep 0.1; done",
    'export CDS_ENDPOINT=$(grep -o "http://[^ ]*" address | head -1)',
    "export CDS_SECRET_ID=EMULATOR-ACCESS-KEY-ID CDS_SECRET_KEY=emulator-access-key-secret-not-a-real-one",
  ].join("\n");
  const shell = (command: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync("bash", ["-c", `${RUN}\n${command}`], {
      cwd: built,
      encoding: "utf8",
      env: { ...process.env, NODE: process.execPath },
    });

  test("adopt says that an empty account has nothing to take over", () => {
    const { status, stdout, stderr } = shell('"$NODE" cli/main.js adopt');
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("error: there is no instance, so nothing was written; there are: none.\n");
  });

  test("orphans reads exports from a pipe", () => {
    const { status, stdout } = shell(
      'printf %s \'{"deployment":{}}{"deployment":{}}\' | "$NODE" cli/main.js orphans',
    );
    expect([status, stdout]).toEqual([0, "No orphans (2 exports read).\n"]);
  });

  test("from-terraform reads a state from a pipe", () => {
    const { status, stderr } = shell(
      'echo \'{"version":4,"resources":[]}\' | "$NODE" cli/main.js from-terraform -',
    );
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: standard input has no /)]);
  });
});

describe("against the emulator, in a process of its own", () => {
  const CREDENTIALS = { CDS_SECRET_ID: "canary-id", CDS_SECRET_KEY: "canary-secret" };
  let emulator: Emulator;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    emulator = await startEmulator({
      ...{ accessKeyId: CREDENTIALS.CDS_SECRET_ID, accessKeySecret: CREDENTIALS.CDS_SECRET_KEY },
      ...{ deliverySeconds: 0, backupSeconds: 0 },
    });
    env = { PATH: process.env["PATH"], ...CREDENTIALS, CDS_ENDPOINT: emulator.url };
    const client = new CdsClient({
      ...{ endpoint: emulator.url, settingNames: SETTING_NAMES },
      credentials: {
        accessKeyId: CREDENTIALS.CDS_SECRET_ID,
        accessKeySecret: CREDENTIALS.CDS_SECRET_KEY,
      },
    });
    const place = { regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" };
    const what = { instanceName: "cache", paasGoodsId: 8063, password: "Canary_1234" };
    const [instanceId = ""] = await createInstance(client, { ...place, ...what }, 30_000);
    await createBackup(client, instanceId, "nightly", 30_000);
  });
  afterAll(() => emulator.close());

  async function run(
    args: readonly string[],
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [join(built, "cli/main.js"), ...args], { env });
    const [out, err, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      exitCode(child),
    ]);
    expect(out + err).not.toMatch(/canary|Signature/i);
    return { code, out, err };
  }

  test.each([
    [["instances", "list"], /^cache +RUNNING +CN_Hongkong_A/m],
    [["networks", "list"], /^ {2}cache +ok +\d+ +pipe-1$/m],
    [["backups", "list", "--instance", "cache"], /^ {2}description: nightly$/m],
  ])("%j ends with exit code 0, and says nothing else", async (args, expected) => {
    const { code, out, err } = await run(args);
    expect([code, out, err]).toEqual([0, expect.stringMatching(expected), ""]);
    const json = await run([...args, "--json"]);
    expect([json.code, json.err, typeof JSON.parse(json.out)]).toEqual([0, "", "object"]);
  });

  test("doctor says what stands between this machine and the emulator", async () => {
    const { code, out, err } = await run(["doctor"]);
    // Whether Node.js and Pulumi are supported is this machine's affair.
    expect([code, err !== ""]).toEqual(out.includes("FAILED") ? [1, true] : [0, false]);
    for (const name of ["proxy", "endpoint", "clock", "key", "region", "networks"])
      expect(out).toMatch(new RegExp(`^ok +${name} `, "m"));
  });

  test("CDS_LOG=debug writes to CDS_LOG_FILE, for the owner alone", async () => {
    const file = join(built, "calls.log");
    Object.assign(env, { CDS_LOG: "debug", CDS_LOG_FILE: file });
    expect((await run(["instances", "list"])).err).toBe("");
    expect((await run(["networks", "list"])).err).toBe("");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const log = readFileSync(file, "utf8");
    expect(log).toMatch(
      /^time=\S+ action=DescribeDBInstances status=200 code=Success taskId=\S+ ms=\d+ attempt=1\ntime=\S+ action=DescribeVdc /,
    );
    expect(log).not.toMatch(/canary|Signature|\?/i);
    Object.assign(env, { CDS_LOG_FILE: "" });
    expect((await run(["instances", "list"])).err).toMatch(/^time=[^\n]*\n$/);
  });
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
