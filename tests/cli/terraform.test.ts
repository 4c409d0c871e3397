import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shellWord } from "../../cli/shellWord";
import { runCommand } from "./adoptRun";
import type { Run } from "./captured";

const PASSWORD = "Canary-password-1";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-terraform-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function attributes(id: string, more: object = {}): object {
  return {
    ...{ id, region_id: "CN_Hongkong_A", vdc_id: "vdc-1", base_pipe_id: "pipe-1" },
    ...{ instance_name: `name-of-${id}`, architecture_type: 2, ram: 8, redis_version: "5.0" },
    ...{ password: PASSWORD, ip: "10.1.2.3", subject_id: null },
    ...more,
  };
}

interface Instance {
  readonly index_key?: string | number;
  readonly attributes: object;
  readonly deposed?: string;
  readonly status?: string;
}

/** A resource of a state of version 4. */
function resource(instances: readonly Instance[], more: object = {}): object {
  return {
    ...{ mode: "managed", type: "cds_redis", name: "cache", instances },
    provider: 'provider["terraform.capitalonline.net/capitalonline/cds"]',
    ...more,
  };
}

function version4(...resources: readonly object[]): string {
  const head = { version: 4, terraform_version: "1.11.4", serial: 1, lineage: "a", outputs: {} };
  return JSON.stringify({ ...head, resources });
}

function version3(modules: readonly object[]): string {
  return JSON.stringify({ version: 3, terraform_version: "0.11.14", serial: 1, modules });
}

/** A resource of a state of version 3, where every attribute is a text. */
function oldResource(id: string, more: object = {}): object {
  const flat = Object.entries(attributes(id)).map(([name, value]) => [name, String(value ?? "")]);
  return {
    ...{ type: "cds_redis", depends_on: [], provider: "provider.cds", deposed: [] },
    primary: { id, attributes: Object.fromEntries(flat) as object, meta: {}, tainted: false },
    ...more,
  };
}

async function fromTerraform(state: string, ...args: readonly string[]): Promise<Run> {
  const file = join(folder, "terraform.tfstate");
  writeFileSync(file, state);
  return runCommand(["from-terraform", file, ...args], {});
}

interface Result {
  readonly program: string;
  readonly resources: readonly { readonly name: string; readonly id: string }[];
  readonly terraformCommands: readonly string[];
  readonly fillIn: readonly { readonly argument: string }[];
  readonly leftOut: readonly { readonly what: string }[];
  readonly argumentNames: Readonly<Record<string, string>>;
}

async function resultOf(state: string): Promise<Result> {
  const { exitCode, out } = await fromTerraform(state, "--json");
  expect(exitCode).toBe(0);
  return JSON.parse(out) as Result;
}

test("writes the program to standard output, and the names and commands to standard error", async () => {
  const state = version4(resource([{ attributes: attributes("id-1", { subject_id: 7 }) }]));
  const { exitCode, out, err } = await fromTerraform(state);
  expect(exitCode).toBe(0);
  expect(out.slice(out.indexOf("new cds."))).toBe(`new cds.RedisInstance(
  "cache",
  {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "5.0",
    architecture: "cluster",
    ramGb: 8,
    instanceName: "name-of-id-1",
    subjectId: 7,
    password: config.requireSecret("cachePassword"),
  },
  { import: "id-1", protect: true },
);
`);
  expect(err).toContain("  terraform state rm cds_redis.cache\n");
  expect(err).toMatch(/^base_pipe_id +basePipeId$/m);
  expect(err).toMatch(/^redis_version +version$/m);
  // The name of the file is as long as it is.
  for (const line of (out + err).replaceAll(folder, "").split("\n"))
    expect(line.length).toBeLessThanOrEqual(80);
});

test.each(["typescript", "yaml", "python"])("shows no password in %s or JSON", async (language) => {
  // runCommand searches every output for the canary.
  const state = version4(resource([{ attributes: attributes("id-1") }]));
  expect((await fromTerraform(state, "--language", language)).exitCode).toBe(0);
  expect((await fromTerraform(state, "--language", language, "--json")).exitCode).toBe(0);
});

describe("addresses", () => {
  /** Keys with all that HCL or a shell reads as anything else. */
  const ODD_KEYS = [
    "it's",
    'a "b"',
    "${x} %{y} $$",
    "back\\slash",
    "line\nbreak",
    "订单",
    "$(rm -rf .)",
  ];
  const state = version4(
    resource(ODD_KEYS.map((key, at) => ({ index_key: key, attributes: attributes(`odd-${at}`) }))),
    resource(
      [0, 1].map((key) => ({ index_key: key, attributes: attributes(`count-${key}`) })),
      {
        name: "counted",
        module: 'module.a["x y"].module.b[0]',
      },
    ),
  );

  test("of count, for_each and modules are words of a shell", async () => {
    const { terraformCommands: commands } = await resultOf(state);
    expect(commands.slice(0, 4)).toEqual([
      `terraform state rm 'cds_redis.cache["it'\\''s"]'`,
      `terraform state rm 'cds_redis.cache["a \\"b\\""]'`,
      `terraform state rm 'cds_redis.cache["$\${x} %%{y} $$"]'`,
      `terraform state rm 'cds_redis.cache["back\\\\slash"]'`,
    ]);
    expect(commands.at(-1)).toBe(
      `terraform state rm 'module.a["x y"].module.b[0].cds_redis.counted[1]'`,
    );
  });

  const hasTerraform = spawnSync("terraform", ["version"]).status === 0;
  const title = hasTerraform ? "" : " (skipped: it needs terraform)";
  (hasTerraform ? test : test.skip)(`are those that terraform removes${title}`, async () => {
    const { terraformCommands: commands } = await resultOf(state);
    writeFileSync(join(folder, "removal.sh"), commands.join("\n"));
    const sh = (script: string): string => {
      const { status, stdout, stderr } = spawnSync("sh", ["-e", "-c", script], {
        cwd: folder,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(stderr);
      return stdout;
    };
    expect(sh("terraform state list").trimEnd().split("\n")).toHaveLength(ODD_KEYS.length + 2);
    sh(". ./removal.sh");
    expect(sh("terraform state list")).toBe("");
  });

  test("of a state of version 3 have the modules and the count", async () => {
    const old = version3([
      {
        path: ["root"],
        resources: { "cds_redis.cache.0": oldResource("a"), "cds_redis.cache.1": oldResource("b") },
      },
      {
        path: ["root", "m", "n"],
        resources: { "cds_redis.one": oldResource("c"), "data.cds_redis.x": oldResource("d") },
      },
    ]);
    const { terraformCommands: commands, program, resources } = await resultOf(old);
    expect(commands).toEqual([
      "terraform state rm 'cds_redis.cache[0]'",
      "terraform state rm 'cds_redis.cache[1]'",
      "terraform state rm module.m.module.n.cds_redis.one",
    ]);
    expect(resources.map(({ name }) => name)).toEqual(["cache-0", "cache-1", "m-n-one"]);
    expect(program).toContain("ramGb: 8,");
  });

  test.each(["a b", "it's", "", "$x", "-a"])("shellWord quotes %j", (text) => {
    const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellWord(text)}`]);
    expect(stdout.toString()).toBe(text);
  });
});

test("leaves out what terraform has still to delete, and what has no id", async () => {
  const state = version4(
    resource([
      { attributes: attributes("live") },
      { attributes: attributes("old"), deposed: "deadbeef" },
      { attributes: attributes("") },
      { attributes: attributes("LIVE"), index_key: "twin" },
    ]),
    resource([{ attributes: attributes("x") }], { type: "cds_mysql" }),
    resource([{ attributes: attributes("y") }], { mode: "data" }),
  );
  const { resources, leftOut, terraformCommands } = await resultOf(state);
  expect(resources.map(({ id }) => id)).toEqual(["live"]);
  expect(leftOut).toHaveLength(3);
  expect(terraformCommands).toEqual([
    "terraform state rm cds_redis.cache",
    `terraform state rm 'cds_redis.cache["twin"]'`,
  ]);
});

test("says how terraform keeps what is tainted", async () => {
  const state = version4(
    resource([{ index_key: "a", attributes: attributes("live"), status: "tainted" }]),
  );
  const { err } = await fromTerraform(state);
  const note =
    'note: cds_redis.cache["a"] is tainted: terraform would replace it, Pulumi keeps it. ' +
    "Run `terraform untaint 'cds_redis.cache[\"a\"]'` before any `terraform apply`.\n";
  expect(err).toContain(note);
  expect(err).toContain("Run no `terraform apply` before:");
});

test("gives one advice alone where terraform has still to delete something", async () => {
  const live = { attributes: attributes("live") };
  const { err } = await fromTerraform(
    version4(resource([live, { attributes: attributes("old"), deposed: "deadbeef" }])),
  );
  expect(err).toContain(
    "note: left out: cds_redis.cache (deposed): terraform has still to delete it. Stop here: look at " +
      "`terraform plan`, run `terraform apply`, and begin anew.\n",
  );
  expect(err).toContain("Do none of this yet:");
  expect(err).not.toMatch(/terraform state rm|Run no `terraform apply`/);
});

test("marks an architecture that is not documented", async () => {
  const state = version4(resource([{ attributes: attributes("a", { architecture_type: 9 }) }]));
  expect((await resultOf(state)).fillIn).toEqual([
    expect.objectContaining({ argument: "architecture" }),
  ]);
});

test.each([
  ["no JSON", `{"password": "${PASSWORD}"`, "is not JSON"],
  ["no state", `{"password": "${PASSWORD}"}`, "no state of terraform"],
  ["a state of version 2", `{"version": 2, "x": "${PASSWORD}"}`, "state version 2"],
  ["a newer state", `{"version": 5, "x": "${PASSWORD}"}`, "state version 5"],
  ["another form", `{"version": 4, "resources": "${PASSWORD}"}`, "resources has another form"],
  ["an encrypted state", `{"encrypted_data": "${PASSWORD}"}`, "tofu state pull"],
  ["a state without Redis", version4(), "no cds_redis"],
])("%s is a wrong use, and the message shows nothing of the file", async (_, state, message) => {
  const { exitCode, out, err } = await fromTerraform(state);
  expect([exitCode, out, err]).toEqual([2, "", expect.stringContaining(message)]);
});

test("reads standard input", async () => {
  const state = version4(resource([{ attributes: attributes("id-1") }]));
  const { exitCode, out } = await runCommand(["from-terraform", "-"], {}, state);
  expect([exitCode, out]).toEqual([0, expect.stringContaining('import: "id-1"')]);
});

test("a missing file is a wrong use", async () => {
  const { exitCode, err } = await runCommand(["from-terraform", join(folder, "none")], {});
  expect([exitCode, err]).toEqual([2, expect.stringContaining("terraform state pull")]);
});
