import { Command, CommanderError } from "commander";

import { adoptCommand } from "./adopt/command";
import { backupsCommand } from "./backups";
import { catalogCommand } from "./catalog";
import { doctorCommand } from "./doctor";
import { emulatorCommand } from "./emulator";
import { instancesCommand } from "./instances";
import { CliError, oneLine, type CliIo } from "./io";
import { orphansCommand } from "./orphans/command";
import { terraformCommand } from "./terraform/command";
import { networksCommand } from "./networks";
import { COLUMNS } from "./table";
import { packageVersion } from "./version";

/** The command line `cds-redis`. Each subcommand has its own file. */
export function buildProgram(io: CliIo): Command {
  const program = new Command("cds-redis")
    .description("Tools for Redis on Capital Online (首云 CDS)")
    .version(packageVersion());
  program.addCommand(adoptCommand(io));
  program.addCommand(backupsCommand(io));
  program.addCommand(catalogCommand(io));
  program.addCommand(doctorCommand(io));
  program.addCommand(emulatorCommand(io));
  program.addCommand(terraformCommand(io));
  program.addCommand(orphansCommand(io));
  program.addCommand(instancesCommand(io));
  program.addCommand(networksCommand(io));
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      // A wider terminal shows the texts below the options as narrow as they are written.
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
      // Commander puts a suggestion on a line of its own; an error is one line here.
      outputError: (text, write) => {
        write(`${oneLine(text)}\n`);
      },
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/**
 * Runs one command line, given without `node` and the script.
 *
 * @returns The exit code: 0, 2 for a wrong use, otherwise the code of the {@link CliError}.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  try {
    await buildProgram(io).parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    // Commander has already written its message. `--help` ends here too, with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CliError)) throw error;
    io.err(`error: ${oneLine(error.message)}\n`);
    return error.exitCode;
  }
}
