import { startEmulator, type Emulator } from "../../emulator";
import { PROVIDER_LINES } from "../providerLines";
import { PROGRAMS } from "./programs";
import { PulumiProject } from "./pulumiProject";

jest.setTimeout(180_000);

const SECRETS = {
  "cds:accessKeyId": "CANARY-ACCESS-KEY-ID",
  "cds:accessKeySecret": "CANARY-access-key-secret",
  password: "CANARY-password",
};

describe.each(Object.entries(PROGRAMS))("a stack with a %s program", (_kind, files) => {
  let emulator: Emulator;
  let project: PulumiProject;
  const log: string[] = [];

  beforeAll(async () => {
    emulator = await startEmulator({
      accessKeyId: SECRETS["cds:accessKeyId"],
      accessKeySecret: SECRETS["cds:accessKeySecret"],
      deliverySeconds: 1,
      log: (line) => log.push(line),
    });
    project = await PulumiProject.make(files);
    const config = { "cds:endpoint": emulator.url, regionId: "CN_Hongkong_A" };
    // The first backup of a cluster waits a minute for late shards.
    const single = { version: "2.8.19", architecture: "read-write-splitting" };
    await project.configure({ ...config, ...single }, SECRETS);
  });

  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("preview orders nothing", async () => {
    await project.succeed("preview");
    expect(emulator.store.instances()).toEqual([]);
  });

  test("up makes one instance and its backup, and waits until both are ready", async () => {
    await project.succeed("up", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toMatchObject([
      { status: "RUNNING", ramGb: 8, subProductName: "Redis 读写分离版", version: "2.8.19" },
    ]);
    const statuses = emulator.store.backups().map((backup) => backup.status);
    expect(statuses).toEqual(["finished"]);
    const [instance] = emulator.store.instances();
    const { resources } = await project.exported();
    expect(resources.find(({ urn }) => urn.endsWith("::cache"))).toMatchObject({
      id: instance?.instanceUuid,
      outputs: { ip: instance?.ip, port: 9736, ramGb: 8, status: "RUNNING" },
    });
    expect(resources.find(({ urn }) => urn.endsWith("::backup"))).toMatchObject({
      outputs: { status: "finished", sizeBytes: 18 },
    });
  });

  test("__provider in the state is one constant line under 250 bytes", async () => {
    const { resources } = await project.exported();
    const lines = resources.flatMap(({ inputs, outputs }) => [
      inputs?.["__provider"],
      outputs?.["__provider"],
    ]);
    const texts = lines.filter((line): line is string => typeof line === "string");
    expect(new Set(texts)).toEqual(new Set(Object.values(PROVIDER_LINES)));
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThan(250);
  });

  test("the next preview is empty and asks the vendor nothing", async () => {
    const before = emulator.requests.length;
    await project.succeed("preview", "--expect-no-changes");
    expect(emulator.requests).toHaveLength(before);
  });

  test("a refresh is empty", async () => {
    await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  test("a longer time limit is an update in place that orders nothing", async () => {
    const [before] = emulator.store.instances();
    await project.succeed("config", "set", "createTimeout", "10m");
    const output = await project.succeed("up", "--yes", "--skip-preview");
    expect(output).toContain("1 updated");
    expect(emulator.store.instances().map((one) => one.instanceUuid)).toEqual([
      before?.instanceUuid,
    ]);
  });

  test("another size is shown as a replacement, and makes the new one before it deletes the old one", async () => {
    const [before] = emulator.store.instances();
    await project.succeed("config", "set", "ramGb", "16");
    const preview = await project.succeed("preview");
    expect(preview).toContain("ramGb");
    expect(preview).toContain("2 to replace");
    const calls = emulator.requests.length;
    await project.succeed("up", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toMatchObject([{ ramGb: 16, status: "RUNNING" }]);
    expect(emulator.store.instances()[0]?.instanceUuid).not.toBe(before?.instanceUuid);
    const writes = emulator.requests
      .slice(calls)
      .map((request) => request.action)
      .filter((action) => /^(Create|Delete)/.test(action));
    expect(writes).toEqual([
      "CreateDBInstance",
      "CreateBackup",
      "DeleteBackup",
      "DeleteDBInstance",
    ]);
    await project.succeed("preview", "--expect-no-changes");
  });

  test("a change made behind Pulumi's back is drift, and the next preview offers to mend it", async () => {
    const [instance] = emulator.store.instances();
    emulator.store.changeInstance(instance?.instanceUuid ?? "", { ramGb: 32 });
    const refresh = await project.succeed("refresh", "--yes", "--skip-preview", "--diff");
    expect(refresh).toMatch(/~ ramGb\s*: 16 => 32/);
    expect(await project.succeed("preview")).toContain("2 to replace");
    await project.succeed("config", "set", "ramGb", "32");
    await project.succeed("preview", "--expect-no-changes").catch(async () => {
      // The goods id is known again: an update of the state alone.
      expect(await project.succeed("preview")).not.toContain("replace");
    });
    await project.succeed("up", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toMatchObject([
      { instanceUuid: instance?.instanceUuid, ramGb: 32 },
    ]);
  });

  test("destroy leaves nothing", async () => {
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toEqual([]);
    expect(emulator.store.backups()).toEqual([]);
    expect((await project.exported()).resources).toEqual([]);
  });

  test("no secret was printed, logged or kept in clear", async () => {
    const seen = [project.printed, log.join("\n"), JSON.stringify(emulator.requests)].join("\n");
    expect(seen).not.toContain("CANARY");
    expect(seen).toContain("creating");
    expect(log).not.toEqual([]);
    await project.succeed("up", "--yes", "--skip-preview");
    expect((await project.exported()).text).not.toContain("CANARY");
    await project.succeed("destroy", "--yes", "--skip-preview");
  });
});
