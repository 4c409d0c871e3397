import { startEmulator, type Emulator } from "../../../emulator";
import { yamlProject } from "../facePrograms";
import { PulumiProject } from "../pulumiProject";
import { DESTROY, UP, writesAt } from "../redisProject";
import { COMPILE_MS, pathWith } from "./companions";
import { configure } from "./yamlStack";

jest.setTimeout(180_000);

const DYNAMIC_YAML = "name: caches\nruntime: nodejs\n";
const INSTANCE = {
  ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", ramGb: 8 },
  ...{ version: "2.8.19", architecture: "read-write-splitting" },
};

/** The program on the dynamic face; `aliases` names the plugin's types. */
function dynamicProgram(account: string | undefined, hasAliases = false): string {
  const options = (type: string): string =>
    hasAliases ? `{ aliases: [{ type: "cds-redis:index:${type}" }] }` : "{}";
  const args = JSON.stringify({ ...INSTANCE, account });
  return `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
const password = new pulumi.Config().requireSecret("password");
const account = ${JSON.stringify(account)};
const cache = new cds.RedisInstance("cache", { ...${args}, password }, ${options("RedisInstance")});
new cds.RedisBackup("backup", { instanceId: cache.id, triggers: ["1"], account }, ${options("RedisBackup")});
`;
}

/** The same on the plugin face, with an explicit provider where the account has a name. */
function pluginProgram(account: string | undefined): string {
  const options = account === undefined ? {} : { provider: "${account}" };
  const settings = { endpoint: "${endpoint}", accessKeyId: "${keyId}", accessKeySecret: "${key}" };
  const provider = { type: "pulumi:providers:cds-redis", properties: settings };
  const program = yamlProject({
    ...(account === undefined ? {} : { account: provider }),
    cache: {
      type: "cds-redis:RedisInstance",
      properties: { ...INSTANCE, password: "${password}" },
      options,
    },
    backup: {
      type: "cds-redis:RedisBackup",
      properties: { instanceId: "${cache.id}", triggers: ["1"] },
      options,
    },
  });
  return account === undefined ? program : withConfiguration(program);
}

describe.each([[undefined], ["prod"]])("a stack of the account %s", (account) => {
  let emulator: Emulator;
  let project: PulumiProject;

  beforeAll(async () => {
    process.env["PATH"] = await pathWith("yaml");
    emulator = await startEmulator({ deliverySeconds: 0 });
    project = await PulumiProject.make({
      "Pulumi.yaml": DYNAMIC_YAML,
      "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
      "index.js": dynamicProgram(account),
    });
    await configure(project, emulator, account === undefined ? "cds" : `cds-${account}`);
    await project.succeed(...UP);
  }, COMPILE_MS);

  afterAll(async () => {
    await project.remove();
    await emulator.close();
  });

  test("moves to the plugin face, and nothing changes", async () => {
    if (account === undefined) await configure(project, emulator, "cds-redis");
    else {
      const { url, accessKeyId, accessKeySecret } = emulator;
      const plain = { "caches:endpoint": url, "caches:keyId": accessKeyId };
      await project.configure(plain, { "caches:key": accessKeySecret });
    }
    await project.write("Pulumi.yaml", pluginProgram(account));
    const written = writesAt(emulator).length;
    const before = emulator.store.snapshot();
    expect(await project.succeed(...UP)).toMatch(/\b3 unchanged/);
    await project.succeed("refresh", "--yes", "--skip-preview");
    await project.succeed("preview", "--expect-no-changes");
    expect(writesAt(emulator).slice(written)).toEqual([]);
    expect(emulator.store.snapshot()).toEqual(before);
  });

  test("moves back by aliases, and nothing changes at the vendor", async () => {
    const written = writesAt(emulator).length;
    await project.write("Pulumi.yaml", DYNAMIC_YAML);
    await project.write("index.js", dynamicProgram(account, true));
    const output = await project.succeed(...UP);
    // The state gets what the dynamic face needs.
    expect(output).toMatch(/\b2 updated/);
    expect(output).not.toMatch(/replaced|created/);
    await project.succeed("preview", "--expect-no-changes");
    await project.write("index.js", dynamicProgram(account));
    await project.succeed("preview", "--expect-no-changes");
    expect(writesAt(emulator).slice(written)).toEqual([]);
  });

  test("is destroyed on the face that it moved to", async () => {
    await project.succeed(...DESTROY);
    expect(emulator.store.instances()).toEqual([]);
    expect(project.printed).not.toContain("CANARY");
  });
});

/** The settings of the explicit provider, as the stack's configuration. */
function withConfiguration(program: string): string {
  const { config, ...rest } = JSON.parse(program) as { config: object };
  const text = { type: "string", default: "" };
  const key = { type: "string", secret: true, default: "" };
  return JSON.stringify({ ...rest, config: { ...config, endpoint: text, keyId: text, key } });
}
