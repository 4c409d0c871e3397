// A Pulumi project in a temporary folder, as a user has it, and the time that operations on it take.
import { spawn } from "node:child_process";
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

import type { Listening } from "./engineServer.mts";

export const OPERATIONS = {
  up: ["up", "--yes", "--skip-preview"],
  preview: ["preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
} as const;
export type Operation = keyof typeof OPERATIONS;

const PROJECT = "caches";
const STACK = "bench";
const TIMEOUT_MILLISECONDS = 500_000;
const root = resolve(import.meta.dirname, "..");

export class EngineProject {
  readonly #folder: string;
  readonly #engine: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** @param engine The folder of the engine's programs. */
  constructor(folder: string, engine: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#engine = engine;
    this.#environment = environment;
  }

  async make(program: string, server: Listening): Promise<void> {
    mkdirSync(join(this.#folder, "node_modules"), { recursive: true });
    for (const [name, target] of [
      ["pulumi-cds-redis", root],
      ["@pulumi", join(root, "node_modules/@pulumi")],
      ["axios", join(root, "node_modules/axios")],
    ] as const)
      symlinkSync(target, join(this.#folder, "node_modules", name), "junction");
    const files = {
      "Pulumi.yaml": `name: ${PROJECT}\nruntime: nodejs\n`,
      "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
      "index.js": program,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#folder, name), text);
    mkdirSync(this.#home);
    await this.#pulumi(["stack", "init", STACK]);
    await this.#pulumi([
      ...["config", "set-all", "--plaintext", `cds:endpoint=${server.endpoint}`],
      ...["--plaintext", `anyUrl=${server.anyUrl}`, "--plaintext", `cds:accessKeyId=${server.accessKeyId}`],
      ...["--secret", `cds:accessKeySecret=${server.accessKeySecret}`, "--secret", "password=bench-1Aa"],
    ]);
  }

  /** In seconds. */
  async time(operation: Operation, count: number, options: readonly string[]): Promise<number> {
    const start = performance.now();
    await this.#pulumi([...OPERATIONS[operation], ...options], { BENCH_COUNT: String(count) });
    return (performance.now() - start) / 1000;
  }

  /** Of the file that holds the stack's state, in thousands of bytes. */
  stateKilobytes(): number {
    const file = join(this.#home, ".pulumi/stacks", PROJECT, `${STACK}.json`);
    return Math.round(statSync(file).size / 1000);
  }

  get #home(): string {
    return `${this.#folder}.home`;
  }

  async #pulumi(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = spawn(join(this.#engine, "pulumi"), [...args, "--non-interactive"], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MILLISECONDS,
      env: {
        PATH: [this.#engine, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
        HOME: this.#home,
        PULUMI_HOME: this.#home,
        PULUMI_BACKEND_URL: `file://${this.#home}`,
        PULUMI_CONFIG_PASSPHRASE: "bench",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...this.#environment,
        ...more,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => (output += part.toString()));
    const code = await new Promise<number | null>((done, fail) => {
      child.once("error", fail);
      child.once("close", done);
    });
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${code ?? "a signal"}:\n${output}`);
  }
}
