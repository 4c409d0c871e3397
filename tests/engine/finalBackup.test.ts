import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { ARGS, DESTROY, idsAt, redisProject, setProgram, UP, writesAt } from "./redisProject";
import type { PulumiProject } from "./pulumiProject";

jest.setTimeout(120_000);

const SMALL = ARGS.replace(
  '"5.0", architecture: "cluster"',
  '"2.8.19", architecture: "read-write-splitting"',
);

async function savedIn(project: PulumiProject): Promise<string[]> {
  return readdir(join(project.folder, "cds-final-backups")).catch(() => []);
}

describe("an instance with finalBackup", () => {
  let emulator: Emulator;
  let project: PulumiProject;

  beforeAll(async () => {
    emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0 });
    project = await redisProject(emulator, "a-password");
  });

  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  const program = (more: string): Promise<void> =>
    setProgram(project, `new cds.RedisInstance("cache", { ${SMALL}: 1, password, ${more} });`);

  test("a preview shows it as an argument, and as an update that touches nothing", async () => {
    await program("");
    await project.succeed(...UP);
    await program("finalBackup: true");
    expect(await project.succeed("preview", "--diff")).toMatch(/\+ finalBackup *: true/);
    expect(writesAt(emulator)).toEqual(["CreateDBInstance"]);
  });

  test("a replacement that asks for it only now deletes nothing when it fails, in the next run neither", async () => {
    const [old = ""] = idsAt(emulator);
    await program("finalBackup: true, port: 7000");
    emulator.faults.add({ kind: "http-400", action: "CreateBackup", times: 2 });
    for (let run = 1; run <= 2; run += 1) {
      const { code, output } = await project.run(...UP);
      expect(code).not.toBe(0);
      expect(output).toContain("is not deleted, since its final backup failed");
      expect(idsAt(emulator)).toContain(old);
    }
    expect(await savedIn(project)).toEqual([]);
    await project.succeed(...UP);
    expect(idsAt(emulator)).not.toContain(old);
    expect(await savedIn(project)).toHaveLength(1);
    await project.succeed("preview", "--expect-no-changes");
  });

  test("the second time works as the first, without a name to change", async () => {
    await program("finalBackup: true, port: 7001");
    await project.succeed(...UP);
    await project.succeed(...DESTROY);
    expect(emulator.store.instances()).toEqual([]);
    expect(new Set(await savedIn(project)).size).toBe(3);
  });
});
