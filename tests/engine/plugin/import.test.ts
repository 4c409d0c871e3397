import { startEmulator, type Emulator } from "../../../emulator";
import type { PulumiProject } from "../pulumiProject";
import { orderElsewhere, resource, UP, writesAt } from "../redisProject";
import { COMPILE_MS, pathWith } from "./companions";
import { PASSWORD, want, yamlStack, type Resources } from "./yamlStack";

jest.setTimeout(180_000);

let emulator: Emulator;
let project: PulumiProject;
let id: string;
let backupId: string;

beforeAll(async () => {
  process.env["PATH"] = await pathWith("yaml");
  emulator = await startEmulator({ deliverySeconds: 0 });
  project = await yamlStack(emulator);
  id = orderElsewhere(emulator, "made-elsewhere").instanceUuid;
  [backupId = ""] = emulator.store.createBackup(id, "nightly");
}, COMPILE_MS);

afterAll(async () => {
  await project.remove();
  await emulator.close();
});

/** What the vendor tells of the instance, as a program says it. */
const TOLD = {
  ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", instanceName: "made-elsewhere", port: 6400 },
  ...{ version: "5.0", architecture: "cluster", ramGb: 8 },
};
const UNTOLD = { basePipeId: "pipe-1", password: "${password}" };

function instance(properties: object, options = {}): Resources[string] {
  return { type: "cds-redis:RedisInstance", properties, options };
}

function backup(properties = {}): Resources[string] {
  const all = { instanceId: id, description: "nightly", ...properties };
  return { type: "cds-redis:RedisBackup", properties: all };
}

describe("pulumi import", () => {
  test("writes the code of an instance and of its backup", async () => {
    const options = ["--yes", "--protect=false"];
    await project.succeed(...["import", "cds-redis:index:RedisInstance", "cache", id], ...options);
    const code = await project.succeed(
      ...["import", "cds-redis:index:RedisBackup", "backup", `${id}/${backupId}`],
      ...options,
    );
    expect(project.printed).toMatch(
      /architecture: cluster[^]*basePipeId: ""[^]*instanceName: made-elsewhere[^]*ramGb: 8/,
    );
    expect(code).toMatch(/description: nightly[^]*instanceId: /);
  });

  test("leaves basePipeId and the password to the user: the next up takes them and replaces nothing", async () => {
    const first = { triggers: ["1"], keepLatest: 2 };
    await want(project, { cache: instance({ ...TOLD, ...UNTOLD }), backup: backup(first) });
    const output = await project.succeed(...UP);
    expect(output).toContain("2 updated");
    const { ip } = emulator.store.instances()[0] ?? {};
    const connection = await project.start("pulumi", [...["stack", "export", "--show-secrets"]]);
    expect(connection.output).toContain(`redis://:${PASSWORD}@${ip ?? ""}:6400`);
    project.printed = project.printed.replace(connection.output, "");
    await project.succeed("preview", "--expect-no-changes");
  });

  test("takes no backup for the first triggers, and one for the next", async () => {
    expect(writesAt(emulator)).toEqual([]);
    const next = { triggers: ["2"], keepLatest: 2 };
    await want(project, { cache: instance({ ...TOLD, ...UNTOLD }), backup: backup(next) });
    await project.succeed(...UP);
    expect(writesAt(emulator)).toEqual(["CreateBackup"]);
  });
});

describe("the option import", () => {
  let other: PulumiProject;
  beforeAll(async () => {
    other = await yamlStack(emulator);
  });
  afterAll(() => other.remove());

  test("with a told argument that differs is refused by name", async () => {
    const given = { ...TOLD, ...UNTOLD, ramGb: 12 };
    await want(other, { cache: instance(given, { import: id }) });
    const { code, output } = await other.run("preview");
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /made-elsewhere .*differs from the arguments: ramGb is 8, the program says 12/,
    );
  });

  test("takes the instance over, and the next up takes what the vendor does not tell", async () => {
    const written = writesAt(emulator).length;
    await want(other, { cache: instance({ ...TOLD, ...UNTOLD }, { import: id }) });
    const output = await other.succeed("up", "--yes");
    expect(output).toContain("1 imported");
    expect((await resource(other, "cache"))?.id).toBe(id);
    await other.succeed(...UP);
    await other.succeed("preview", "--expect-no-changes");
    expect(writesAt(emulator).slice(written)).toEqual([]);
  });

  test("shows no secret", async () => {
    const { text } = await other.exported();
    expect([text, project.printed, other.printed].join("\n")).not.toContain("CANARY");
  });
});
