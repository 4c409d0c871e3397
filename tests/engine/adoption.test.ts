import { startEmulator, type Emulator } from "../../emulator";
import type { PulumiProject } from "./pulumiProject";
import {
  ARGS,
  idsAt,
  orderElsewhere,
  redisProject,
  resource,
  setProgram,
  UP,
  writesAt,
} from "./redisProject";

jest.setTimeout(120_000);

const CACHE = "urn:pulumi:test::caches::pulumi-nodejs:dynamic/cds:RedisInstance::cache";

let emulator: Emulator;
let project: PulumiProject;

beforeAll(async () => {
  emulator = await startEmulator({ deliverySeconds: 0 });
  project = await redisProject(emulator, "a-password");
});

afterAll(async () => {
  await project.remove();
  await emulator.close();
});

/** The instance `cache`, with the option `import` or without. */
async function wantCache(ramGb: number, id?: string, more = ""): Promise<void> {
  const options = id === undefined ? "{}" : `{ import: "${id}" }`;
  await setProgram(
    project,
    `const cache = new cds.RedisInstance("cache", { ${ARGS}: ${ramGb}, password }, ${options});\n${more}`,
  );
}

/** Runs something that replaces `cache`, and gives the id of the new one. */
async function replacement(old: string, run: () => Promise<unknown>): Promise<string> {
  const before = writesAt(emulator).length;
  await run();
  expect(writesAt(emulator).slice(before)).toEqual(["CreateDBInstance", "DeleteDBInstance"]);
  const [id = "", ...others] = idsAt(emulator);
  expect(others).toEqual([]);
  expect(id).not.toBe(old);
  expect((await resource(project, "cache"))?.id).toBe(id);
  return id;
}

describe("the option import", () => {
  let imported: string;
  let current: string;

  test("with other arguments is an error at preview that tells each difference, and nothing is changed", async () => {
    imported = orderElsewhere(emulator, "made-elsewhere").instanceUuid;
    await wantCache(12, imported);
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(
      new RegExp(`import: made-elsewhere \\(${imported}\\) differs from the arguments`),
    );
    expect(output).toContain("ramGb is 8, the program says 12");
    expect(writesAt(emulator)).toEqual([]);
    expect(await resource(project, "cache")).toBeUndefined();
  });

  test("takes an instance over, and its backup, without any write", async () => {
    const [backupId = ""] = emulator.store.createBackup(imported, "nightly");
    const { store } = emulator;
    const before = store.snapshot();
    await wantCache(
      8,
      imported,
      `new cds.RedisBackup("backup", { instanceId: cache.id, description: "nightly" },
         { import: "${imported}/${backupId}", retainOnDelete: true });`,
    );
    await project.succeed(...UP);
    expect(writesAt(emulator)).toEqual([]);
    expect(store.snapshot()).toEqual(before);
    expect(await resource(project, "cache")).toMatchObject({
      id: imported,
      outputs: { instanceName: "made-elsewhere", port: 6400, status: "RUNNING" },
    });
    const entries = store
      .backups()
      .map(({ backupId: one }) => expect.objectContaining({ backupId: one }) as unknown);
    expect(await resource(project, "backup")).toMatchObject({
      id: `${imported}/${backupId}`,
      outputs: { entries: expect.arrayContaining(entries) as unknown },
    });
  });

  test("left in place afterwards does nothing", async () => {
    await project.succeed("preview", "--expect-no-changes");
  });

  test("left in place at a changed argument: an ordinary replacement", async () => {
    await wantCache(12, imported);
    current = await replacement(imported, () => project.succeed(...UP));
  });

  test("that names the replaced one, which is gone, is a clear error", async () => {
    const { code, output } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(output).toContain(
      `import names ${imported}, but the stack has ${current} here. Remove the option`,
    );
    expect(idsAt(emulator)).toEqual([current]);
  });

  test("left in place at --replace and at a taint never takes the live one over again", async () => {
    await wantCache(12, current);
    const next = await replacement(current, () => project.succeed(...UP, "--replace", CACHE));
    await wantCache(12, next);
    await project.succeed("state", "taint", CACHE, "--yes");
    current = await replacement(next, () => project.succeed(...UP));
  });

  test("removed: --replace and a taint make a new one, too", async () => {
    await wantCache(12);
    await project.succeed("preview", "--expect-no-changes");
    const next = await replacement(current, () => project.succeed(...UP, "--replace", CACHE));
    await project.succeed("state", "taint", CACHE, "--yes");
    current = await replacement(next, () => project.succeed(...UP));
    await project.succeed("preview", "--expect-no-changes");
  });
});
