import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { INSTALLED } from "./setUp";

export interface CommandResult {
  readonly code: number | null;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** A command that may be interrupted. */
export interface RunningCommand {
  readonly pid: number;
  /** What it printed so far. */
  readonly printed: () => string;
  readonly ended: Promise<CommandResult>;
}

/** The part of an exported stack that the tests look at. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export type Files = Readonly<Record<string, string>>;

/** A Pulumi project of a user's with one stack, its state in a folder of its own. */
export class PulumiProject {
  readonly folder: string;
  /** The user's home, Pulumi's home and the backend in one. */
  readonly home: string;
  /** All that was ever printed, for the search for secrets. */
  printed = "";
  readonly #passphrase: string;

  private constructor(folder: string, home: string, passphrase: string) {
    this.folder = folder;
    this.home = home;
    this.#passphrase = passphrase;
  }

  /** Makes a project of these files, or of a copy of a folder, beside the installed packages. */
  static async make(content: Files | string, passphrase = "tests"): Promise<PulumiProject> {
    const installed = process.env[INSTALLED];
    if (installed === undefined) throw new Error("tests/engine/setUp.ts has not run");
    const folder = await mkdtemp(join(installed, "projects", "project-"));
    const home = `${folder}.home`;
    await mkdir(home);
    if (typeof content === "string")
      await cp(content, folder, {
        recursive: true,
        filter: (source) => !source.includes("node_modules"),
      });
    else
      for (const [name, text] of Object.entries(content)) await writeFile(join(folder, name), text);
    return new PulumiProject(folder, home, passphrase);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  async read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  /** Runs the engine; the caller looks at the code. */
  async run(...args: string[]): Promise<CommandResult> {
    return this.start("pulumi", args);
  }

  /** Runs the engine and expects it to succeed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${code ?? "a signal"}:\n${output}`);
    return output;
  }

  async start(
    command: string,
    args: readonly string[],
    environment: Files = {},
  ): Promise<CommandResult> {
    return this.launch(command, args, environment).ended;
  }

  /** Starts a command; `detached` makes it the leader of a process group, as a terminal does. */
  launch(
    command: string,
    args: readonly string[],
    environment: Files = {},
    detached = false,
  ): RunningCommand {
    const child = spawn(command, args, {
      cwd: this.folder,
      detached,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: this.home,
        PULUMI_HOME: this.home,
        PULUMI_BACKEND_URL: `file://${this.home}`,
        PULUMI_CONFIG_PASSPHRASE: this.#passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...environment,
      },
    });
    let output = "";
    child.stdout.on("data", (part: Buffer) => (output += part.toString()));
    child.stderr.on("data", (part: Buffer) => (output += part.toString()));
    const ended = new Promise<CommandResult>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        this.printed += output;
        resolve({ code, output });
      });
    });
    return { pid: child.pid ?? 0, printed: () => output, ended };
  }

  /** Makes the stack and sets plain and secret configuration. */
  async configure(plain: Files, secret: Files): Promise<void> {
    await this.succeed("stack", "select", "--create", "test");
    const settings = [
      ...Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
      ...Object.entries(secret).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
    ];
    await this.succeed("config", "set-all", ...settings);
  }

  async exported(): Promise<{ text: string; resources: readonly ExportedResource[] }> {
    const text = await this.succeed("stack", "export");
    const { deployment } = JSON.parse(text) as {
      deployment: { resources?: readonly ExportedResource[] };
    };
    return { text, resources: deployment.resources ?? [] };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await rm(this.home, { recursive: true, force: true });
  }
}
