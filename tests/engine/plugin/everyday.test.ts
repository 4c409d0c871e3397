import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { startEmulator, type Emulator } from "../../../emulator";
import { yamlProject } from "../facePrograms";
import type { PulumiProject } from "../pulumiProject";
import { DESTROY, resource } from "../redisProject";
import { COMPILE_MS, pathWith } from "./companions";
import { yamlStack } from "./yamlStack";

jest.setTimeout(180_000);

const INSTANCE = {
  ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", ramGb: 8 },
  ...{ version: "2.8.19", architecture: "read-write-splitting", password: "${password}" },
};

let emulator: Emulator;
let project: PulumiProject;

beforeAll(async () => {
  process.env["PATH"] = await pathWith("yaml");
  emulator = await startEmulator({ deliverySeconds: 0 });
  project = await yamlStack(emulator);
  const program = JSON.parse(
    yamlProject({
      cache: { type: "cds-redis:RedisInstance", properties: { ...INSTANCE, finalBackup: true } },
    }),
  ) as object;
  const invoke = (name: string, args: object): object => ({
    "fn::invoke": { function: `cds-redis:${name}`, arguments: args },
  });
  const text = JSON.stringify({
    ...program,
    variables: {
      regions: invoke("getRegions", { forSaleOnly: true }),
      instance: invoke("getInstance", { instanceId: "${cache.id}" }),
    },
    outputs: { region: "${regions.regions[0].regionId}", status: "${instance.status}" },
  });
  await project.write("Pulumi.yaml", text);
}, COMPILE_MS);

afterAll(async () => {
  await project.remove();
  await emulator.close();
});

test("an update plan holds: the name in it is the name that is ordered", async () => {
  const experimental = { PULUMI_EXPERIMENTAL: "true" };
  const log = { CDS_LOG: "debug", CDS_LOG_FILE: join(project.folder, "calls.log") };
  const pulumi = async (...args: string[]): Promise<void> => {
    const { code, output } = await project.start("pulumi", args, { ...experimental, ...log });
    if (code !== 0) throw new Error(output);
  };
  await pulumi("preview", "--save-plan", "plan.json");
  await pulumi("up", "--yes", "--plan", "plan.json");
  const [instance] = emulator.store.instances();
  expect(await project.read("plan.json")).toContain(instance?.instanceName);
  // The plugin writes the debug log as the npm package does.
  const calls = await project.read("calls.log");
  expect(calls).toMatch(/ action=CreateDBInstance status=200 code=Success .* attempt=1$/m);
  expect(calls).not.toContain(emulator.accessKeySecret);
});

test("functions answer with the configuration of the stack", async () => {
  expect(JSON.parse(await project.succeed("stack", "output", "--json"))).toEqual({
    region: expect.stringMatching(/^[A-Z]+_/) as string,
    status: "RUNNING",
  });
});

test("a final backup lies beside the program before the instance is deleted", async () => {
  const { inputs } = (await resource(project, "cache")) ?? {};
  await project.succeed(...DESTROY);
  expect(emulator.store.instances()).toEqual([]);
  const folders = await readdir(join(project.folder, "cds-final-backups"));
  expect(folders).toEqual([expect.stringContaining(String(inputs?.["instanceName"]))]);
});
