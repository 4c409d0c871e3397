import { Readable } from "node:stream";

import { runCli } from "../../cli/program";
import { startEmulator, type Emulator } from "../../emulator";
import { COMPILE_MS, pathWith } from "./plugin/companions";
import { PulumiProject } from "./pulumiProject";
import { orderElsewhere, UP, writesAt } from "./redisProject";
import { INSTALLED } from "./setUp";

jest.setTimeout(300_000);

const PASSWORD = "CANARY-password";
/** A name that is code, a template or an escape wherever it is not quoted. */
const ODD_NAME = "odd\"; throw 1; //${pulumi.cwd} $$ $ `x` \\ {{a}} %{b} '#:é订单";
const MANY = 30;

let emulator: Emulator;
/** The account `prod`. */
let other: Emulator;

beforeEach(async () => {
  const network = { privateId: "pipe-1", name: "cache", segment: "10.0.0.0/8" };
  const vdc = { vdcId: "vdc-1", vdcName: "hongkong", regionId: "CN_Hongkong_A" };
  const options = { deliverySeconds: 0, vdcs: [{ ...vdc, privateNetworks: [network] }] };
  [emulator, other] = await Promise.all([startEmulator(options), startEmulator(options)]);
});
afterEach(() => Promise.all([emulator.close(), other.close()]));

interface Adopted {
  readonly program: string;
  readonly commands: readonly string[];
  readonly resources: readonly { readonly id: string; readonly label: string }[];
  readonly fillIn: readonly unknown[];
}

/** What `cds-redis adopt` writes for this account. */
async function adopt(language: string, ...args: readonly string[]): Promise<Adopted> {
  return (await command(["adopt", "--language", language, ...args])) as Adopted;
}

/** What a command answers with `--json` for the account of the emulator. */
async function command(args: readonly string[], input = ""): Promise<unknown> {
  let printed = "";
  const { url, accessKeyId, accessKeySecret } = emulator;
  const exitCode = await runCli([...args, "--json"], {
    out: (text) => void (printed += text),
    err: () => undefined,
    input: () => Readable.from([Buffer.from(input)]),
    env: Object.fromEntries(
      ["", "_PROD"].flatMap((suffix) => [
        [`CDS_SECRET_ID${suffix}`, accessKeyId],
        [`CDS_SECRET_KEY${suffix}`, accessKeySecret],
        [`CDS_ENDPOINT${suffix}`, suffix === "" ? url : other.url],
      ]),
    ),
    untilStopped: () => Promise.resolve(),
  });
  expect(exitCode).toBe(0);
  return JSON.parse(printed) as unknown;
}

/** Gives the stack what the commands of the answer ask for, and the keys of the default account. */
async function configure(
  project: PulumiProject,
  namespace: string,
  { commands }: Adopted,
): Promise<void> {
  const { url, accessKeyId, accessKeySecret } = emulator;
  const asked = commands.map((line) => line.replace(/^.*pulumi config set /, "").split(" "));
  const secrets = asked.flatMap(([flag, key = ""]) => (flag === "--secret" ? [key] : []));
  const plain = asked.filter(([flag]) => flag !== "--secret");
  const secretOf = (key: string): string => {
    if (/AccessKeyId$/i.test(key)) return other.accessKeyId;
    return /AccessKeySecret$/i.test(key) ? other.accessKeySecret : PASSWORD;
  };
  await project.configure(
    {
      ...{ [`${namespace}:endpoint`]: url, [`${namespace}:accessKeyId`]: accessKeyId },
      ...(Object.fromEntries(plain) as Record<string, string>),
    },
    {
      [`${namespace}:accessKeySecret`]: accessKeySecret,
      ...Object.fromEntries(secrets.map((key) => [key, secretOf(key)])),
    },
  );
}

function typescriptProject(program: string): Promise<PulumiProject> {
  return PulumiProject.make({
    "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
    "package.json": JSON.stringify({ name: "caches", private: true, main: "index.ts" }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { strict: true, module: "nodenext", target: "es2022", noEmit: true },
      files: ["index.ts"],
    }),
    "index.ts": program,
  });
}

async function idsOf(project: PulumiProject): Promise<string[]> {
  const { resources } = await project.exported();
  return resources.flatMap(({ type, id }) =>
    /Redis(Instance|Backup)$/.test(type) ? (id ?? []) : [],
  );
}

test("a TypeScript program takes over thirty instances and their backups, and changes nothing", async () => {
  for (let count = 1; count < MANY; count++)
    // Names at the vendor need not be unique.
    orderElsewhere(emulator, count < 3 ? "cache-1a2b3c4" : `existing ${count}`);
  const { instanceUuid: odd } = orderElsewhere(emulator, ODD_NAME);
  emulator.store.createBackup(odd, `nightly ${ODD_NAME}`);
  emulator.store.createBackup(odd, "weekly");
  const before = emulator.store.snapshot();

  orderElsewhere(other, "cache-1a2b3c4");

  const adopted = await adopt("typescript", "--account", "default", "--account", "prod");
  expect([adopted.resources.length, adopted.fillIn]).toEqual([MANY + 3, []]);
  const project = await typescriptProject(adopted.program);
  try {
    await configure(project, "cds", adopted);
    await project.succeed("preview");
    await project.succeed(...UP);
    expect(writesAt(emulator)).toEqual([]);
    expect(emulator.store.snapshot()).toEqual(before);
    const ids = adopted.resources.map(({ id }) => id);
    expect((await idsOf(project)).sort()).toEqual(ids.sort());
    await project.succeed("preview", "--expect-no-changes");

    await project.write("index.ts", adopted.program.replace(/import: "[^"]+", /g, ""));
    await project.succeed("preview", "--expect-no-changes");
    const { text } = await project.exported();
    expect(text + project.printed).not.toContain(PASSWORD);
  } finally {
    await project.remove();
  }
});

test("the program for a state of terraform takes its instance over, and then no orphan is left", async () => {
  const { instanceUuid: id } = orderElsewhere(emulator, "moved");
  const attributes = {
    ...{ id, region_id: "CN_Hongkong_A", vdc_id: "vdc-1", base_pipe_id: "pipe-1" },
    ...{ instance_name: "moved", architecture_type: 2, ram: 8, redis_version: "5.0" },
    ...{ password: PASSWORD, ip: "10.1.2.3", subject_id: null },
  };
  const resource = { mode: "managed", type: "cds_redis", name: "sessions" };
  const resources = [{ ...resource, instances: [{ attributes }] }];
  const state = JSON.stringify({ version: 4, resources });
  const written = (await command(["from-terraform", "-"], state)) as Adopted;

  const project = await typescriptProject(written.program);
  try {
    await configure(project, "cds", written);
    const empty = await project.succeed("stack", "export");
    expect(await command(["orphans"], empty)).toMatchObject({ instances: [{ instanceId: id }] });
    await project.succeed("preview");
    await project.succeed(...UP);
    await project.succeed("preview", "--expect-no-changes");
    expect([writesAt(emulator), await idsOf(project)]).toEqual([[], [id]]);
    const { text } = await project.exported();
    expect(await command(["orphans"], text)).toMatchObject({ instances: [], backups: [] });
  } finally {
    await project.remove();
  }
});

test(
  "a YAML program takes over what two accounts have with the plugin, and changes nothing",
  async () => {
    process.env["PATH"] = await pathWith("yaml");
    const { instanceUuid: odd } = orderElsewhere(emulator, ODD_NAME);
    orderElsewhere(other, "existing");
    emulator.store.createBackup(odd, `nightly ${ODD_NAME}`);
    const before = [emulator.store.snapshot(), other.store.snapshot()];

    const adopted = await adopt("yaml", "--account", "default", "--account", "prod");
    expect([adopted.resources.length, adopted.fillIn]).toEqual([3, []]);
    const plugin = `${process.env[INSTALLED] ?? ""}/node_modules/pulumi-cds-redis/plugin`;
    const program = `${adopted.program}packages:\n  cds-redis: ${JSON.stringify(plugin)}\n`;
    const project = await PulumiProject.make({ "Pulumi.yaml": program });
    try {
      await configure(project, "cds-redis", adopted);
      await project.succeed("preview");
      expect(await project.succeed("up", "--yes")).toContain("3 imported");
      await project.succeed(...UP);
      expect([...writesAt(emulator), ...writesAt(other)]).toEqual([]);
      expect([emulator.store.snapshot(), other.store.snapshot()]).toEqual(before);
      const ids = adopted.resources.map(({ id }) => id);
      expect((await idsOf(project)).sort()).toEqual(ids.sort());

      await project.write("Pulumi.yaml", program.replace(/^ +import: .*\n/gm, ""));
      await project.succeed("preview", "--expect-no-changes");
      const { text } = await project.exported();
      expect(text + project.printed).not.toContain(PASSWORD);
    } finally {
      await project.remove();
    }
  },
  COMPILE_MS,
);
