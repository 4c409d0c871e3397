import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Emulator } from "../../emulator";
import { canaryEmulator, environmentOf, orderAt, runCommand } from "./adoptRun";
import type { Run } from "./captured";

const ODD_NAME = 'a"; ${evil} $$ `x` \u2028\u202e \u001b[31m */ \\ \n#é';
const LANGUAGES = ["typescript", "yaml", "python"] as const;

/** The text `say "hi" ${x} $$ \\` in each language. */
const LITERALS = {
  typescript: '"say \\"hi\\" ${x} $$ \\\\"',
  python: '"say \\"hi\\" ${x} $$ \\\\"',
  yaml: '"say \\"hi\\" $${x} $$$$ \\\\"',
};

let folder: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-adopt-"));
  emulator = await canaryEmulator();
});
afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

function adopt(...args: readonly string[]): Promise<Run> {
  return runCommand(["adopt", ...args], environmentOf(emulator));
}

interface Result {
  readonly program: string;
  readonly resources: readonly { readonly name: string; readonly id: string }[];
  readonly fillIn: readonly { readonly resource: string; readonly argument: string }[];
  readonly commands: readonly string[];
  readonly leftOut: readonly { readonly what: string; readonly reason: string }[];
  readonly failures: readonly { readonly account: string; readonly what: string }[];
}

async function adoptJson(...args: readonly string[]): Promise<Result> {
  const { out } = await adopt("--json", ...args);
  return JSON.parse(out) as Result;
}

test("writes each told argument, the import and the protection, and asks for the password", async () => {
  const id = orderAt(emulator, "sessions");
  const { exitCode, out, err } = await adopt();
  expect(exitCode).toBe(0);
  expect(out.slice(out.indexOf("new cds."))).toBe(`new cds.RedisInstance(
  "sessions",
  {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-2",
${out
  .split("\n")
  .filter((line) => line.includes("    // "))
  .join("\n")}
    basePipeId: "pipe-2",
    version: "5.0",
    architecture: "cluster",
    ramGb: 8,
    instanceName: "sessions",
    port: 6400,
    password: config.requireSecret("sessionsPassword"),
  },
  { import: "${id}", protect: true },
);
`);
  expect(err).toContain("pulumi config set --secret sessionsPassword\n");
  for (const line of (out + err).split("\n"))
    if (!line.includes("import:")) expect(line.length).toBeLessThanOrEqual(80);
});

test("writes the instances in the order of their names, numbers as numbers", async () => {
  for (const name of ["app10", "app2", "app1"]) orderAt(emulator, name);
  const { resources } = await adoptJson();
  expect(resources.map(({ name }) => name)).toEqual(["app1", "app2", "app10"]);
});

test("says where a preview reads the key", async () => {
  orderAt(emulator, "sessions");
  const { err } = await adopt("--language", "yaml");
  expect(err).toContain("CDS_SECRET_ID and CDS_SECRET_KEY, or from");
  expect(err).toContain("cds-redis:accessKeyId and cds-redis:accessKeySecret of the stack.");
});

test("changes nothing at the vendor", async () => {
  orderAt(emulator, "sessions");
  const before = emulator.store.snapshot();
  await adopt();
  expect(emulator.store.snapshot()).toEqual(before);
  const actions = new Set(emulator.requests.map(({ action }) => action));
  expect([...actions].filter((action) => !action.startsWith("Describe"))).toEqual([]);
});

test.each(["typescript", "python"] as const)(
  "a %s program is valid whatever the names are",
  async (language) => {
    const id = orderAt(emulator, ODD_NAME);
    for (const name of ["订单", "class", "a-b", "a_b", "A B", "1"]) orderAt(emulator, name);
    emulator.store.createBackup(id, 'it\'s "q" ${x}');
    const { program, resources } = await adoptJson("--language", language);
    expect(resources).toHaveLength(8);
    expect(new Set(resources.map(({ name }) => name.toLowerCase())).size).toBe(8);
    for (const { name } of resources) expect(name).toMatch(/^[\w.-]+$/);
    if (language === "python") {
      execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
        input: program,
      });
      return;
    }
    writeFileSync(join(folder, "index.ts"), program);
    symlinkSync(join(__dirname, "../../node_modules"), join(folder, "node_modules"));
    const { transformSync } = await import("@swc/core");
    expect(() =>
      transformSync(program, { jsc: { parser: { syntax: "typescript" } } }),
    ).not.toThrow();
  },
);

test.each(LANGUAGES)("in %s a name stays a text, without unseen characters", async (language) => {
  orderAt(emulator, 'say "hi" ${x} $$ \\');
  const { program } = await adoptJson("--language", language);
  expect(program).toContain(LITERALS[language]);
});

test("leaves a name that is no valid argument to the provider, which keeps the live one", async () => {
  orderAt(emulator, ODD_NAME);
  const { program } = await adoptJson();
  expect(program).not.toContain("instanceName:");
});

test("names a resource after the automatic name of this package", async () => {
  orderAt(emulator, "cache-1a2b3c4");
  const { resources, program } = await adoptJson();
  expect(resources[0]?.name).toBe("cache");
  expect(program).toContain('instanceName: "cache-1a2b3c4"');
});

test("gives literals that would not compile a type that compiles", async () => {
  orderAt(emulator, "patched", { version: "5.0.3" });
  const { program } = await adoptJson();
  expect(program).toContain("} as cds.RedisInstanceArgs,");
});

describe("basePipeId", () => {
  const vdcs = [
    {
      ...{ vdcId: "vdc-2", vdcName: "two", regionId: "CN_Hongkong_A" },
      privateNetworks: [
        { privateId: "pipe-2", name: "two", segment: "10.0.0.0/8~10.127.255.255/8" },
        { privateId: "pipe-3", name: "three", segment: "10.128.0.0/9" },
      ],
    },
  ];

  test("is the network that has the instance's address", async () => {
    await emulator.close();
    emulator = await canaryEmulator({ vdcs });
    for (let count = 0; count < 10; count++) orderAt(emulator, `cache-${count}`);
    const { program, fillIn } = await adoptJson();
    const found = [...program.matchAll(/basePipeId: "([^"]*)"/g)].map(([, id]) => id);
    const expected = emulator.store
      .instances()
      .map(({ ip }) => (Number(ip.split(".")[1]) < 128 ? "pipe-2" : "pipe-3"));
    expect(found).toEqual(expected);
    expect(fillIn).toEqual([]);
  });

  test("is left to a person, with the choices, where several networks may be it", async () => {
    orderAt(emulator, "cache", { vdcId: "vdc-1" });
    const { program, fillIn } = await adoptJson();
    expect(fillIn).toEqual([
      {
        resource: "cache",
        argument: "basePipeId",
        how: expect.stringMatching(/pipe-1 .*pipe-full/) as string,
      },
    ]);
    expect(program).toContain('basePipeId: ""');
  });

  test("is left to a person where the key may not read networks", async () => {
    orderAt(emulator, "cache");
    emulator.faults.add({ kind: "http-403", action: "DescribeVdc", times: 100 });
    const { exitCode, out, err } = await adopt();
    expect([exitCode, out]).toEqual([0, expect.stringContaining('basePipeId: ""')]);
    expect(err).toContain("note: account default: the networks can't be read");
    expect(err).toContain("This key may lack the permission for the network API");
    expect(err).not.toContain("Check the access key");
  });
});

describe("backups", () => {
  test("of a cluster are taken over by the first entry, without this package's mark", async () => {
    const id = orderAt(emulator, "cache");
    emulator.store.createBackup(id, "nightly pulumi-0123456789ab");
    const { program, resources } = await adoptJson();
    expect(resources).toHaveLength(2);
    expect(program).toContain("instanceId: cache.id");
    expect(program).toContain('description: "nightly"');
    const entries = emulator.store.backups().map(({ backupId }) => `${id}/${backupId}`);
    expect(entries).toHaveLength(2);
    expect(entries).toContain(resources[1]?.id);
  });

  test("that no import could take over are left out by name", async () => {
    const id = orderAt(emulator, "cache");
    emulator.store.createBackup(id, "x".repeat(101));
    const { resources, leftOut } = await adoptJson();
    expect(resources).toHaveLength(1);
    expect(leftOut).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/description/) as string }),
    ]);
  });

  test("are not asked for with --backups none", async () => {
    orderAt(emulator, "cache");
    await adoptJson("--backups", "none");
    expect(emulator.requests.map(({ action }) => action)).not.toContain("DescribeBackups");
  });
});

describe("several accounts", () => {
  test("go into one program, each resource with its account", async () => {
    const other = await canaryEmulator();
    orderAt(emulator, "cache");
    orderAt(other, "cache");
    const env = { ...environmentOf(emulator), ...environmentOf(other, "_PROD_EU") };
    const args = ["--account", "default", "--account", "prod-eu"];
    const { exitCode, out, err } = await runCommand(["adopt", ...args], env);
    await other.close();
    expect([exitCode, out.match(/account: .*/g)]).toEqual([0, ['account: "prod-eu",']]);
    expect(out).toContain('"prod-eu-cache"');
    expect(err).toContain("pulumi config set --secret cds-prod-eu:accessKeyId\n");
  });

  test("of which one fails: the others are written, and the exit code is 1", async () => {
    orderAt(emulator, "cache");
    const broken = { ...environmentOf(emulator, "_OLD"), CDS_SECRET_KEY_OLD: "canary-wrong" };
    const env = { ...environmentOf(emulator), ...broken };
    const { exitCode, out, err } = await runCommand(
      ["adopt", "--account", "old", "--account", "default"],
      env,
    );
    expect([exitCode, out]).toEqual([1, expect.stringContaining('"cache"')]);
    expect(err).toMatch(/failed: account old: listing the instances: /);
  });

  test("without a key are a wrong use that names the variable", async () => {
    const { exitCode, err } = await adopt("--account", "prod");
    expect([exitCode, err]).toEqual([2, expect.stringContaining("CDS_SECRET_ID_PROD")]);
  });
});

describe("--out", () => {
  test("writes the file, and never over another one", async () => {
    orderAt(emulator, "cache");
    const out = join(folder, "index.ts");
    const first = await adopt("--out", out);
    expect([first.exitCode, readFileSync(out, "utf8")]).toEqual([
      0,
      expect.stringContaining("new cds.RedisInstance"),
    ]);
    writeFileSync(out, "mine");
    const second = await adopt("--out", out);
    expect([second.exitCode, readFileSync(out, "utf8")]).toEqual([2, "mine"]);
    expect(second.err).toContain("--force");
    await adopt("--out", out, "--force");
    expect(readFileSync(out, "utf8")).toContain("new cds.RedisInstance");
  });
});

test("leaves out what is being deleted or has failed, and says so", async () => {
  const ids = ["DELETING", "CREATE_FAILED", "CREATING"].map((status) => {
    const id = orderAt(emulator, status.toLowerCase());
    emulator.store.changeInstance(id, { status });
    return id;
  });
  const { resources, leftOut } = await adoptJson();
  expect(resources.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(leftOut).toHaveLength(2);
  const none = await adopt("--name", "deleting");
  expect([none.exitCode, none.out]).toEqual([2, ""]);
  expect(none.err).toContain("note: left out: the instance deleting");
});

test("an unknown name is a wrong use that lists the instances", async () => {
  orderAt(emulator, "cache");
  const { exitCode, out, err } = await adopt("--name", "other");
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toContain("there are: cache in CN_Hongkong_A.");
});

test("a name of another region is named, and the others are written", async () => {
  orderAt(emulator, "here");
  orderAt(emulator, "there", { regionId: "CN_Beijing_A" });
  const args = ["--name", "here", "--name", "there", "--region", "CN_Hongkong_A"];
  const { exitCode, out, err } = await adopt(...args);
  expect([exitCode, out.match(/import: /g)]).toEqual([1, ["import: "]]);
  expect(err).toContain(
    "error: no instance in CN_Hongkong_A has the name or id there; the program has the others.\n",
  );
});

test("a region or a name leaves the others out", async () => {
  const id = orderAt(emulator, "one");
  orderAt(emulator, "two");
  expect((await adoptJson("--name", id)).resources.map(({ name }) => name)).toEqual(["one"]);
  expect((await adopt("--region", "CN_Beijing_A")).exitCode).toBe(2);
});
