import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface CommandResult {
  readonly code: number | null;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Runs a command to its end; the caller looks at the code. */
export async function runCommand(
  command: readonly string[],
  { cwd, env = process.env }: CommandOptions,
): Promise<CommandResult> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output };
}

/** Runs a command that must succeed, and returns what it printed. */
export async function succeed(
  command: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { code, output } = await runCommand(command, options);
  if (code !== 0)
    throw new Error(`\`${command.join(" ")}\` ended with ${code ?? "a signal"}:\n${output}`);
  return output;
}
