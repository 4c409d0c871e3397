import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { NameSource } from "../../cli/adopt/names";
import type { Emulator } from "../../emulator";
import { canaryEmulator, environmentOf, orderAt, runCommand } from "./adoptRun";
import type { Run } from "./captured";

let folder: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-adopt-"));
  emulator = await canaryEmulator();
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

function adopt(args: readonly string[], input = ""): Promise<Run> {
  return runCommand(["adopt", ...args], environmentOf(emulator), input);
}

interface Result {
  readonly program: string;
  readonly resources: readonly {
    readonly name: string;
    readonly id: string;
    readonly status: string | null;
  }[];
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[];
  readonly failures: readonly { readonly account: string; readonly message: string }[];
  readonly out: string | null;
}

function resultOf({ out }: Run): Result {
  return JSON.parse(out) as Result;
}

describe("an instance that does not run", () => {
  test.each(["STOPPED", "RESTARTING"])("as %s is taken over, and named", async (status) => {
    const id = orderAt(emulator, "old");
    emulator.store.changeInstance(id, { status });
    const { exitCode, out, err } = await adopt([]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining(`import: "${id}"`)]);
    const wait = `old is ${status}: \`pulumi up\` waits, up to 30 minutes, until it is RUNNING.`;
    expect(err).toContain(`note: ${wait} If it does not start by itself, start it first.\n`);
    expect(out.replaceAll(/\n *\/\/ /g, " ")).toContain(wait);
    expect(resultOf(await adopt(["--json"])).resources[0]?.status).toBe(status);
  });

  test("but fails is left out, and its status is told once", async () => {
    emulator.store.changeInstance(orderAt(emulator, "old"), { status: "FAILED" });
    const { err } = await adopt([]);
    expect(err).toMatch(/: its status is FAILED\.\n/);
  });
});

describe("--json where nothing was written is an object with", () => {
  const EMPTY = { program: "", resources: [], fillIn: [], commands: [], out: null };

  test("the failures, where no account answers", async () => {
    const out = join(folder, "index.ts");
    const env = { ...environmentOf(emulator), ...environmentOf(emulator, "_OLD") };
    const wrong = { CDS_SECRET_KEY: "canary-wrong", CDS_SECRET_KEY_OLD: "canary-wrong" };
    const args = ["adopt", "--json", "--out", out, "--account", "default", "--account", "old"];
    const run = await runCommand(args, { ...env, ...wrong });
    expect([run.exitCode, resultOf(run)]).toEqual([
      1,
      {
        ...{ language: "typescript", ...EMPTY, leftOut: [] },
        failures: [
          expect.objectContaining({ account: "default", what: "listing the instances" }),
          expect.objectContaining({ account: "old", what: "listing the instances" }),
        ],
      },
    ]);
  });

  test("what was left out, where that is all", async () => {
    emulator.store.changeInstance(orderAt(emulator, "old"), { status: "DELETING" });
    const run = await adopt(["--json"]);
    expect([run.exitCode, resultOf(run)]).toEqual([
      2,
      expect.objectContaining({ ...EMPTY, leftOut: [expect.anything()], failures: [] }),
    ]);
    expect(run.err).toMatch(/^error: nothing can be taken over, .*: leftOut says why\.\n$/);
  });
});

describe("names of several accounts", () => {
  test("do not depend on which accounts answer", async () => {
    const other = await canaryEmulator();
    // The last is called as the resource of the other account, and "prod" as the account.
    for (const name of ["cache", "cache", "prod", "prod-cache"]) orderAt(emulator, name);
    for (const name of ["cache", "prod-cache", "queue"]) orderAt(other, name);
    const env = { ...environmentOf(emulator), ...environmentOf(other, "_PROD") };
    const args = ["adopt", "--json", "--account", "default", "--account", "prod"];
    const namesOf = async (more: Readonly<Record<string, string>>): Promise<Map<string, string>> =>
      new Map(
        resultOf(await runCommand(args, { ...env, ...more })).resources.map(({ id, name }) => [
          id,
          name,
        ]),
      );
    const all = await namesOf({});
    const alone = await namesOf({ CDS_SECRET_KEY_PROD: "canary-wrong" });
    const others = await namesOf({ CDS_SECRET_KEY: "canary-wrong" });
    await other.close();
    expect([...all.values()]).toEqual([
      ...["cache", "cache-2", "prod-2", "redis-prod-cache"],
      ...["prod-cache", "prod-prod-cache", "prod-queue"],
    ]);
    expect([...alone, ...others]).toEqual([...all]);
  });

  test("are disjoint where one account's name begins with another's", () => {
    const accounts = ["prod", "prod-eu", "redis"];
    const names = new NameSource(accounts);
    const cases = [
      ["eu-cache", "prod", "prod-redis-eu-cache"],
      ["cache", "prod-eu", "prod-eu-cache"],
      ["redis-x", undefined, "instance-redis-x"],
      ["x", "redis", "redis-x"],
      ["订单", "prod", "prod-fallback"],
    ] as const;
    for (const [text, account, expected] of cases)
      expect(names.take(text, "fallback", account).resourceName).toBe(expected);
  });

  test("are without the account's where one account is read", async () => {
    orderAt(emulator, "cache");
    const args = ["adopt", "--json", "--account", "prod"];
    const run = await runCommand(args, environmentOf(emulator, "_PROD"));
    expect(resultOf(run).resources.map(({ name }) => name)).toEqual(["cache"]);
  });
});

describe("--stack", () => {
  const INSTANCE = "pulumi-nodejs:dynamic/cds:RedisInstance";
  const BACKUP = "pulumi-nodejs:dynamic/cds:RedisBackup";
  const exportOf = (...ids: readonly string[]): string => {
    const resources = ids.map((id) => ({
      ...{ urn: `urn:pulumi:dev::caches::${INSTANCE}::${id}`, type: INSTANCE, id },
    }));
    return JSON.stringify({ version: 3, deployment: { resources } });
  };
  /** The export of a stack whose last run was interrupted in a create. */
  const interruptedIn = (type: string, inputs: object): string => {
    const resource = { urn: `urn:pulumi:dev::caches::${type}::cache`, type, inputs };
    const pending = [{ type: "creating", resource }];
    return JSON.stringify({ version: 3, deployment: { pending_operations: pending } });
  };

  test("leaves out what the exports hold, from a file or a pipe", async () => {
    const [held, free] = [orderAt(emulator, "held"), orderAt(emulator, "free")];
    const file = join(folder, "prod.json");
    writeFileSync(file, exportOf(held));
    for (const run of [
      await adopt(["--json", "--stack", file]),
      await adopt(["--json", "--stack", "-"], exportOf(held)),
    ]) {
      const { resources, leftOut } = resultOf(run);
      expect(resources.map(({ id }) => id)).toEqual([free]);
      expect(leftOut).toEqual([
        expect.objectContaining({
          id: held,
          reason: "a given stack holds it, or an interrupted run of that stack ordered it",
        }),
      ]);
    }
    const { err } = await adopt(["--stack", file]);
    expect(err).toContain("note: left out: 1 resource that the given stacks hold, or ");
    expect((await adopt(["--stack", "-"], exportOf(held, free))).exitCode).toBe(2);
  });

  test("leaves out an instance that an interrupted run ordered: its stack takes it over", async () => {
    const ordered = orderAt(emulator, "cache-1a2b3c4");
    const free = orderAt(emulator, "free");
    const stack = interruptedIn(INSTANCE, { instanceName: "cache-1a2b3c4" });
    const { resources, leftOut } = resultOf(await adopt(["--json", "--stack", "-"], stack));
    expect(resources.map(({ id }) => id)).toEqual([free]);
    expect(leftOut).toEqual([expect.objectContaining({ id: ordered })]);
  });

  test("leaves out a backup that an interrupted run ordered", async () => {
    const id = orderAt(emulator, "cache");
    emulator.store.createBackup(id, "nightly pulumi-0123456789ab");
    const stack = interruptedIn(BACKUP, { __token: "0123456789ab" });
    const { resources, leftOut } = resultOf(await adopt(["--json", "--stack", "-"], stack));
    expect(resources.map((one) => one.id)).toEqual([id]);
    expect(leftOut.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("an interrupted run of that stack ordered it"),
    ]);
  });

  test("takes over a backup that no stack holds, of an instance that one holds", async () => {
    const id = orderAt(emulator, "held");
    const [backupId = ""] = emulator.store.createBackup(id, "by hand");
    const { resources, program } = resultOf(await adopt(["--json", "--stack", "-"], exportOf(id)));
    expect(resources.map((one) => one.id.split("/")[0])).toEqual([id]);
    expect([resources[0]?.id.includes("/"), backupId]).toEqual([true, expect.anything()]);
    expect(program).toContain(`instanceId: "${id}"`);
  });

  test("is a wrong use with anything else than exports", async () => {
    orderAt(emulator, "cache");
    const { exitCode, out, err } = await adopt(["--stack", "-"], "canary");
    expect([exitCode, out, err]).toEqual([2, "", expect.stringContaining("no export of a stack")]);
  });

  test("is not needed: without it standard input is not read", async () => {
    orderAt(emulator, "cache");
    expect((await adopt([], "canary")).exitCode).toBe(0);
  });
});
