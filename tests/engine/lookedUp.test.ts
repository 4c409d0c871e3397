import { startEmulator } from "../../emulator";
import {
  DESTROY,
  idsAt,
  orderElsewhere,
  redisProject,
  resource,
  setProgram,
  UP,
  writesAt,
} from "./redisProject";

jest.setTimeout(120_000);

test("get reads an instance and a backup of others, follows them, and destroy leaves them alone", async () => {
  const emulator = await startEmulator({ deliverySeconds: 0 });
  const project = await redisProject(emulator, "CANARY-password");
  try {
    const { instanceUuid: id, ip } = orderElsewhere(emulator, "theirs");
    const [backupId = ""] = emulator.store.createBackup(id, "nightly");
    await setProgram(
      project,
      `const theirs = cds.RedisInstance.get("theirs", "${id}", { password });
       const nightly = cds.RedisBackup.get("nightly", "${id}/${backupId}");
       export const ip = theirs.ip;
       export const connectionString = theirs.connectionString;
       export const sizeBytes = nightly.sizeBytes;`,
    );
    await project.succeed(...UP);
    const outputs = await project.succeed("stack", "output", "--json", "--show-secrets");
    expect(JSON.parse(outputs)).toEqual({
      ip,
      connectionString: `redis://:CANARY-password@${ip}:6400`,
      sizeBytes: 36,
    });
    const { text } = await project.exported();
    expect(text).not.toContain("CANARY");
    await project.succeed("preview", "--expect-no-changes");

    await project.succeed(...DESTROY);
    expect(writesAt(emulator)).toEqual([]);
    expect(idsAt(emulator)).toEqual([id]);
    expect(emulator.store.backups()).toHaveLength(2);

    const unknown = "00000000-0000-4000-8000-000000000000";
    await setProgram(
      project,
      `cds.RedisInstance.get("theirs", "${unknown}");
       cds.RedisBackup.get("nightly", "${id}/${unknown}");`,
    );
    const { code, output } = await project.run(...UP, "--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).toContain(`there is no instance ${unknown} at ${emulator.url}`);
    expect(output).toContain(`there is no backup ${id}/${unknown} at ${emulator.url}`);
    expect(output).not.toMatch(/\s+at .*:\d+:\d+\)?$/m);
    expect(await resource(project, "theirs")).toBeUndefined();
  } finally {
    await project.remove();
    await emulator.close();
  }
});
