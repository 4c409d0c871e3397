import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";

import { runCli } from "../../cli/program";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { createBackup, describeBackups } from "../../provider/vendor/actions/backups";
import { CdsClient } from "../../provider/vendor/client";
import { createInstance } from "../../provider/vendor/actions/instances";
import { bytes, fileOfSize, rdbFile, text } from "../provider/download/rdbBuilder";
import { SETTING_NAMES } from "../settingNames";

/** No output may hold any of it. */
const KEY = { id: "canary-access-key-id", secret: "canary-access-key-secret" };
const ENV = { CDS_SECRET_ID: KEY.id, CDS_SECRET_KEY: KEY.secret };
const CLUSTER_OF_8_GB = 8063;

interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

let folder: string;
const running: Emulator[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-cli-"));
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const emulator of running.splice(0)) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = ENV,
  errTerminal?: NodeJS.WritableStream,
  input: readonly Uint8Array[] = [],
): Promise<Run> {
  const printed = { out: "", err: "" };
  const exitCode = await runCli(["backups", ...args], {
    out: (said) => void (printed.out += said),
    err: (said) => void (printed.err += said),
    env,
    untilStopped: () => Promise.resolve(),
    input: () => Readable.from(input),
    ...(errTerminal === undefined ? {} : { errTerminal }),
  });
  expect(printed.out + printed.err).not.toMatch(/canary|token=/);
  if (exitCode !== 0) expect(printed.err).toMatch(/(^|\n)error: [^\n]+\n$/);
  return { exitCode, ...printed };
}

async function vendor(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    ...{ accessKeyId: KEY.id, accessKeySecret: KEY.secret },
    ...{ deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 },
    ...options,
  });
  running.push(emulator);
  return emulator;
}

/** A cluster with backups. Gives its id and the BackupIds. */
async function cluster(
  { url }: Emulator,
  backups = 1,
  instanceName = "cache",
): Promise<{ instanceId: string; backupIds: string[] }> {
  const client = new CdsClient({
    settingNames: SETTING_NAMES,
    endpoint: url,
    credentials: { accessKeyId: KEY.id, accessKeySecret: KEY.secret },
  });
  const request = {
    ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", instanceName },
    ...{ paasGoodsId: CLUSTER_OF_8_GB, password: "Canary_1234" },
  };
  const [instanceId = ""] = await createInstance(client, request, 30_000);
  for (let count = 0; count < backups; count++)
    await createBackup(client, instanceId, `${count}`, 30_000);
  const entries = await describeBackups(client, instanceId);
  return { instanceId, backupIds: entries.map(({ backupId }) => backupId) };
}

describe("cds-redis backups list", () => {
  test("shows the backups of an instance as a table, by name or id", async () => {
    const emulator = await vendor();
    const { instanceId, backupIds } = await cluster(emulator, 2);
    const { exitCode, out } = await run([
      "list",
      "--instance",
      "cache",
      "--endpoint",
      emulator.url,
    ]);
    expect(exitCode).toBe(0);
    const [head = "", ...lines] = out.trimEnd().split("\n");
    expect(head).toMatch(/^STARTED +STATUS +SIZE +ENTRIES$/);
    const rows = lines.filter((line) => !line.startsWith("  "));
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatch(/^\S+\+08:00 +finished +\d+ B +2$/);
    // Both may start in the same second.
    expect(lines.filter((line) => line.startsWith("  description: ")).sort()).toEqual([
      "  description: 0",
      "  description: 1",
    ]);
    for (const id of backupIds) expect(out).toContain(id);
    const byId = await run(["list", "--instance", instanceId, "--endpoint", emulator.url]);
    expect(byId.out).toBe(out);
  });

  test("of an instance that is not there names those that are", async () => {
    const emulator = await vendor();
    const { instanceId } = await cluster(emulator, 0);
    const { exitCode, err } = await run([
      "list",
      "--instance",
      "other",
      "--endpoint",
      emulator.url,
    ]);
    expect([exitCode, err]).toEqual([
      2,
      `error: the account has no instance with the id or name "other"; there are: cache (${instanceId}).\n`,
    ]);
  });

  test("without a key, or with one that is refused, says which variables to set", async () => {
    const { url } = await vendor();
    const none = await run(["list", "--instance", "cache", "--endpoint", url], {});
    expect([none.exitCode, none.err]).toEqual([
      2,
      expect.stringMatching("no access key: set CDS_SECRET_ID"),
    ]);
    const wrong = await run(["list", "--instance", "cache", "--endpoint", url], {
      ...ENV,
      CDS_SECRET_KEY: "wrong",
    });
    expect([wrong.exitCode, wrong.err]).toEqual([
      1,
      expect.stringMatching("Check the access key: CDS_SECRET_ID"),
    ]);
  });

  test.each([
    [["list"]],
    [["download"]],
    [["verify"]],
    [["download", "--instance", "x", "--latest", "--backup", "y"]],
  ])("%j is a wrong use, told in a line", async (args) => {
    const { exitCode, err } = await run(args);
    expect([exitCode, err.trim().split("\n")]).toEqual([2, [expect.stringMatching("^error: ")]]);
  });
});

describe("cds-redis backups download", () => {
  test("writes all shards of the backup of an entry, and what they are", async () => {
    const emulator = await vendor();
    const { instanceId, backupIds } = await cluster(emulator);
    const out = join(folder, "out");
    const flags = ["--endpoint", emulator.url, "--out", out];
    const wanted = ["--backup", backupIds[1] ?? ""];
    const done = await run(["download", "--instance", instanceId, ...wanted, ...flags]);
    expect(done.exitCode).toBe(0);
    expect(readdirSync(out).sort()).toEqual(
      [...backupIds.map((id) => `${id}.rdb`), "backup.json"].sort(),
    );
    const lines = done.out.trimEnd().split("\n");
    expect(lines).toHaveLength(backupIds.length);
    for (const line of lines)
      expect(line).toMatch(/\.rdb: \d.* B, .*checksum (verified|not checked: the file has none)$/);
    for (const id of backupIds)
      expect(done.err).toMatch(new RegExp(`^${id} \\(\\d of ${backupIds.length}\\): 100 %, `, "m"));
    expect(readFileSync(join(out, "backup.json"), "utf8")).not.toMatch("token");
    const { requests } = emulator;
    const before = requests.length;
    expect((await run(["download", "--instance", instanceId, ...wanted, ...flags])).out).toBe(
      done.out,
    );
    expect(requests.slice(before).map(({ action }) => action)).not.toContain("DownloadBackup");
  });

  test("into a folder of the instance's name and the backup's time by default", async () => {
    const emulator = await vendor();
    await cluster(emulator, 2, "../my cache");
    const before = process.cwd();
    process.chdir(folder);
    try {
      const args = ["download", "--instance", "../my cache", "--latest"];
      const { exitCode, out } = await run([...args, "--endpoint", emulator.url]);
      expect([exitCode, readdirSync(folder)]).toEqual([
        0,
        [expect.stringMatching(/^-my-cache-\d{8}T\d{6}$/)],
      ]);
      expect(out).toMatch(/^-my-cache-\d{8}T\d{6}\/\S+\.rdb: /);
    } finally {
      process.chdir(before);
    }
  });

  test("draws a bar where standard error is a terminal", async () => {
    const emulator = await vendor();
    const { instanceId } = await cluster(emulator);
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    let drawn = "";
    terminal.on("data", (piece: Buffer) => (drawn += piece.toString()));
    const args = ["download", "--instance", instanceId, "--latest", "--out", folder];
    const { exitCode, err } = await run([...args, "--endpoint", emulator.url], ENV, terminal);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(drawn).toMatch("100 %");
    expect(drawn).not.toMatch(/token|canary/);
  });

  test("of a backup that is not finished is refused with its status", async () => {
    const emulator = await vendor({ backupSeconds: 1000 });
    const { instanceId, backupIds } = await cluster(emulator);
    const flags = ["--instance", instanceId, "--endpoint", emulator.url, "--out", folder];
    const { exitCode, err } = await run(["download", "--backup", backupIds[0] ?? "", ...flags]);
    expect([exitCode, err]).toEqual([
      2,
      expect.stringMatching(/is not finished: its status is "\w+"/),
    ]);
    expect((await run(["download", "--latest", ...flags])).err).toMatch(
      "has no finished backup. There are: ",
    );
  });

  test("takes the latest that has all shards; of one that lacks some it says so", async () => {
    const emulator = await vendor();
    const { instanceId, backupIds } = await cluster(emulator, 2);
    const first = backupIds.slice(0, backupIds.length / 2);
    const [lost = "", kept = ""] = backupIds.slice(first.length);
    emulator.store.removeBackup(lost);
    const flags = ["--instance", instanceId, "--endpoint", emulator.url, "--out"];
    const latest = await run(["download", "--latest", ...flags, join(folder, "latest")]);
    expect(latest.exitCode).toBe(0);
    for (const id of first) expect(latest.out).toContain(id);
    const asked = await run(["download", "--backup", kept, ...flags, join(folder, "asked")]);
    expect([asked.exitCode, asked.err]).toEqual([
      0,
      expect.stringMatching(/^note: .*lacks a shard/),
    ]);
  });

  test("of one of several, or of none, says what there is", async () => {
    const emulator = await vendor();
    const { instanceId, backupIds } = await cluster(emulator, 2);
    const flags = ["--instance", instanceId, "--endpoint", emulator.url, "--out", folder];
    const several = await run(["download", ...flags]);
    expect([several.exitCode, several.err]).toEqual([
      2,
      expect.stringMatching("has 2 backups: say --backup or --latest"),
    ]);
    expect(several.err).toContain(backupIds[0]);
    const none = await run(["download", "--backup", "nothing", ...flags]);
    expect([none.exitCode, none.err]).toEqual([
      2,
      expect.stringMatching('has no backup "nothing"'),
    ]);
  });

  test("that can't be written is an error in a line", async () => {
    const emulator = await vendor();
    const { instanceId } = await cluster(emulator);
    const out = join(folder, "file");
    writeFileSync(out, "");
    const flags = ["--instance", instanceId, "--endpoint", emulator.url, "--out", out];
    const { exitCode, err } = await run(["download", "--latest", ...flags]);
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching(/^error: .*file is a file where a folder is needed/),
    ]);
  });
});

describe("cds-redis backups verify", () => {
  const file = (name: string, content: Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test("says what a whole file is", async () => {
    const small = file("small.rdb", rdbFile([0, text("k"), text("v")]));
    const padded = file("padded.rdb", bytes(rdbFile([], { redisVersion: "9.0.0" }), "\0\0\0"));
    const large = file("large.rdb", fileOfSize(300_000));
    const { exitCode, out, err } = await run(["verify", small, padded, large], {});
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      `${small}: whole, 40 B, Redis 7.2.4, checksum verified`,
      `${padded}: whole, 38 B, Redis 9.0.0, 3 B behind the end of the data, checksum verified`,
      `${large}: whole, 294 KiB, Redis 7.2.4, checksum verified`,
      "",
    ]);
  });

  test.each(["-", "/dev/stdin"])("reads standard input: %s", async (name) => {
    const whole = fileOfSize(3_000_000);
    const pieces = [whole.subarray(0, 7), whole.subarray(7, 100_000), whole.subarray(100_000)];
    const { exitCode, out } = await run(["verify", name], {}, undefined, pieces);
    expect([exitCode, out]).toEqual([
      0,
      `${name}: whole, 2.9 MiB, Redis 7.2.4, checksum verified\n`,
    ]);
    const cut = await run(["verify", name], {}, undefined, pieces.slice(0, 2));
    expect([cut.exitCode, cut.out]).toEqual([
      1,
      expect.stringMatching("cut off or altered: its 100000 bytes do not end"),
    ]);
    const none = await run(["verify", name], {});
    expect([none.exitCode, none.out]).toEqual([1, expect.stringMatching("not an RDB file")]);
  });

  test("exits with 1 when a file has no checksum, and does not call it whole", async () => {
    const unchecked = file("unchecked.rdb", rdbFile([], { checksum: "none", redisVersion: "" }));
    const { exitCode, out, err } = await run(["verify", unchecked], {});
    expect([exitCode, err]).toEqual([1, "error: 1 of 1 file is not proven whole.\n"]);
    expect(out).toBe(`${unchecked}: 18 B, checksum not checked: the file has none\n`);
  });

  test("exits with 1 when one is not whole", async () => {
    const whole = rdbFile([]);
    const good = file("good.rdb", whole);
    const cut = file("cut.rdb", whole.subarray(0, 20));
    const altered = file("altered.rdb", bytes(whole.subarray(0, -1), "x"));
    const { exitCode, out, err } = await run(["verify", good, cut, altered], {});
    expect([exitCode, err]).toEqual([1, "error: 2 of 3 files are not proven whole.\n"]);
    expect(out).toMatch(`${cut}: cut off or altered: its 20 bytes do not end with`);
    expect(out).toMatch(`${altered}: cut off or altered: its ${whole.length} bytes do not end`);
  });

  test("exits with 2 when one can't be read", async () => {
    const missing = join(folder, "missing.rdb");
    const { exitCode, out } = await run(["verify", missing, folder], {});
    expect(exitCode).toBe(2);
    expect(out).toMatch(`${missing}: can't be read: there is no such file\n`);
    expect(out).toMatch(`${folder}: can't be read: it is a folder: give the files in it`);
  });
});
