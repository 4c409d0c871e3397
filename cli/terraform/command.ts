import { resolve } from "node:path";

import { Command } from "commander";

import { sameId } from "../../provider/vendor/ids";
import { NameSource } from "../adopt/names";
import {
  programOptions,
  requireWritable,
  writeProgram,
  type ProgramOptions,
} from "../adopt/output";
import { isId, type LeftOut } from "../adopt/resources";
import { CliError, inputName, oneLine, readText, type CliIo } from "../io";
import { shellWord } from "../shellWord";
import { ARGUMENT_NAMES, resourceOf } from "./resources";
import { parseTerraformState, type TerraformRedis, type TerraformState } from "./state";

const STATE_ADVICE = "Run `terraform state pull > terraform.tfstate` where the state is remote.";
const HELP = `
The file is terraform.tfstate, or what \`terraform state pull\` prints; - is
standard input. Versions 3 and 4 are read, with modules, count and for_each.
The command changes nothing, asks no vendor, and shows no password of the
state.

Exit codes: 0 done; 2 wrong use, or a file that can't be used.

Examples:
  cds-redis from-terraform terraform.tfstate --out index.ts
  terraform state pull | cds-redis from-terraform - --out index.ts`;

export function terraformCommand(io: CliIo): Command {
  const command = new Command("from-terraform")
    .description("Write a program that takes over the cds_redis of a state of terraform")
    .argument("<file>", "the state; - is standard input");
  for (const option of programOptions()) command.addOption(option);
  return command
    .addHelpText("after", HELP)
    .action((file: string, options: ProgramOptions) => runFromTerraform(file, options, io));
}

/**
 * Writes the program for a state of terraform, and how to make terraform forget it.
 *
 * @throws CliError
 */
export async function runFromTerraform(
  file: string,
  options: ProgramOptions,
  io: CliIo,
): Promise<void> {
  requireWritable(options);
  if (options.out !== undefined && resolve(options.out) === resolve(file))
    throw new CliError(`--out names ${oneLine(file)}, the state itself: name another file.`);
  const name = inputName(file);
  const state = parseTerraformState(await readText(file, io, STATE_ADVICE), name);
  const usable = usableIn(state);
  if (usable.length === 0)
    throw new CliError(
      `${name} has no cds_redis with an id, so nothing was written. Give the state of the workspace that has them.`,
    );
  for (const { address } of usable.filter(({ isTainted }) => isTainted))
    io.err(`note: ${taintedNote(oneLine(address))}\n`);
  const names = new NameSource();
  const source = file === "-" ? undefined : shellWord(file);
  const resources = usable.map((redis) => resourceOf(redis, names, source));
  const program = { writtenBy: "cds-redis from-terraform", accounts: [], resources };
  // Terraform would delete what it still has under a second address.
  const commands = removalCommands(state.found.filter(({ id }) => isId(id)));
  const fields = {
    argumentNames: Object.fromEntries(ARGUMENT_NAMES),
    terraformCommands: commands,
  };
  const advice = [
    ...(state.deposed.length === 0 ? removalAdvice(commands) : DEPOSED_ADVICE),
    ...argumentTable(),
  ];
  const report = { leftOut: leftOutOf(state, usable), advice, fields };
  await writeProgram(program, options, report, io);
}

function taintedNote(address: string): string {
  const untaint = `terraform untaint ${shellWord(address)}`;
  return `${address} is tainted: terraform would replace it, Pulumi keeps it. Run \`${untaint}\` before any \`terraform apply\`.`;
}

/** What has an id, each id once. */
function usableIn({ found }: TerraformState): TerraformRedis[] {
  const isFirst = ({ id }: TerraformRedis, at: number): boolean =>
    found.findIndex((other) => sameId(other.id, id)) === at;
  return found.filter((redis, at) => isId(redis.id) && isFirst(redis, at));
}

function leftOutOf(
  { found, deposed }: TerraformState,
  usable: readonly TerraformRedis[],
): LeftOut[] {
  const left = (id: string, address: string, reason: string): LeftOut => ({
    ...{ id: oneLine(id), what: oneLine(address), reason },
  });
  const toDelete =
    "terraform has still to delete it. Stop here: look at `terraform plan`, run `terraform apply`, and begin anew";
  return [
    ...found
      .filter((redis) => !usable.includes(redis))
      .map(({ id, address }) => {
        const reason = isId(id) ? "another address has its id" : "its id is no id of an instance";
        return left(id, address, reason);
      }),
    ...deposed.map((address) => left("deposed", address, toDelete)),
  ];
}

/** One command for each, so that a failure names its address. */
function removalCommands(found: readonly TerraformRedis[]): string[] {
  return found.map(({ address }) => `terraform state rm ${shellWord(oneLine(address))}`);
}

/** Instead of {@link removalAdvice}: a removal would make terraform forget what it has still to delete. */
const DEPOSED_ADVICE = [
  "",
  "Do none of this yet: terraform has still to delete what a note above calls",
  "deposed. Look at `terraform plan`, run `terraform apply`, and begin anew.",
];

function removalAdvice(commands: readonly string[]): string[] {
  return [
    "",
    "Then make terraform forget the instances. Run no `terraform apply` before:",
    "it would change what Pulumi has.",
    ...commands.map((command) => `  ${command}`),
    "",
    "Last, delete the cds_redis blocks from the .tf files. With them the next",
    "`terraform apply` orders new instances.",
  ];
}

function argumentTable(): string[] {
  const width = Math.max(...ARGUMENT_NAMES.map(([theirs]) => theirs.length));
  return [
    "",
    `${"TERRAFORM".padEnd(width)}  PULUMI`,
    ...ARGUMENT_NAMES.map(([theirs, ours]) => `${theirs.padEnd(width)}  ${ours}`),
  ];
}
