import { startEmulator, type Emulator } from "../../../emulator";
import type { PulumiProject } from "../pulumiProject";
import { DESTROY, orderElsewhere, resource, UP, writesAt } from "../redisProject";
import { COMPILE_MS } from "./companions";

const SECRETS = {
  "cds-redis:accessKeyId": "CANARY-ACCESS-KEY-ID",
  "cds-redis:accessKeySecret": "CANARY-access-key-secret",
  password: "CANARY password/+",
};

/**
 * Tests the life of the quick start in a language.
 *
 * @param prepare Makes the project and puts its language host on PATH.
 */
export function testQuickStart(prepare: () => Promise<PulumiProject>): void {
  let emulator: Emulator;
  let project: PulumiProject;
  const log: string[] = [];

  beforeAll(async () => {
    project = await prepare();
    // The program in YAML does not take its version from the configuration.
    const settings = await project.read("Pulumi.yaml");
    await project.write("Pulumi.yaml", settings.replace('version: "5.0"', 'version: "2.8.19"'));
    emulator = await startEmulator({
      accessKeyId: SECRETS["cds-redis:accessKeyId"],
      accessKeySecret: SECRETS["cds-redis:accessKeySecret"],
      deliverySeconds: 0.2,
      log: (line) => log.push(line),
    });
    await project.configure(
      {
        "cds-redis:endpoint": emulator.url,
        ...{ vdcName: "hongkong", networkName: "cache" },
        // The first backup of a cluster waits a minute for late shards.
        ...{ version: "2.8.19", architecture: "read-write-splitting" },
      },
      SECRETS,
    );
  }, COMPILE_MS);

  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("preview shows what is planned and orders nothing", async () => {
    expect(await project.succeed("preview")).toContain("3 to create");
    expect(emulator.store.instances()).toEqual([]);
  });

  test("up makes the instance and its backup, with the outputs of the quick start", async () => {
    await project.succeed(...UP);
    const [instance] = emulator.store.instances();
    expect(instance).toMatchObject({ status: "RUNNING", ramGb: 8, version: "2.8.19" });
    const [backup] = emulator.store.backups();
    expect(backup).toMatchObject({ status: "finished" });
    expect(JSON.parse(await project.succeed("stack", "output", "--json"))).toEqual({
      host: instance?.ip,
      port: 9736,
      connectionString: "[secret]",
      backupId: backup?.backupId,
      backupBytes: 18,
    });
    const { output } = await project.start("pulumi", [
      ...["stack", "output", "connectionString", "--show-secrets"],
    ]);
    const password = encodeURIComponent(SECRETS.password);
    expect(output.trim()).toBe(`redis://:${password}@${instance?.ip ?? ""}:9736`);
    project.printed = project.printed.replace(output, "");
  });

  test("then nothing is to change, and a refresh finds nothing", async () => {
    await project.succeed("preview", "--expect-no-changes");
    await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await project.succeed("preview", "--expect-no-changes");
  });

  test("another size replaces both, and makes the new ones before it deletes the old ones", async () => {
    const before = await resource(project, "cache");
    await project.succeed("config", "set", "ramGb", "16");
    const calls = writesAt(emulator).length;
    const output = await project.succeed("up", "--yes");
    expect(output).toContain("2 to replace");
    expect(emulator.store.instances()).toMatchObject([{ status: "RUNNING", ramGb: 16 }]);
    expect(emulator.store.backups()).toHaveLength(1);
    expect((await resource(project, "cache"))?.id).not.toBe(before?.id);
    expect(writesAt(emulator).slice(calls)).toEqual([
      ...["CreateDBInstance", "CreateBackup", "DeleteBackup", "DeleteDBInstance"],
    ]);
    await project.succeed("preview", "--expect-no-changes");
  });

  test("the state has the secrets encrypted, under the plugin's types", async () => {
    const { text, resources } = await project.exported();
    expect(text).not.toMatch(/CANARY/);
    expect(resources.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        ...["pulumi:providers:cds-redis", "cds-redis:index:RedisInstance"],
        "cds-redis:index:RedisBackup",
      ]),
    );
  });

  test("pulumi import takes over an instance that was made elsewhere", async () => {
    const { instanceUuid } = orderElsewhere(emulator, "made-elsewhere");
    const calls = writesAt(emulator).length;
    await project.run(
      ...["import", "cds-redis:index:RedisInstance", "other", instanceUuid],
      ...["--yes", "--protect=false", "--generate-code=false"],
    );
    expect(await resource(project, "other")).toMatchObject({
      id: instanceUuid,
      outputs: { instanceName: "made-elsewhere", status: "RUNNING" },
    });
    expect(writesAt(emulator).slice(calls)).toEqual([]);
  });

  test("destroy leaves nothing", async () => {
    await project.succeed(...DESTROY);
    expect(emulator.store.instances()).toEqual([]);
    expect(emulator.store.backups()).toEqual([]);
    expect((await project.exported()).resources).toEqual([]);
  });

  test("no secret was printed or logged", () => {
    const seen = [project.printed, log.join("\n"), JSON.stringify(emulator.requests)].join("\n");
    expect(seen).not.toContain("CANARY");
    expect(log).not.toEqual([]);
  });
}
