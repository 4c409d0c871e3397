/** The Pulumi project whose stacks `recordState.mts` records, and how that script runs the engine in it. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { Emulator } from "../emulator/index.ts";
import type { RunningCommand } from "../tests/engine/pulumiProject.ts";

/** Recorded states are encrypted with the passphrase and made with the secrets: a changed value makes them useless. */
export const FAKE_PASSPHRASE = "correct horse, a test passphrase";
export const FAKE_SECRETS = {
  "cds:accessKeyId": "FAKE-ACCESS-KEY-ID",
  "cds:accessKeySecret": "fake-access-key-secret",
  "cds-second:accessKeyId": "FAKE-ACCESS-KEY-ID",
  "cds-second:accessKeySecret": "fake-access-key-secret",
  password: "fake-password",
  sessionsPassword: "fake-sessions-password",
} as const;

/** Stands in recorded files where the emulator's URL was. */
export const PLACEHOLDER_URL = "http://127.0.0.1:1";
export const STACK = "dev";

/** The test edits names and options in this text: what later versions record keeps these lines. */
export const PROJECT = {
  "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
  // Without a name: jest would find the same name in each recorded version, and warn.
  "package.json": '{ "private": true, "type": "module", "main": "index.js" }\n',
  "index.js": `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();
const cacheOptions = {
  import: config.get("importCache"),
  customTimeouts: { create: config.get("createTimeout") ?? "30m", delete: "25m" },
};
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
const backupOptions = {
  import: config.get("importBackup"),
  customTimeouts: { create: config.get("backupTimeout") ?? "30m" },
};
const backup = new cds.RedisBackup(
  "backup",
  {
    instanceId: cache.id,
    description: "recorded",
    triggers: ["one", config.getNumber("trigger") ?? 2],
    keepLatest: config.getNumber("keepLatest"),
  },
  backupOptions,
);
if (config.getBoolean("others")) {
  new cds.RedisInstance("sessions", {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "2.8.19",
    architecture: "read-write-splitting",
    ramGb: 1,
    passwordFrom: { config: "sessionsPassword" },
    passwordVersion: 1,
    instanceName: "sessions-of-all",
    port: 6400,
    testGroupId: 7,
    subjectId: 9,
    finalBackup: { folder: "saved" },
  });
  new cds.RedisInstance("archive", {
    account: "second",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    paasGoodsId: 8063,
    password: config.requireSecret("password"),
  });
}
export const host = cache.ip;
export const connectionString = cache.connectionString;
export const bytes = backup.sizeBytes;
`,
} as const;

/** What a recording is made with. */
export interface Recording {
  readonly project: RecordedProject;
  readonly emulator: Emulator;
  /** Writes a file of the recording; texts are cleaned. */
  readonly write: (file: string, content: string | Buffer) => void;
}

type Environment = Readonly<Record<string, string>>;

/** A copy of the project with one stack; state and settings of the engine are in a folder of its own. */
export class RecordedProject {
  /** Holds all there is. */
  readonly root: string;
  readonly folder: string;
  /** The home of the engine, with the notes of orders. */
  readonly home: string;
  readonly #engine: string;

  /** @param content The folder to copy. */
  constructor(engine: string, content: string) {
    this.#engine = engine;
    this.root = mkdtempSync(join(tmpdir(), "cds-redis-record-"));
    this.folder = join(this.root, "project");
    this.home = join(this.root, "home");
    mkdirSync(this.home);
    cpSync(content, this.folder, { recursive: true });
    const installed = join(this.folder, "node_modules");
    mkdirSync(installed);
    // The build of this very folder, wherever its own packages are.
    symlinkSync(resolve("."), join(installed, "pulumi-cds-redis"), "junction");
    symlinkSync(resolve("node_modules/@pulumi"), join(installed, "@pulumi"), "junction");
  }

  /** Makes the stack and sets plain configuration, and all the secrets. */
  async configure(plain: Readonly<Record<string, string>>): Promise<void> {
    await this.succeed("stack", "init", STACK);
    const settings = [
      ...Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
      ...Object.entries(FAKE_SECRETS).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
    ];
    await this.succeed("config", "set-all", ...settings);
  }

  async up(): Promise<void> {
    await this.succeed("up", "--yes", "--skip-preview");
  }

  /** Runs the engine and expects success. Gives standard output. */
  async succeed(...args: string[]): Promise<string> {
    const { code, output } = await this.launch("pulumi", args).ended;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
    return output;
  }

  /** Runs the engine and expects a failure. */
  async fail(...args: string[]): Promise<void> {
    const { code, output } = await this.launch("pulumi", args).ended;
    if (code === 0) throw new Error(`pulumi ${args.join(" ")} was meant to fail:\n${output}`);
  }

  /** Starts a command; `detached` makes it the leader of a process group. */
  launch(
    command: string,
    args: readonly string[],
    environment: Environment = {},
    detached = false,
  ): RunningCommand {
    const child = spawn(command, args, {
      cwd: this.folder,
      detached,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: [this.#engine, process.env["PATH"] ?? ""].join(delimiter),
        HOME: this.root,
        PULUMI_HOME: this.home,
        PULUMI_BACKEND_URL: `file://${this.root}`,
        PULUMI_CONFIG_PASSPHRASE: FAKE_PASSPHRASE,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...environment,
      },
    });
    let output = "";
    child.stdout.on("data", (part: Buffer) => (output += part.toString()));
    const ended = new Promise<{ code: number | null; output: string }>((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => {
        done({ code, output });
      });
    });
    return { pid: child.pid ?? 0, printed: () => output, ended };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
