import { startEmulator, type Emulator } from "../../emulator";
import { interrupt, notesOf } from "./interruption";
import type { PulumiProject } from "./pulumiProject";
import { idsAt, redisProject, resource, setProgram, UP, writesAt } from "./redisProject";

// What got through release 0.1.0, on the real engine: vendors whose lists lag, and gateways that lie.

jest.setTimeout(300_000);

const REFRESH = ["refresh", "--yes", "--skip-preview"];
const LISTS = "DescribeDBInstances";
/** Advice by which something leaves the state, or the vendor. */
const TO_DROP = /run `pulumi refresh`|state delete|no stack holds/;
/** One file for each backup. */
const ARGS = `regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
  version: "2.8.19", architecture: "read-write-splitting", ramGb: 1`;

type Options = Parameters<typeof startEmulator>[0];

/** Lives a life with an emulator and a project of its own. */
async function living(
  options: Options,
  live: (emulator: Emulator, project: PulumiProject) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0, ...options });
  const project = await redisProject(emulator, "a-password");
  try {
    await live(emulator, project);
  } finally {
    await emulator.close();
    await project.remove();
  }
}

async function wantCache(project: PulumiProject, more = ""): Promise<void> {
  await setProgram(project, `new cds.RedisInstance("cache", { ${ARGS}, ${more} });`);
}

/** The stack and the vendor have the same one instance. */
async function expectOne({ emulator, project }: { emulator: Emulator; project: PulumiProject }) {
  expect(idsAt(emulator)).toEqual([(await resource(project, "cache"))?.id]);
}

test("row 1: an instance that lists show a minute late is waited for, and nobody is told to drop it", () =>
  living({}, async (emulator, project) => {
    await wantCache(project);
    emulator.faults.add({ kind: "late-entry", action: "CreateDBInstance", seconds: 60 });
    expect(await project.succeed(...UP)).not.toMatch(TO_DROP);
    await expectOne({ emulator, project });
    await project.succeed("preview", "--expect-no-changes");
    expect(writesAt(emulator)).toEqual(["CreateDBInstance"]);
  }));

test("row 2: a final backup is taken though lists lack the live instance, and only then it is deleted", () =>
  living({}, async (emulator, project) => {
    await wantCache(project, "finalBackup: true");
    await project.succeed(...UP);
    emulator.faults.add({ kind: "hidden-entries", action: LISTS, times: "always" });
    const output = await project.succeed("destroy", "--yes", "--skip-preview");
    expect(output).toContain("the final backup of");
    expect(writesAt(emulator)).toEqual(["CreateDBInstance", "CreateBackup", "DeleteDBInstance"]);
  }));

test("row 3: a refresh keeps an instance that lists lack and the vendor knows by its id", () =>
  living({}, async (emulator, project) => {
    await wantCache(project);
    await project.succeed(...UP);
    emulator.faults.add({ kind: "hidden-entries", action: LISTS, times: "always" });
    await project.succeed(...REFRESH);
    await expectOne({ emulator, project });
    await project.succeed("preview", "--expect-no-changes");
  }));

test.each(["http-403-gateway", "doubled-request"] as const)(
  "row 4: %s after the order was carried out, lists 4 seconds late: one instance, in the state",
  (kind) =>
    living({ listLagSeconds: 4 }, async (emulator, project) => {
      await wantCache(project);
      emulator.faults.add({ kind, action: "CreateDBInstance", when: "after" });
      await project.succeed(...UP);
      await expectOne({ emulator, project });
      expect(await notesOf(project)).toEqual([]);
    }),
);

test("row 5: two instances for one order: both are named, at the next up too", () =>
  living({ deliverySeconds: 5 }, async (emulator, project) => {
    await wantCache(project);
    emulator.faults.add({ kind: "two-ids", action: "CreateDBInstance" });
    const first = await project.run(...UP);
    expect(first.code).not.toBe(0);
    const held = (await resource(project, "cache"))?.id;
    const [twin = ""] = idsAt(emulator).filter((id) => id !== held);
    expect(first.output).toContain(twin);
    expect(await project.succeed(...UP)).toContain(twin);
    expect(writesAt(emulator)).toEqual(["CreateDBInstance"]);
  }));

test("row 6: two stacks order one name at once: nobody is told to delete what the other holds", () =>
  living({ listLagSeconds: 5 }, async (emulator, project) => {
    const other = await redisProject(emulator, "a-password");
    try {
      for (const one of [project, other]) await wantCache(one, 'instanceName: "shared"');
      const outputs = await Promise.all([project, other].map((one) => one.run(...UP)));
      for (const { output } of outputs) expect(output).not.toMatch(TO_DROP);
      const ids = await Promise.all(
        [project, other].map(async (one) => (await resource(one, "cache"))?.id),
      );
      expect(ids.filter((id) => id !== undefined).sort()).toEqual(idsAt(emulator).sort());
    } finally {
      await other.remove();
    }
  }));

test("row 7: pending creates cleared before up: the note on this machine still takes the instance over", () =>
  living({ deliverySeconds: 3 }, async (emulator, project) => {
    await wantCache(project);
    const isOrdered = (): boolean => writesAt(emulator).length > 0;
    await interrupt(project, "kill -9 of the CLI", isOrdered, ...UP);
    await project.succeed("cancel", "--yes");
    const refresh = await project.succeed("refresh", "--yes", "--clear-pending-creates");
    expect(refresh).not.toMatch(TO_DROP);
    expect(await project.succeed(...UP)).toContain("took over");
    await expectOne({ emulator, project });
    expect(writesAt(emulator)).toEqual(["CreateDBInstance"]);
  }));
