import { Command, Option } from "commander";

import {
  accountOption,
  ACCOUNTS_HELP,
  accountsOf,
  readInstances,
  requireComplete,
  type AccountOptions,
  type CliAccount,
  type Failure,
  type FoundInstance,
} from "../accounts";
import { holdingsOf } from "./holdings";
import { NameSource } from "./names";
import { readVdcs } from "./networks";
import {
  programOptions,
  requireWritable,
  sayLeftOut,
  writeNoProgram,
  writeProgram,
  type ProgramOptions,
} from "./output";
import type { ProgramAccount } from "./program";
import { Adoption, BACKUP_CHOICES, type BackupChoice } from "./resources";
import type { Instance } from "../../provider/vendor/types";
import { CliError, oneLine, type CliIo } from "../io";
import { readStacks } from "../orphans/stacks";
import { awaited, endpointOption } from "../vendor";

/** The options of `cds-redis adopt` as commander gives them. */
export interface AdoptCommandOptions extends AccountOptions, ProgramOptions {
  readonly region?: readonly string[];
  readonly name?: readonly string[];
  readonly backups: BackupChoice;
  readonly stack?: readonly string[];
}

const HELP = `
The command only reads. The program has the option import and protect: true on
each resource. basePipeId, which the vendor does not tell, is taken from the
network where it can be told. What a person must fill in is marked FILL IN.
Passwords are secrets of the stack's configuration.

Give --stack what \`pulumi stack export\` prints of each stack that has Redis.
Without it the program takes over what other stacks hold, too. With several
accounts a resource of --account prod is called prod-<name>.

${ACCOUNTS_HELP}

Exit codes: 0 done; 1 the vendor refused or did not answer, wholly or in part,
or some --name is not there: what was read is written all the same; 2 wrong
use, or nothing to take over.

Examples:
  cds-redis adopt --out index.ts
  cds-redis adopt --name sessions --language yaml --out Pulumi.yaml
  cds-redis adopt --account default --account prod --json
  pulumi stack export | cds-redis adopt --stack - --out more.ts`;

export function adoptCommand(io: CliIo): Command {
  const command = new Command("adopt")
    .description("Write a program that takes over existing instances and their backups")
    .option("--region <id...>", "the instances of these regions only; repeatable")
    .option("--name <name...>", "the instances with these names or ids only; repeatable")
    .addOption(
      new Option("--backups <which>", "the backups to take over: manual ones, all, or none")
        .choices(BACKUP_CHOICES)
        .default("manual"),
    )
    .option(
      "--stack <file...>",
      "leave out what these exports of stacks hold; - is standard input; repeatable",
    )
    .addOption(accountOption())
    .addOption(endpointOption());
  for (const option of programOptions()) command.addOption(option);
  return command
    .addHelpText("after", HELP)
    .action((options: AdoptCommandOptions) => runAdopt(options, io));
}

/**
 * Writes the program for the instances that the options name.
 *
 * @throws CliError
 */
export async function runAdopt(options: AdoptCommandOptions, io: CliIo): Promise<void> {
  requireWritable(options);
  const accounts = accountsOf(options, io);
  const stacks = options.stack === undefined ? undefined : await readStacks(options.stack, io);
  const failures: Failure[] = [];
  const choice = new Choice(options);
  const wanted = { isWanted: choice.see, withBackups: options.backups !== "none" };
  const reading = readInstances(accounts, wanted, failures);
  const found = await awaited("Asking for the instances", reading, io);
  const names = new NameSource(
    accounts.length > 1 ? accounts.flatMap(({ name }) => name ?? []) : [],
  );
  const named = programAccounts(accounts, found, names);
  const holdings = holdingsOf(found, stacks);
  const adoption = await adoptionOf(found, new Adoption(names, options.backups, holdings), io);
  const { resources, leftOut } = adoption;
  const report = { leftOut, advice: [], fields: { failures } };
  if (resources.length > 0) {
    const endpoint = accounts.find(({ name }) => name === undefined)?.client.endpoint;
    const program = { writtenBy: "cds-redis adopt", endpoint, accounts: named, resources };
    await writeProgram(program, options, report, io);
  } else if (options.json === true) writeNoProgram(options, report, io);
  else sayLeftOut(leftOut, io);
  const isWritten = options.out !== undefined && resources.length > 0;
  requireComplete(failures, io, isWritten ? "run the command again with --force" : undefined);
  if (resources.length === 0) throw nothingFound(options, choice.all, leftOut.length > 0);
  choice.requireMatched();
}

/** The instances that the options name. */
class Choice {
  /** What people call each instance that was seen. */
  readonly all: string[] = [];
  readonly #options: AdoptCommandOptions;
  readonly #unmatched: Set<string>;

  constructor(options: AdoptCommandOptions) {
    this.#options = options;
    this.#unmatched = new Set(options.name);
  }

  /** Notes an instance. Returns whether the options name it. */
  readonly see = ({ regionId, instanceId, instanceName }: Instance): boolean => {
    const { region, name } = this.#options;
    this.all.push(oneLine(`${instanceName} in ${regionId}`));
    if (!isGiven(region, regionId)) return false;
    for (const text of [instanceName, instanceId]) this.#unmatched.delete(text);
    return isGiven(name, instanceName, instanceId);
  };

  /** @throws CliError that names what no instance is called. */
  requireMatched(): void {
    if (this.#unmatched.size === 0) return;
    const { region } = this.#options;
    const place = region === undefined ? "" : ` in ${region.join(", ")}`;
    const names = [...this.#unmatched].join(", ");
    throw new CliError(
      `no instance${place} has the name or id ${names}; the program has the others.`,
      { exitCode: 1 },
    );
  }
}

function isGiven(wanted: readonly string[] | undefined, ...texts: readonly string[]): boolean {
  return wanted === undefined || texts.some((text) => wanted.includes(text));
}

function nothingFound(
  { region, name, json = false }: AdoptCommandOptions,
  all: readonly string[],
  isLeftOut: boolean,
): CliError {
  if (isLeftOut)
    return new CliError(
      `nothing can be taken over, so nothing was written: ${json ? "leftOut says" : "the lines above say"} why.`,
    );
  const given = [
    ...(name === undefined ? [] : [` with the name or id ${name.join(", ")}`]),
    ...(region === undefined ? [] : [` in ${region.join(", ")}`]),
  ].join("");
  const there = all.length > 20 ? [...all.slice(0, 20), "…"] : all;
  return new CliError(
    `there is no instance${given}, so nothing was written; there are: ${there.join("; ") || "none"}.`,
  );
}

/** The accounts beside the default one that have instances. */
function programAccounts(
  accounts: readonly CliAccount[],
  found: readonly FoundInstance[],
  names: NameSource,
): ProgramAccount[] {
  return accounts.flatMap((account) => {
    const { name, client } = account;
    if (name === undefined) return [];
    // Taken for an account without instances, too: it may only have failed to answer.
    const { variable } = names.take(name, "account");
    const isUsed = found.some((one) => one.account === account);
    return isUsed ? [{ name, variable, endpoint: client.endpoint }] : [];
  });
}

async function adoptionOf(
  found: readonly FoundInstance[],
  adoption: Adoption,
  io: CliIo,
): Promise<Adoption> {
  const accounts = [...new Set(found.map(({ account }) => account))];
  for (const account of accounts) {
    const vdcs = await readVdcs(account, io);
    for (const one of found.filter((each) => each.account === account)) adoption.add(one, vdcs);
  }
  return adoption;
}
