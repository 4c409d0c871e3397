import { Readable } from "node:stream";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCli } from "../../cli/program";
import { startEmulator, type Emulator } from "../../emulator";
import { FAKE_SECRETS } from "../../scripts/recordedProject.mts";

/**
 * The folder of a backup of two shards that release 0.1.0 had downloaded, one of whose files was lost: the run that
 * fetched that file again was killed. `files/` has what the vendor gives.
 */
const RECORDED = join(__dirname, "../engine/states/0.1.0-final/download");

let folder: string;
let left: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-left-"));
  left = join(folder, "left");
  await cp(RECORDED, folder, { recursive: true });
  emulator = await startEmulator({
    accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
    accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
    deliverySeconds: 0,
    stateFile: join(folder, "vendor.json"),
  });
  // The files were of real servers, which this emulator doesn't run.
  jest.spyOn(emulator.store, "backupFile").mockImplementation((backupId) => {
    const files = readdirSync(join(folder, "files"));
    const file = files.find((name) => name === `${backupId}.rdb`) ?? files[0] ?? "";
    const path = join(folder, "files", file);
    return { path, start: 0, length: statSync(path).size };
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const exitCode = await runCli(["backups", ...args], {
    out: (said) => void (printed.out += said),
    err: (said) => void (printed.err += said),
    env: {
      CDS_SECRET_ID: FAKE_SECRETS["cds:accessKeyId"],
      CDS_SECRET_KEY: FAKE_SECRETS["cds:accessKeySecret"],
    },
    untilStopped: () => Promise.resolve(),
    input: () => Readable.from([]),
  });
  return { exitCode, ...printed };
}

function download(): ReturnType<typeof run> {
  const instance = emulator.store.instances()[0]?.instanceUuid ?? "";
  const where = ["--endpoint", emulator.url, "--out", left];
  return run("download", "--instance", instance, "--latest", ...where);
}

test("goes on: the stale lock is taken, the whole file kept, the half one completed", async () => {
  const names = readdirSync(join(folder, "files"));
  const manifest: unknown = JSON.parse(readFileSync(join(left, "backup.json"), "utf8"));
  expect(existsSync(join(left, ".downloading"))).toBe(true);
  const { exitCode, out, err } = await download();
  expect({ exitCode, err }).toMatchObject({ exitCode: 0 });
  for (const name of names) {
    expect(out).toContain(name);
    const whole = readFileSync(join(folder, "files", name));
    expect(readFileSync(join(left, name)).equals(whole)).toBe(true);
  }
  expect(readdirSync(left).sort()).toEqual([...names, "backup.json"].sort());
  // One file alone was asked for, from where it ended.
  expect(emulator.requests.filter(({ action }) => action === "BackupFile")).toMatchObject([
    { status: 206 },
  ]);
  // A later release may tell other things of a file than its proof.
  const { instanceId, entries } = manifest as Manifest;
  const proofs = entries.map(({ file, backupId, shardId, sizeBytes, sha256, checksum }) => {
    return { file, backupId, shardId, sizeBytes, sha256, checksum };
  });
  const now = JSON.parse(readFileSync(join(left, "backup.json"), "utf8")) as Manifest;
  expect(now).toMatchObject({ instanceId, entries: proofs });
});

test("a folder of another backup is refused, and left as it is", async () => {
  const [instance] = emulator.store.instances();
  emulator.store.createBackup(instance?.instanceUuid ?? "", "another");
  const before = readdirSync(left);
  const { exitCode, err } = await download();
  expect(exitCode).toBe(1);
  expect(err).toContain("is of another backup: name another folder");
  expect(readdirSync(left)).toEqual(before.filter((name) => name !== ".downloading"));
});

test("the recorded files are whole, and the half one is not", async () => {
  const files = readdirSync(join(folder, "files")).map((name) => join(folder, "files", name));
  expect(await run("verify", ...files)).toMatchObject({ exitCode: 0 });
  const part = readdirSync(left).find((name) => name.endsWith(".part")) ?? "";
  expect(await run("verify", join(left, part))).toMatchObject({ exitCode: 1 });
});

interface Manifest {
  readonly instanceId: string;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}
