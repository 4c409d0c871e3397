// A Pulumi project in a temporary folder, as a user has it, and the time that operations on it take.
import { spawn } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";

import type { Listening } from "./engineServer.mts";

const OPTIONS = {
  up: ["--yes", "--skip-preview"],
  preview: [],
  destroy: ["--yes", "--skip-preview"],
} as const;
export type Operation = keyof typeof OPTIONS;
export const OPERATIONS = ["up", "preview", "destroy"] as const satisfies readonly Operation[];

const PROJECT = "caches";
const PLUGIN_FOLDER = "./node_modules/pulumi-cds-redis/plugin";
const PLUGINS = { providers: [{ name: "cds-redis", path: PLUGIN_FOLDER }] };
const STACK = "bench";
const TIMEOUT_MILLISECONDS = 600_000;
const WATCH_MILLISECONDS = 250;

/** What all projects share. */
export interface Installed {
  /** Folder of the engine's programs. */
  readonly engine: string;
  /** Where the packages that a project imports are, by their names. */
  readonly packages: Readonly<Record<string, string>>;
  readonly server: Listening;
}

export interface Run {
  readonly seconds: number;
  /** Most memory of the process that runs the provider, in MB. 0 where the system is not Linux. */
  readonly providerMB: number;
}

export class EngineProject {
  readonly #folder: string;
  readonly #installed: Installed;

  private constructor(folder: string, installed: Installed) {
    this.#folder = folder;
    this.#installed = installed;
  }

  static async make(folder: string, program: string, installed: Installed): Promise<EngineProject> {
    const project = new EngineProject(folder, installed);
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    for (const [name, target] of Object.entries(installed.packages))
      symlinkSync(target, join(folder, "node_modules", name), "junction");
    const files = {
      "Pulumi.yaml": JSON.stringify({ name: PROJECT, runtime: "nodejs", plugins: PLUGINS }),
      "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
      "index.js": program,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    mkdirSync(project.#home);
    const { endpoint, accessKeyId, accessKeySecret } = installed.server;
    await project.#pulumi("stack", ["init", STACK]);
    const keys = ["cds", "cds-redis"].flatMap((face) => [
      ...["--plaintext", `${face}:endpoint=${endpoint}`],
      ...["--plaintext", `${face}:accessKeyId=${accessKeyId}`],
      ...["--secret", `${face}:accessKeySecret=${accessKeySecret}`],
    ]);
    await project.#pulumi("config", ["set-all", ...keys, "--secret", "password=bench-1Aa"]);
    return project;
  }

  /** Runs the whole command. */
  async run(operation: Operation, count: number, options: readonly string[]): Promise<Run> {
    const start = performance.now();
    let providerMB = 0;
    const watch = setInterval(() => {
      providerMB = Math.max(providerMB, providerMemoryMB(this.#folder));
    }, WATCH_MILLISECONDS);
    await this.#pulumi(operation, [...OPTIONS[operation], ...options], {
      BENCH_COUNT: String(count),
      BENCH_ANY_URL: this.#installed.server.anyUrl,
    }).finally(() => {
      clearInterval(watch);
    });
    return { seconds: (performance.now() - start) / 1000, providerMB };
  }

  /** How many things the engine does at once where it is not told. */
  async usualParallel(): Promise<number> {
    const help = await this.#pulumi("up", ["--help"]);
    return Number(/--parallel.*\(default (\d+)\)/.exec(help)?.[1]);
  }

  /** The user's home, Pulumi's home and the backend in one. */
  get #home(): string {
    return `${this.#folder}.home`;
  }

  /** Gives what it printed; nothing of this environment reaches it but PATH. */
  async #pulumi(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { engine } = this.#installed;
    const child = spawn(join(engine, "pulumi"), [command, ...args, "--non-interactive"], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MILLISECONDS,
      env: {
        PATH: [engine, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        HOME: this.#home,
        PULUMI_HOME: this.#home,
        PULUMI_BACKEND_URL: `file://${this.#home}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...environment,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => (output += part.toString()));
    const code = await new Promise<number | null>((done, fail) => {
      child.once("error", fail);
      child.once("close", done);
    });
    if (code === 0) return output;
    throw new Error(`pulumi ${command} ended with ${code ?? "a signal"}:\n${output}`);
  }
}

/** The highest memory so far of the provider's process, which works in the project's folder. */
function providerMemoryMB(folder: string): number {
  if (process.platform !== "linux") return 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const isProvider = /dynamic-provider|\/plugin\.js/.test(command);
      if (!isProvider || readlinkSync(`/proc/${pid}/cwd`) !== folder) continue;
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // The process has ended, or is somebody else's.
    }
  return 0;
}
