/**
 * Records what a release leaves in a stack's state, once, before the release: `npm run build`, then
 * `node scripts/recordState.mts tests/engine/states/<version>`. tests/engine/olderState.test.ts goes on from it for ever.
 */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type * as EmulatorModule from "../emulator/index.ts";
import { ensureEngine } from "./engine.mts";

/** Recorded states are encrypted with the one and made with the others: a change makes them useless. */
export const FAKE_PASSPHRASE = "correct horse, a test passphrase";
export const FAKE_SECRETS = {
  "cds:accessKeyId": "FAKE-ACCESS-KEY-ID",
  "cds:accessKeySecret": "fake-access-key-secret",
  password: "fake-password",
} as const;

/** Stands in recorded files where the emulator's URL was. */
export const PLACEHOLDER_URL = "http://127.0.0.1:1";
export const STACK = "dev";

interface Case {
  readonly config?: Readonly<Record<string, string>>;
  readonly deliverySeconds: number;
  /** Runs commands until the state is what the case is about. */
  readonly lead: (pulumi: Pulumi, emulator: EmulatorModule.Emulator) => Promise<void>;
}

/** Runs the engine, and answers whether it succeeded and what it wrote to standard output. */
type Pulumi = (...args: string[]) => Promise<{ ok: boolean; output: string }>;

const CASES: Readonly<Record<string, Case>> = {
  ready: {
    deliverySeconds: 1,
    lead: async (pulumi) => {
      expectOk(await pulumi("up", "--yes", "--skip-preview"));
    },
  },
  partlyMade: {
    config: { createTimeout: "2s" },
    deliverySeconds: 60,
    lead: async (pulumi) => {
      const { ok, output } = await pulumi("up", "--yes", "--skip-preview");
      if (ok) throw new Error(`up was meant to run out of time:\n${output}`);
    },
  },
  drifted: {
    deliverySeconds: 1,
    lead: async (pulumi, { store }) => {
      expectOk(await pulumi("up", "--yes", "--skip-preview"));
      for (const { instanceUuid } of store.instances())
        store.changeInstance(instanceUuid, { ramGb: 20 });
      expectOk(await pulumi("refresh", "--yes", "--skip-preview"));
    },
  },
};

/** The test edits names and options in this text: what later versions record keeps these lines. */
const PROJECT = {
  "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
  // Without a name, of which jest would find one for each recorded version.
  "package.json": '{ "private": true, "type": "module", "main": "index.js" }\n',
  "index.js": `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();
const cacheOptions = { customTimeouts: { create: config.get("createTimeout") ?? "30m" } };
const cache = new cds.RedisInstance(
  "cache",
  {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "5.0",
    architecture: "cluster",
    ramGb: 8,
    password: config.requireSecret("password"),
  },
  cacheOptions,
);
const backupOptions = { customTimeouts: { create: "30m" } };
const backup = new cds.RedisBackup(
  "backup",
  { instanceId: cache.id, description: "recorded", triggers: ["one", 2] },
  backupOptions,
);
export const host = cache.ip;
export const connectionString = cache.connectionString;
export const bytes = backup.sizeBytes;
`,
} as const;

async function record(engine: string, name: string, recorded: Case, into: string): Promise<void> {
  // Not createRequire at load: the test that imports the constants has no build of its own to find.
  const { startEmulator } = createRequire(import.meta.url)(
    "pulumi-cds-redis/emulator",
  ) as typeof EmulatorModule;
  const folder = mkdtempSync(join(tmpdir(), "cds-redis-record-"));
  const stateFile = join(folder, "vendor.json");
  // A date that is past on every machine, so that what is recorded is delivered when a test looks.
  const past = Date.now() - Date.UTC(2024, 0, 1);
  const emulator = await startEmulator({
    accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
    accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
    now: () => Date.now() - past,
    timestampWindowSeconds: 1e9,
    seed: name,
    deliverySeconds: recorded.deliverySeconds,
    stateFile,
  });
  try {
    const project = join(folder, "project");
    cpSync(join(into, "project"), project, { recursive: true });
    symlinkSync(resolve("node_modules"), join(project, "node_modules"), "junction");
    const pulumi = pulumiIn(engine, folder, project);
    await configure(pulumi, { "cds:endpoint": emulator.url, ...recorded.config });
    await recorded.lead(pulumi, emulator);
    const { output } = await pulumi("stack", "export", "--stack", STACK);
    mkdirSync(join(into, name));
    const write = (file: string, text: string): void => {
      writeFileSync(join(into, name, file), cleaned(text, emulator.url, folder));
    };
    write("stack.json", withoutPositions(output));
    write("vendor.json", readFileSync(stateFile, "utf8"));
    write(`Pulumi.${STACK}.yaml`, readFileSync(join(project, `Pulumi.${STACK}.yaml`), "utf8"));
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function configure(pulumi: Pulumi, plain: Readonly<Record<string, string>>): Promise<void> {
  expectOk(await pulumi("stack", "init", STACK));
  const settings = [
    ...Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
    ...Object.entries(FAKE_SECRETS).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
  ];
  expectOk(await pulumi("config", "set-all", ...settings));
}

/** An exported stack without where in the program a resource comes from: paths of this machine's. */
function withoutPositions(exported: string): string {
  const without = (key: string, value: unknown): unknown =>
    key === "sourcePosition" || key === "stackTrace" ? undefined : value;
  return `${JSON.stringify(JSON.parse(exported), without, 2)}\n`;
}

/** What is recorded names neither the emulator nor this machine, and holds no secret in clear. */
function cleaned(text: string, url: string, folder: string): string {
  const clean = text.replaceAll(url, PLACEHOLDER_URL);
  for (const banned of [folder, resolve("."), ...Object.values(FAKE_SECRETS), FAKE_PASSPHRASE])
    if (clean.includes(banned)) throw new Error(`the recording holds ${banned}`);
  return clean;
}

/** Runs the engine with state and settings of its own in `folder`. */
function pulumiIn(engine: string, folder: string, project: string): Pulumi {
  return async (...args) => {
    const child = spawn(join(engine, "pulumi"), [...args, "--non-interactive"], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: [engine, process.env["PATH"] ?? ""].join(delimiter),
        HOME: folder,
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${folder}`,
        PULUMI_CONFIG_PASSPHRASE: FAKE_PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    let output = "";
    child.stdout.on("data", (part: Buffer) => (output += part.toString()));
    const code = await new Promise<number | null>((done, fail) => {
      child.once("error", fail);
      child.once("close", done);
    });
    return { ok: code === 0, output };
  };
}

function expectOk({ ok, output }: { ok: boolean; output: string }): void {
  if (!ok) throw new Error(`a command of the recording failed:\n${output}`);
}

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error("name the folder to record into");
  // A second recording would not be of the release any more.
  if (existsSync(folder)) throw new Error(`${folder} is there already`);
  const engine = await ensureEngine();
  mkdirSync(join(folder, "project"), { recursive: true });
  for (const [name, text] of Object.entries(PROJECT))
    writeFileSync(join(folder, "project", name), text);
  for (const [name, recorded] of Object.entries(CASES)) {
    await record(engine, name, recorded, resolve(folder));
    console.log(`recorded ${join(folder, name)}`);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  void main(process.argv[2]);
}
