import { Readable } from "node:stream";

import { runCli } from "../../cli/program";

/** How a command line ended, and what it printed. */
export interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function captured(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Promise<Run> {
  const printed = { out: "", err: "" };
  const exitCode = await runCli(args, {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    env,
    untilStopped: () => Promise.resolve(),
    input: () => Readable.from(input === "" ? [] : [Buffer.from(input)]),
  });
  return { exitCode, ...printed };
}
