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
} from "./accounts";
import { NameSource } from "./names";
import { readVdcs } from "./networks";
import {
  programOptions,
  requireWritable,
  sayLeftOut,
  writeProgram,
  type ProgramOptions,
} from "./output";
import type { ProgramAccount } from "./program";
import { Adoption, BACKUP_CHOICES, type BackupChoice } from "./resources";
import type { Instance } from "../../provider/vendor/types";
import { CliError, oneLine, type CliIo } from "../io";
import { endpointOption } from "../vendor";

/** The options of `cds-redis adopt` as commander gives them. */
export interface AdoptCommandOptions extends AccountOptions, ProgramOptions {
  readonly region?: readonly string[];
  readonly name?: readonly string[];
  readonly backups: BackupChoice;
}

const HELP = `
The command only reads. The program has the option import and protect: true on
each resource. basePipeId, which the vendor does not tell, is taken from the
network where it can be told. What a person must fill in is marked FILL IN.
Passwords are secrets of the stack's configuration.

${ACCOUNTS_HELP}

Exit codes: 0 done; 1 the vendor refused or did not answer, wholly or in part:
what was read is written all the same; 2 wrong use, or nothing to take over.

Examples:
  cds-redis adopt --out index.ts
  cds-redis adopt --name sessions --language yaml --out Pulumi.yaml
  cds-redis adopt --account default --account prod --json`;

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
  const failures: Failure[] = [];
  const choice = new Choice(options);
  const wanted = { isWanted: choice.isWanted, withBackups: options.backups !== "none" };
  const found = await readInstances(accounts, wanted, failures);
  if (found.length === 0) {
    requireComplete(failures, io);
    throw nothingFound(options, choice.all);
  }
  const names = new NameSource();
  const named = programAccounts(accounts, found, names);
  const adoption = await adoptionOf(found, new Adoption(names, options.backups), io);
  const { resources, leftOut } = adoption;
  if (resources.length === 0) {
    sayLeftOut(leftOut, io);
    throw new CliError(
      "nothing can be taken over, so nothing was written: the lines above say why.",
    );
  }
  const endpoint = accounts.find(({ name }) => name === undefined)?.client.endpoint;
  const program = { writtenBy: "cds-redis adopt", endpoint, accounts: named, resources };
  const report = { leftOut, advice: [], fields: { failures } };
  await writeProgram(program, options, report, io);
  requireComplete(failures, io);
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

  readonly isWanted = ({ regionId, instanceId, instanceName }: Instance): boolean => {
    const { region, name } = this.#options;
    this.all.push(oneLine(`${instanceName} in ${regionId}`));
    for (const text of [instanceName, instanceId]) this.#unmatched.delete(text);
    return isGiven(region, regionId) && isGiven(name, instanceName, instanceId);
  };

  /** @throws CliError that names what no instance is called. */
  requireMatched(): void {
    if (this.#unmatched.size === 0) return;
    const names = oneLine([...this.#unmatched].join(", "));
    throw new CliError(`no instance has the name or id ${names}; the program has the others.`, {
      exitCode: 1,
    });
  }
}

function isGiven(wanted: readonly string[] | undefined, ...texts: readonly string[]): boolean {
  return wanted === undefined || texts.some((text) => wanted.includes(text));
}

function nothingFound({ region, name }: AdoptCommandOptions, all: readonly string[]): CliError {
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
    if (name === undefined || !found.some((one) => one.account === account)) return [];
    const { variable } = names.take(name, "account");
    return [{ name, variable, endpoint: client.endpoint }];
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
