import { Command } from "commander";

import { machineChecks } from "./doctorMachine";
import { vendorChecks } from "./doctorVendor";
import { CliError, counted, type CliIo } from "./io";
import { jsonText, wrapped } from "./table";
import { endpointOption, jsonOption, KEYS_HELP } from "./vendor";

/**
 * What a check found. `warning`: an order works without it, or the check could not find out. `skipped`:
 * a check before it failed.
 */
export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly message: string;
  /** What to do; "" where there is nothing to do. */
  readonly remedy: string;
}

export interface DoctorCommandOptions {
  readonly endpoint?: string;
  readonly json?: boolean;
}

const HELP = `
${KEYS_HELP}
The command only reads. It looks at the environment, and not at the
configuration of a stack.

Exit codes: 0 nothing must be mended; 1 something must be; 2 wrong use.

Example: cds-redis doctor --endpoint asia`;

export function doctorCommand(io: CliIo): Command {
  return new Command("doctor")
    .description("Check what an order needs: key, clock, network, Pulumi, and say what to mend")
    .addOption(endpointOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: DoctorCommandOptions) => runDoctor(options, io));
}

/**
 * Prints what each check found.
 *
 * @throws CliError with exit code 1 where something must be mended.
 */
export async function runDoctor(options: DoctorCommandOptions, io: CliIo): Promise<void> {
  const findings: Finding[] = [];
  const add = (finding: Finding): void => {
    findings.push(finding);
    // Each line comes with its answer, so that a slow one is seen.
    if (options.json !== true) io.out(textOf(finding));
  };
  await machineChecks(io, add);
  await vendorChecks(options.endpoint, io, add);
  const failed = findings.filter(({ status }) => status === "failed");
  const checks = findings.map(({ name, status, message, remedy }) => {
    return { name, status, message, remedy };
  });
  if (options.json === true) io.out(jsonText({ ok: failed.length === 0, checks }));
  if (failed.length === 0) return;
  const names = failed.map(({ name }) => name).join(", ");
  throw new CliError(`${counted(failed.length, "check")} failed: ${names}.`, { exitCode: 1 });
}

const MARKS = { ok: "ok", warning: "warning", failed: "FAILED", skipped: "skipped" } as const;
const INDENT = " ".repeat(19);

function textOf({ name, status, message, remedy }: Finding): string {
  const [first = "", ...others] = wrapped(message, INDENT);
  const head = `${MARKS[status].padEnd(9)}${name.padEnd(10)}${first.slice(INDENT.length)}`;
  return [head, ...others, ...(remedy === "" ? [] : wrapped(`→ ${remedy}`, INDENT))]
    .map((line) => `${line}\n`)
    .join("");
}
