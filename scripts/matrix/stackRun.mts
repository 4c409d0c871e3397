import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

import type * as EmulatorModule from "../../emulator/index.ts";
import { runCommand, succeed, type CommandResult } from "./command.mts";

const { startEmulator } = createRequire(import.meta.url)(
  "pulumi-cds-redis/emulator",
) as typeof EmulatorModule;

export interface StackOptions {
  /** Folder of the program. */
  readonly program: string;
  /** Folder of the engine. */
  readonly engine: string;
  /** Home of the user, of Pulumi and of the state. */
  readonly home: string;
  /** What stands before `pulumi` on the command line. */
  readonly before?: readonly string[];
  /** Folder of the `node` to run the program with. Default: that of this process. */
  readonly node?: string;
}

/**
 * Brings a stack up and down on the real engine against an emulator of its own. Returns what
 * `pulumi up` printed when that failed, and undefined when everything worked.
 */
export async function runStack(options: StackOptions): Promise<string | undefined> {
  const emulator = await startEmulator({ deliverySeconds: 0 });
  try {
    await configure(options, emulator);
    const up = await pulumi(options, ["up", "--yes", "--skip-preview"]);
    if (up.code !== 0) {
      if (emulator.store.instances().length > 0)
        throw new Error(`up ordered, and failed: ${up.output}`);
      return up.output;
    }
    const [made] = emulator.store.instances();
    if (made?.status !== "RUNNING") throw new Error("the vendor has no running instance");
    for (const args of [
      ["preview", "--expect-no-changes"],
      ["destroy", "--yes", "--skip-preview"],
    ]) {
      const { code, output } = await pulumi(options, args);
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
    }
    const left = emulator.store.instances().length + emulator.store.backups().length;
    if (left > 0) throw new Error(`${left} instances or backups are left at the vendor`);
    return undefined;
  } finally {
    await emulator.close();
  }
}

/** Makes the stack, with a configuration that every command finds. */
async function configure(
  options: StackOptions,
  { url, accessKeyId, accessKeySecret }: EmulatorModule.Emulator,
): Promise<void> {
  await mkdir(options.home, { recursive: true });
  const config = {
    "cds:endpoint": url,
    "cds:accessKeyId": accessKeyId,
    "cds:accessKeySecret": accessKeySecret,
    "matrix:password": "fake-password",
    "matrix:regionId": "CN_Hongkong_A",
    "matrix:vdcId": "vdc-1",
    "matrix:basePipeId": "pipe-1",
    // The first backup of a cluster would wait a minute for late shards.
    "matrix:version": "2.8.19",
    "matrix:architecture": "read-write-splitting",
  };
  await writeFile(join(options.program, "Pulumi.test.yaml"), JSON.stringify({ config }));
  const command = [join(options.engine, "pulumi"), "stack", "init", "test", "--non-interactive"];
  await succeed(command, { cwd: options.program, env: environment(options) });
}

async function pulumi(options: StackOptions, args: readonly string[]): Promise<CommandResult> {
  return runCommand([...(options.before ?? []), "pulumi", ...args, "--non-interactive"], {
    cwd: options.program,
    env: environment(options),
  });
}

function environment({ engine, home, node }: StackOptions): Record<string, string | undefined> {
  const path = [engine, ...(node === undefined ? [] : [node]), process.env["PATH"] ?? ""];
  return {
    PATH: path.join(delimiter),
    HOME: home,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "matrix",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}
