/** What the commands have in common that list what an account has. */
import { Command, Option } from "commander";

import { counted, oneLine, type CliIo } from "./io";
import { endpointOption, jsonOption, LIST_HELP } from "./vendor";

/** The options of these commands as commander gives them. */
export interface ListCommandOptions {
  readonly region?: readonly string[];
  readonly endpoint?: string;
  readonly json?: boolean;
}

interface ListCommand {
  /** Such as `instances`. */
  readonly name: string;
  /** What `<name> list` lists. */
  readonly description: string;
  readonly run: (options: ListCommandOptions, io: CliIo) => Promise<void>;
}

/** `cds-redis <name> list`. */
export function listCommand({ name, description, run }: ListCommand, io: CliIo): Command {
  return new Command("list")
    .description(description)
    .addOption(
      new Option("--region <id...>", "those in these regions only (default: all); repeatable"),
    )
    .addOption(endpointOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${LIST_HELP}
  cds-redis ${name} list
  cds-redis ${name} list --region CN_Hongkong_A --json`,
    )
    .action((options: ListCommandOptions) => run(options, io));
}

/** Those in the asked regions, by what `placeOf` gives. */
export function inRegions<T extends { readonly regionId: string }>(
  all: readonly T[],
  asked: readonly string[] | undefined,
  placeOf: (one: T) => readonly string[],
): T[] {
  const key = (one: T): string => JSON.stringify(placeOf(one));
  return all
    .filter(({ regionId }) => asked?.includes(regionId) ?? true)
    .sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Says that a list is empty: where regions were asked for, also which other regions have something. */
export function noneThere(
  noun: string,
  all: readonly { readonly regionId: string }[],
  asked: readonly string[] | undefined,
): string {
  if (asked === undefined) return `note: the account has no ${noun}.\n`;
  const others = [...new Set(all.map(({ regionId }) => regionId))].sort().join(", ");
  const there = `${counted(all.length, noun)} in: ${others}`;
  const elsewhere =
    all.length === 0 ? "and none elsewhere" : `there ${all.length === 1 ? "is" : "are"} ${there}`;
  return `note: the account has no ${noun} in ${oneLine(asked.join(", "))}; ${elsewhere}.\n`;
}
