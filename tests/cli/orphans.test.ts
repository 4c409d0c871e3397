import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { documentsIn } from "../../cli/orphans/stacks";
import type { Emulator } from "../../emulator";
import { canaryEmulator, environmentOf, orderAt, runCommand } from "./adoptRun";
import type { Run } from "./captured";

const DYNAMIC = "pulumi-nodejs:dynamic/cds:RedisInstance";
const PLUGIN = "cds-redis:index:RedisInstance";
const DYNAMIC_BACKUP = "pulumi-nodejs:dynamic/cds:RedisBackup";
const PLUGIN_BACKUP = "cds-redis:index:RedisBackup";
const CIPHERTEXT = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:canary",
};

let folder: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-orphans-"));
  emulator = await canaryEmulator();
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Recorded {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly outputs?: object;
  readonly inputs?: object;
  readonly external?: boolean;
}

function recorded({ type, name = "cache", ...more }: Recorded): object {
  return { urn: `urn:pulumi:dev::caches::${type}::${name}`, custom: true, type, ...more };
}

/** What `pulumi stack export` prints. */
function exportOf(resources: readonly Recorded[], pending: readonly Recorded[] = []): string {
  const operations = pending.map((one) => ({ type: "creating", resource: recorded(one) }));
  const deployment = { resources: resources.map(recorded), pending_operations: operations };
  return JSON.stringify({ version: 3, deployment }, null, 4);
}

function orphans(input: string, ...args: readonly string[]): Promise<Run> {
  return runCommand(["orphans", ...args], environmentOf(emulator), input);
}

interface Result {
  readonly instances: readonly {
    readonly instanceName: string;
    readonly resourceName: string | null;
    readonly hints: readonly string[];
  }[];
  readonly backups: readonly {
    readonly description: string;
    readonly isMarked: boolean;
    readonly hints: readonly string[];
  }[];
  readonly stacks: readonly string[];
}

async function resultOf(input: string, ...args: readonly string[]): Promise<Result> {
  const { exitCode, out } = await orphans(input, "--json", ...args);
  expect(exitCode).toBe(0);
  return JSON.parse(out) as Result;
}

describe("instances", () => {
  test.each([DYNAMIC, PLUGIN])("that a stack holds as %s are no orphans", async (type) => {
    const id = orderAt(emulator, "held");
    orderAt(emulator, "by-hand");
    orderAt(emulator, "cache-1a2b3c4");
    const outputs = { password: CIPHERTEXT, connectionString: CIPHERTEXT };
    const { instances, stacks } = await resultOf(
      exportOf([{ type, id: id.toUpperCase(), outputs }]),
    );
    expect(stacks).toEqual(["caches/dev"]);
    expect(instances.map(({ instanceName, resourceName }) => [instanceName, resourceName])).toEqual(
      [
        ["cache-1a2b3c4", "cache"],
        ["by-hand", null],
      ],
    );
  });

  test("that a stack only reads are orphans, and say so", async () => {
    const id = orderAt(emulator, "read");
    const { instances } = await resultOf(exportOf([{ type: DYNAMIC, id, external: true }]));
    expect(instances[0]?.hints).toEqual(["caches/dev reads it, and does not hold it"]);
  });

  test("that an interrupted run ordered name the stack to run", async () => {
    orderAt(emulator, "cache-1a2b3c4");
    const pending = { type: DYNAMIC, inputs: { instanceName: "cache-1a2b3c4" } };
    const { instances } = await resultOf(exportOf([], [pending]));
    expect(instances[0]?.hints).toEqual([expect.stringContaining("interrupted run of caches/dev")]);
  });
});

describe("backups", () => {
  const MARK = "0123456789ab";

  /** A held instance with a backup. Gives the state of the instance, and the backup's entries. */
  function heldWithBackup(description: string): { held: Recorded; id: string; entries: string[] } {
    const id = orderAt(emulator, "held");
    const entries = emulator.store.createBackup(id, description);
    return { held: { type: DYNAMIC, id }, id, entries };
  }

  test.each([DYNAMIC_BACKUP, PLUGIN_BACKUP])(
    "that a stack holds as %s are no orphans",
    async (type) => {
      const { held, id, entries } = heldWithBackup(`nightly pulumi-${MARK}`);
      const list = entries.map((backupId) => ({ backupId }));
      const outputs = { instanceId: id, entries: list, earlier: [] };
      const backup = { type, id: `${id}/${entries[0] ?? ""}`, name: "backup", outputs };
      expect((await resultOf(exportOf([held, backup]))).backups).toEqual([]);
    },
  );

  test("that are kept beside the latest are no orphans", async () => {
    const { held, id, entries } = heldWithBackup(`nightly pulumi-${MARK}`);
    const earlier = [{ entries: entries.map((backupId) => ({ backupId })) }];
    const outputs = { instanceId: id, entries: [{ backupId: "latest" }], earlier };
    const backup = { type: DYNAMIC_BACKUP, id: `${id}/first`, name: "backup", outputs };
    expect((await resultOf(exportOf([held, backup]))).backups).toEqual([]);
  });

  test("of an encrypted state are known by the id and the mark", async () => {
    const { held, id, entries } = heldWithBackup(`nightly pulumi-${MARK}`);
    emulator.store.createBackup(id, `nightly pulumi-${MARK}-${"a".repeat(8)}`);
    const outputs = { instanceId: CIPHERTEXT, entries: CIPHERTEXT, __token: MARK };
    const backup = { type: DYNAMIC_BACKUP, id: `${id}/${entries[0] ?? ""}`, outputs };
    expect((await resultOf(exportOf([held, backup]))).backups).toEqual([]);
  });

  test("with this package's mark come first, and name the resource that took them", async () => {
    const { held, id } = heldWithBackup("by hand");
    emulator.store.createBackup(id, `nightly pulumi-${MARK}`);
    const outputs = { instanceId: id, entries: [{ backupId: "x" }], __token: MARK };
    const backup = { type: DYNAMIC_BACKUP, id: `${id}/x`, name: "backup", outputs };
    const { backups } = await resultOf(exportOf([held, backup]));
    expect(backups).toEqual([
      expect.objectContaining({
        ...{ description: "nightly", isMarked: true, hints: ["backup of caches/dev took it"] },
      }),
      expect.objectContaining({ description: "by hand", isMarked: false, hints: [] }),
    ]);
  });
});

describe("exports", () => {
  test("may follow one another on standard input", async () => {
    const [one, two] = [orderAt(emulator, "one"), orderAt(emulator, "two")];
    const both = `${exportOf([{ type: DYNAMIC, id: one }])}\n${exportOf([{ type: PLUGIN, id: two }])}\n`;
    expect((await resultOf(both)).instances).toEqual([]);
  });

  test("may be files, and standard input beside them", async () => {
    const [one, two] = [orderAt(emulator, "one"), orderAt(emulator, "two")];
    const file = join(folder, "one.json");
    writeFileSync(file, exportOf([{ type: DYNAMIC, id: one }]));
    const rest = exportOf([{ type: DYNAMIC, id: two }]);
    expect((await resultOf(rest, "--stack", file, "--stack", "-")).instances).toEqual([]);
  });

  test.each([
    ["nothing", "", "standard input is empty"],
    ["no JSON", "canary", "no export of a stack"],
    ["another object", '{"resources": "canary"}', "no export of a stack"],
    ["half an export", '{"deployment": {"resources": [', "no export of a stack"],
  ])("%s is a wrong use", async (_, input, message) => {
    const { exitCode, out, err } = await orphans(input);
    expect([exitCode, out, err]).toEqual([2, "", expect.stringContaining(message)]);
    expect(emulator.requests).toEqual([]);
  });

  test("are taken apart at their ends alone", () => {
    const texts = ['{"a": "}{\\"\\\\"}', "{}", '{"b": {"c": {}}}'];
    expect(documentsIn(texts.join("\n")).map((text) => text.trim())).toEqual(texts);
  });
});

test("shows each orphan at 80 columns, without escapes, and changes nothing", async () => {
  const id = orderAt(emulator, "\u001b[31mred\u202e-1a2b3c4", { isCluster: false });
  emulator.store.createBackup(id, `${"long ".repeat(19)}pulumi-0123456789ab`);
  const before = emulator.store.snapshot();
  const { exitCode, out, err } = await orphans(exportOf([]));
  expect([exitCode, out.split("\n")[0]]).toEqual([
    0,
    "1 instance and 1 backup are held by no stack (1 export read).",
  ]);
  expect(out).toContain(`\n  of instance ${id}\n`);
  expect(out).toContain("marked by this package");
  expect(err).toContain("`cds-redis adopt --name <instance id> --stack <export>`\n");
  for (const line of (out + err).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(emulator.store.snapshot()).toEqual(before);
});

test("goes on when an account fails, and exits with 1", async () => {
  orderAt(emulator, "cache-1a2b3c4");
  const env = {
    ...environmentOf(emulator),
    ...environmentOf(emulator, "_OLD"),
    CDS_SECRET_KEY_OLD: "canary-wrong",
  };
  const args = ["orphans", "--account", "old", "--account", "default"];
  const { exitCode, out, err } = await runCommand(args, env, exportOf([]));
  expect([exitCode, out]).toEqual([1, expect.stringContaining("instance cache-1a2b3c4")]);
  expect(err).toContain("failed: account old: listing the instances: ");
});

test("says how much is missing where a part failed, and nothing where all failed", async () => {
  orderAt(emulator, "cache");
  const wrong = { CDS_SECRET_KEY: "canary-wrong" };
  const env = { ...environmentOf(emulator), ...environmentOf(emulator, "_PROD"), ...wrong };
  const part = ["orphans", "--account", "default", "--account", "prod"];
  expect((await runCommand(part, env, exportOf([]))).out.replaceAll("\n", " ")).toMatch(
    /^1 instance is held by no stack \(1 export read; 1 call failed, so there may be more\)\./,
  );
  const { exitCode, out, err } = await runCommand(["orphans"], env, exportOf([]));
  expect([exitCode, out, err]).toEqual([1, "", expect.stringContaining("failed: account default")]);
  const json = await runCommand(["orphans", "--json"], env, exportOf([]));
  expect([json.exitCode, JSON.parse(json.out)]).toEqual([
    1,
    { instances: [], backups: [], stacks: [], failures: [expect.anything()] },
  ]);
});

test("shows no size that the vendor does not tell", async () => {
  await emulator.close();
  emulator = await canaryEmulator({ backupSeconds: 3600 });
  const id = orderAt(emulator, "cache", { ramGb: 0 });
  emulator.store.createBackup(id, "nightly");
  const { out } = await orphans(exportOf([]));
  expect(out).not.toMatch(/\b0 (GB|B)\b/);
});

test("says that there are none", async () => {
  const id = orderAt(emulator, "held");
  const { out } = await orphans(exportOf([{ type: DYNAMIC, id }]));
  expect(out).toBe("No orphans (1 export read).\n");
});

test("goes on when the backups of an instance can't be read", async () => {
  orderAt(emulator, "cache-1a2b3c4");
  emulator.faults.add({ kind: "http-403", action: "DescribeBackups", times: 100 });
  const { exitCode, out, err } = await orphans(exportOf([]));
  expect([exitCode, out]).toEqual([1, expect.stringContaining("instance cache-1a2b3c4")]);
  expect(err).toContain("listing the backups of cache-1a2b3c4");
});

test("shows what a refusal says without its escapes", async () => {
  // runCommand searches every output for them.
  emulator.faults.add({ kind: "http-400-control", action: "DescribeDBInstances", times: 100 });
  const { exitCode, err } = await orphans(exportOf([]));
  expect([exitCode, err]).toEqual([1, expect.stringContaining("listing the instances")]);
});
