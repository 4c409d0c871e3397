import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shellWord } from "../../cli/shellWord";
import { runCommand } from "./adoptRun";
import type { Run } from "./captured";

/** Passwords with what a shell, jq or `echo` reads as anything else. */
const PASSWORDS = ["Canary$$w'1\"`\\x", "-n canary", " canary ", "%s\\ncanary#!"];
const idOf = (at: number): string => `0000000${at}-dfe0-4467-8db2-2e72a5e38a7c`;
const attributesOf = (at: number): Record<string, unknown> => ({
  ...{ id: idOf(at), region_id: "CN_Hongkong_A", vdc_id: "vdc-1", base_pipe_id: "pipe-1" },
  ...{ architecture_type: 2, ram: 8, redis_version: "5.0", password: PASSWORDS[at] ?? null },
});

/** What terraform 0.12 and later write. The last instance was imported, so its password is not known. */
function version4(): string {
  const instances = (keys: readonly (string | number)[], first: number): object[] =>
    keys.map((key, at) => ({ index_key: key, attributes: attributesOf(first + at) }));
  const redis = { mode: "managed", type: "cds_redis" };
  const module = 'module.a["x y"].module.b[0]';
  return JSON.stringify({
    version: 4,
    // A value with the id of an instance, and data sources, are no instances.
    outputs: { id: { value: idOf(0), type: "string" } },
    resources: [
      {
        mode: "data",
        type: "cds_redis",
        name: "all",
        instances: [{ attributes: { id: idOf(0) } }],
      },
      { ...redis, name: "cache", instances: instances(["eu", 'it\'s "q" ${x}'], 0) },
      { ...redis, module, name: "counted", instances: instances([0, 1], 2) },
      { ...redis, name: "imported", instances: [{ attributes: attributesOf(4) }] },
    ],
  });
}

/** What terraform 0.11 writes, where every attribute is a text. */
function version3(): string {
  const resource = (at: number): object => {
    const { id, ...others } = attributesOf(at);
    const texts = Object.entries(others).map(([name, value]) => [name, String(value)]);
    const attributes = { id, ...(Object.fromEntries(texts) as object) };
    return { type: "cds_redis", primary: { id, attributes }, deposed: [] };
  };
  return JSON.stringify({
    version: 3,
    modules: [
      {
        path: ["root"],
        resources: { "cds_redis.cache.0": resource(0), "cds_redis.cache.1": resource(1) },
      },
      { path: ["root", "m", "n"], resources: { "cds_redis.one": resource(2) } },
    ],
  });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-terraform-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (): string => join(folder, "it's a state.tfstate");

/** Runs the command on a file, or on standard input. It checks that no password is in the output. */
function fromTerraform(state: string, ...args: readonly string[]): Promise<Run> {
  writeFileSync(file(), state);
  return runCommand(["from-terraform", ...args], {}, state);
}

async function commandsFor(state: string, name: string): Promise<string[]> {
  const { out } = await fromTerraform(state, name, "--json");
  return (JSON.parse(out) as { readonly commands: string[] }).commands;
}

/** Runs commands with the configuration as lines of key and value. */
function configurationSetBy(commands: readonly string[]): string[] {
  const script = [
    'pulumi() { printf "%s=" "$4"; cat; printf "\\n"; }',
    `terraform() { cat ${shellWord(file())}; }`,
    ...commands,
  ].join("\n");
  const { stdout, stderr } = spawnSync("sh", ["-ec", script], {
    ...{ cwd: folder, encoding: "utf8", input: "typed" },
  });
  expect(stderr).toBe("");
  return stdout.replace(/\n$/, "").split("\n");
}

const SET4 = [
  `cacheEuPassword=${PASSWORDS[0] ?? ""}`,
  `cacheItSQXPassword=${PASSWORDS[1] ?? ""}`,
  `aXYB0Counted0Password=${PASSWORDS[2] ?? ""}`,
  `aXYB0Counted1Password=${PASSWORDS[3] ?? ""}`,
  "importedPassword=typed",
];
const SET3 = [
  `cache0Password=${PASSWORDS[0] ?? ""}`,
  `cache1Password=${PASSWORDS[1] ?? ""}`,
  `mNOnePassword=${PASSWORDS[2] ?? ""}`,
];

const hasJq = spawnSync("jq", ["--version"]).status === 0;
const skipped = hasJq ? "" : " (skipped: it needs jq)";

describe.each([
  [4, version4(), SET4],
  [3, version3(), SET3],
])("the commands for a state of version %d", (_, state, expected) => {
  (hasJq ? test : test.skip)(`set each password from the file${skipped}`, async () => {
    expect(configurationSetBy(await commandsFor(state, file()))).toEqual(expected);
  });

  (hasJq ? test : test.skip)(`set each password from a pipe${skipped}`, async () => {
    expect(configurationSetBy(await commandsFor(state, "-"))).toEqual(expected);
  });

  (hasJq ? test : test.skip)(`work as they stand on the terminal${skipped}`, async () => {
    const lines = (await fromTerraform(state, file())).err.split("\n");
    const first = lines.findIndex((line) => line.startsWith("     # "));
    const last = lines.findLastIndex((line) => line.includes("pulumi config set --secret"));
    expect(configurationSetBy(lines.slice(first, last + 1))).toEqual(expected);
  });
});

test("each command stands below its key and its address, in 80 columns", async () => {
  const { err } = await fromTerraform(version4(), "-");
  expect(err).toContain(
    `
     # cacheEuPassword, of cds_redis.cache["eu"]
      terraform state pull |
        jq -j 'first(.. | select(.id? == "${idOf(0)}")
        | .password // empty)' |
        pulumi config set --secret cacheEuPassword
`,
  );
  expect(err).toContain(
    `
     # importedPassword, of cds_redis.imported: the state lacks it, so type it
      pulumi config set --secret importedPassword
`,
  );
  // An address is as long as it is.
  for (const line of err.replaceAll(/module[^ ]* y[^ \n]*/g, "").split("\n"))
    expect(line.length).toBeLessThanOrEqual(80);
});

test("a state without any password gets no words on commands that read it", async () => {
  const imported = [{ attributes: attributesOf(4) }];
  const redis = { mode: "managed", type: "cds_redis", name: "cache", instances: imported };
  const { err } = await fromTerraform(JSON.stringify({ version: 4, resources: [redis] }), "-");
  expect(err).toContain("Set the secrets. Each command asks for its value.");
  expect(err).not.toContain("jq");
});

test("the program itself has the keys, and no command that reads the state", async () => {
  const { out } = await fromTerraform(version4(), "-");
  expect(out).toContain("//      pulumi config set --secret cacheEuPassword\n");
  expect(out).not.toContain("jq");
});
