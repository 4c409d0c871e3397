import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { notesOf } from "./interruption";
import { inState, kept, NEIGHBOUR, STATES, type OlderStack } from "./olderStack";

jest.setTimeout(120_000);

const UP = ["up", "--yes", "--skip-preview"];
const REFRESH = ["refresh", "--yes", "--skip-preview"];
const CLEAR = [...REFRESH, "--clear-pending-creates"];
const CACHE = "urn:pulumi:dev::caches::pulumi-nodejs:dynamic/cds:RedisInstance::cache";
const NO_CHANGES = "--expect-no-changes";

/** What is recorded of 0.1.0 as it was released: a recording that is lost would be a test that is lost. */
const RECORDED = [
  ...["cliKilledAtBackup", "cliKilledAtInstance", "cliKilledAtNextBackup", "download", "drifted"],
  ...["hostKilledAtInstance", "imported", "partlyMade", "partlyMadeBackup", "project", "ready"],
  ...["replacedAfterTakeOver", "tookOver"],
];

/** Preview, refresh and up change nothing in the stack or at the vendor. */
async function expectNothingToDo(stack: OlderStack): Promise<void> {
  const before = stack.writes();
  await stack.project.succeed("preview", NO_CHANGES);
  // Values in clear become digests, once.
  await stack.project.succeed(...REFRESH);
  await stack.project.succeed(...REFRESH, NO_CHANGES);
  await stack.project.succeed(...UP, NO_CHANGES);
  expect(stack.writes()).toEqual(before);
}

const versions = readdirSync(STATES);

test("a release has left its states here", () => {
  expect(versions).toEqual(["0.1.0", "0.1.0-final"]);
  expect(readdirSync(join(STATES, "0.1.0-final"))).toEqual(RECORDED);
});

describe.each(versions)("state of release %s", (version) => {
  test("of a ready instance and backup: preview, refresh and up find nothing to do", () =>
    inState(version, "ready", async (stack) => {
      const { emulator } = stack;
      const before = emulator.store.snapshot();
      await expectNothingToDo(stack);
      expect(emulator.store.snapshot()).toEqual(before);
      // A later release may add to the state; what was there stays.
      expect(kept(await stack.now())).toMatchObject(kept(await stack.recorded()));
    }));

  test("of an instance that was not ready in time: up goes on waiting and orders no other", () =>
    inState(version, "partlyMade", async (stack) => {
      const { project, emulator, instanceId } = stack;
      emulator.store.changeInstance(instanceId, { status: "CREATING" });
      const up = project.run(...UP);
      const ended = new AbortController();
      void up.finally(() => {
        ended.abort();
      });
      // Delivered only after it was looked at again: up waits.
      while (!ended.signal.aborted && emulator.requests.length < 3) await sleep(50);
      emulator.store.changeInstance(instanceId, { status: "RUNNING" });
      const { code, output } = await up;
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/ cache updating .*CREATING/);
      expect(output).toContain("1 updated");
      // The backup had to wait for the instance, so it is started only now.
      expect(stack.writes()).toEqual(["CreateBackup"]);
      expect(stack.instanceIds()).toEqual([instanceId, NEIGHBOUR]);
      expect(await stack.resource("cache")).toMatchObject({
        id: instanceId,
        outputs: { status: "RUNNING", ip: emulator.store.findInstance(instanceId)?.ip },
      });
      await project.succeed("preview", NO_CHANGES);
    }));

  test("of an instance changed behind Pulumi's back: the replacement is still due", () =>
    inState(version, "drifted", async (stack) => {
      const output = await stack.project.succeed("preview", "--diff");
      expect(output).toMatch(/~ ramGb\s*: 20 => 8/);
      expect(output).toContain("2 to replace");
      expect(stack.writes()).toEqual([]);
      await stack.project.succeed(...REFRESH);
      await stack.project.succeed(...UP);
      expect(stack.emulator.store.instances()).toMatchObject([
        { instanceUuid: NEIGHBOUR },
        { ramGb: 8 },
      ]);
      expect(stack.instanceIds()).not.toContain(stack.instanceId);
      await stack.expectNothingLeaked();
    }));

  test("resources renamed with an alias are the same at the vendor", () =>
    inState(version, "ready", async (stack) => {
      const before = stack.emulator.store.snapshot();
      await stack.edit(
        [`"cache",`, `"renamed-cache",`],
        ["cacheOptions = {", `cacheOptions = { aliases: [{ name: "cache" }],`],
        [`"backup",`, `"renamed-backup",`],
        ["backupOptions = {", `backupOptions = { aliases: [{ name: "backup" }],`],
      );
      await stack.project.succeed(...UP, NO_CHANGES);
      expect(stack.writes()).toEqual([]);
      expect(stack.emulator.store.snapshot()).toEqual(before);
      expect(await stack.resource("cache")).toBeUndefined();
      const { instanceName } = stack.emulator.store.findInstance(stack.instanceId) ?? {};
      expect(await stack.resource("renamed-cache")).toMatchObject({
        id: stack.instanceId,
        inputs: { instanceName },
        outputs: { instanceName },
      });
    }));

  test("resources moved under a component with an alias are the same at the vendor", () =>
    inState(version, "ready", async (stack) => {
      const before = stack.emulator.store.snapshot();
      const alias = "aliases: [{ parent: pulumi.rootStackResource }],";
      await stack.edit(
        [
          "const cacheOptions = {",
          `const parent = new pulumi.ComponentResource("test:Group", "group");
           const cacheOptions = { parent, ${alias}`,
        ],
        ["backupOptions = {", `backupOptions = { parent, ${alias}`],
      );
      const output = await stack.project.succeed(...UP);
      expect(output).toMatch(/ 1 created\n +\d unchanged/);
      expect(stack.writes()).toEqual([]);
      expect(stack.emulator.store.snapshot()).toEqual(before);
      const moved = await stack.resource("cache");
      expect(moved?.urn).toContain("test:Group$");
      expect(moved?.id).toBe(stack.instanceId);
    }));
});

describe("state of release 0.1.0-final", () => {
  const inFinal = (name: string, use: (stack: OlderStack) => Promise<void>): Promise<void> =>
    inState("0.1.0-final", name, use);

  test("of a backup that was not finished in time: up goes on waiting and starts no other", () =>
    inFinal("partlyMadeBackup", async (stack) => {
      expect(await stack.project.succeed(...UP)).toContain("1 updated");
      expect(stack.writes()).toEqual([]);
      await expectNothingToDo(stack);
      await stack.expectNothingLeaked();
      expect((await stack.resource("backup"))?.outputs).toMatchObject({ status: "finished" });
    }));

  test.each([
    ["the CLI killed at the order of an instance", "cliKilledAtInstance", ["CreateBackup"]],
    ["the provider killed at the order of an instance", "hostKilledAtInstance", ["CreateBackup"]],
    ["the CLI killed at the start of a backup", "cliKilledAtBackup", []],
    [
      "the CLI killed at the start of the next backup",
      "cliKilledAtNextBackup",
      // Of the earlier backup, one for each shard.
      ["DeleteBackup", "DeleteBackup"],
    ],
  ])("of %s: up takes over what was ordered, and orders no other", (_, name, writes) =>
    inFinal(name, async (stack) => {
      const { project } = stack;
      const [backup] = stack.emulator.store.backups().slice(-1);
      const creates = (await stack.pending()).filter((type) => type === "creating");
      expect(await notesOf(project)).toHaveLength(1);
      await project.succeed("preview");
      expect(stack.writes()).toEqual([]);
      expect(await project.succeed(...UP)).toContain("took over");
      expect(stack.writes()).toEqual(writes);
      expect(stack.instanceIds()).toEqual([stack.instanceId, NEIGHBOUR]);
      expect((await stack.resource("cache"))?.id).toBe(stack.instanceId);
      if (backup !== undefined) expect(stack.emulator.store.backups()).toContainEqual(backup);
      await stack.expectNothingLeaked();
      // The engine drops no record of a create by itself.
      expect(await stack.pending()).toEqual(creates);
      await project.succeed(...CLEAR);
      expect(await stack.pending()).toEqual([]);
      await project.succeed("preview", NO_CHANGES);
    }),
  );

  test.each(["tookOver", "replacedAfterTakeOver"])(
    "of orders that are settled while the engine goes on recording them (%s): nothing to do",
    (name) =>
      inFinal(name, async (stack) => {
        expect(await stack.pending()).toEqual(["creating", "creating"]);
        await expectNothingToDo(stack);
        await stack.expectNothingLeaked();
      }),
  );

  test("of an instance that was taken over: its replacement is another instance", () =>
    inFinal("tookOver", async (stack) => {
      const output = await stack.project.succeed(...UP, "--replace", CACHE);
      expect(output).not.toContain("took over");
      expect(stack.writes().filter((action) => action.startsWith("Create"))).toEqual([
        "CreateDBInstance",
        "CreateBackup",
      ]);
      expect(stack.instanceIds()).not.toContain(stack.instanceId);
      await stack.expectNothingLeaked();
    }));

  test("of an imported instance and backup: they are the stack's, with the option or without", () =>
    inFinal("imported", async (stack) => {
      const { project } = stack;
      await expectNothingToDo(stack);
      for (const key of ["importCache", "importBackup"]) await project.succeed("config", "rm", key);
      await project.succeed(...UP, NO_CHANGES);
      expect((await stack.resource("cache"))?.id).toBe(stack.instanceId);
      await stack.expectNothingLeaked();
    }));
});
