import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { RedisInstance } from "../../../provider";
import { PROVIDER_LINES } from "../../providerLines";
import { mockEngine } from "../programSide";

const ENGINE = "PULUMI_NODEJS_ENGINE";

/** Loads the line as Pulumi's dynamic provider process does. */
const DYNAMIC_PROVIDER = `
const Module = require("node:module");
const loaded = new Module("");
loaded.filename = "";
loaded.paths = Module._nodeModulePaths(".");
loaded._compile(process.argv[2], "");
try { console.log(loaded.exports.handler()); } catch (error) { console.log(error.message); }
`;

let folder: string;

beforeEach(async () => {
  await mockEngine();
  folder = await realpath(await mkdtemp(join(tmpdir(), "cds-redis-host-")));
  jest.spyOn(process, "cwd").mockReturnValue(folder);
  process.env[ENGINE] = "127.0.0.1:1";
  await write("Pulumi.yaml", "");
  await installPulumi("node_modules");
});

afterEach(async () => {
  Reflect.deleteProperty(process.env, ENGINE);
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function write(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function installPulumi(modules: string): Promise<void> {
  await write(join(modules, "@pulumi/pulumi/cmd/dynamic-provider/index.js"), DYNAMIC_PROVIDER);
}

async function installOurs(modules: string): Promise<void> {
  const ours = join(modules, "pulumi-cds-redis");
  await write(join(ours, "package.json"), '{ "exports": { "./host": "./host.js" } }');
  await write(join(ours, "host.js"), 'exports.redisInstance = "an instance";');
}

/** What the line of an instance gives in the engine's process for the project. */
function loadLine(): string {
  const script = join(folder, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js");
  const args = [script, PROVIDER_LINES.redisInstance];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim();
}

function makeResource(): void {
  RedisInstance.get("cache", "an-id");
}

test("without the package in the project, program and engine say where to add it", () => {
  const attempts = [makeResource, makeResource];
  for (const attempt of attempts)
    expect(attempt).toThrow(
      `The engine loads pulumi-cds-redis from ${folder}, where it is not installed: add pulumi-cds-redis to the package.json there.`,
    );
  expect(loadLine()).toBe(`Add pulumi-cds-redis to package.json in ${folder}`);
});

test("the engine finds the package in the project", async () => {
  await installOurs("node_modules");
  makeResource();
  expect(loadLine()).toBe("an instance");
});

test("the engine finds the package in a folder above the project", async () => {
  const project = join(folder, "packages/program");
  await write("packages/program/Pulumi.yaml", "");
  await installOurs("node_modules");
  jest.spyOn(process, "cwd").mockReturnValue(project);
  makeResource();
});

test("the engine finds the package beside Pulumi's own, where pnpm links it", async () => {
  await rm(join(folder, "node_modules"), { recursive: true });
  await installPulumi("node_modules/.pnpm/@pulumi+pulumi@3.0.0/node_modules");
  await installOurs("node_modules/.pnpm/node_modules");
  await mkdir(join(folder, "node_modules/@pulumi"));
  await symlink(
    "../.pnpm/@pulumi+pulumi@3.0.0/node_modules/@pulumi/pulumi",
    join(folder, "node_modules/@pulumi/pulumi"),
  );
  makeResource();
  expect(loadLine()).toBe("an instance");
});

test("a unit test may run from a folder without the package", () => {
  Reflect.deleteProperty(process.env, ENGINE);
  makeResource();
});

test("a program that left its folder is not checked", async () => {
  await rm(join(folder, "Pulumi.yaml"));
  makeResource();
});
