import { Command } from "commander";

import { hasId } from "../../provider/vendor/ids";
import {
  accountOption,
  ACCOUNTS_HELP,
  accountsOf,
  readInstances,
  requireComplete,
  type AccountOptions,
  type Failure,
  type FoundInstance,
} from "../accounts";
import { jsonText } from "../table";
import { findOrphans, type Orphans } from "./find";
import { orphansAdvice, orphansJson, orphansText } from "./shown";
import { readStacks, type Stacks } from "./stacks";
import { counted, type CliIo } from "../io";
import { awaited, endpointOption, jsonOption } from "../vendor";

/** The options of `cds-redis orphans` as commander gives them. */
export interface OrphansCommandOptions extends AccountOptions {
  readonly stack?: readonly string[];
  readonly region?: readonly string[];
  readonly automatic?: boolean;
  readonly json?: boolean;
}

const HELP = `
Exports are what \`pulumi stack export\` prints, also with encrypted secrets.
Standard input may have several of them, one after another. The command only
reads.

Give every stack of the account: what a stack that is not given holds counts as
an orphan.

${ACCOUNTS_HELP}

Exit codes: 0 done, whether there are orphans or not; 1 the vendor refused or
did not answer, wholly or in part: what was read is shown all the same; 2 wrong
use, or a file that can't be used.

Examples:
  pulumi stack export --stack prod | cds-redis orphans
  cds-redis orphans --stack prod.json --stack staging.json --json
  cds-redis orphans --account default --account prod --stack prod.json`;

export function orphansCommand(io: CliIo): Command {
  return new Command("orphans")
    .description("List the instances and backups that none of the given stacks holds")
    .option("--stack <file...>", "exports of stacks; - is standard input (default: -); repeatable")
    .option("--region <id...>", "the instances of these regions only; repeatable")
    .option("--automatic", "list automatic backups, too, which the vendor takes and deletes itself")
    .addOption(accountOption())
    .addOption(endpointOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: OrphansCommandOptions) => runOrphans(options, io));
}

/**
 * Prints what none of the stacks holds.
 *
 * @throws CliError
 */
export async function runOrphans(options: OrphansCommandOptions, io: CliIo): Promise<void> {
  const { stack = [], region, automatic = false, json = false } = options;
  const accounts = accountsOf(options, io);
  const stacks = await readStacks(stack, io);
  const failures: Failure[] = [];
  const isWanted = ({ regionId }: { readonly regionId: string }): boolean =>
    region?.includes(regionId) ?? true;
  const reading = readInstances(accounts, { isWanted, withBackups: true }, failures);
  const found = await awaited("Asking for the instances", reading, io);
  const all = findOrphans(found, stacks);
  const orphans = automatic ? all : withoutAutomatic(all);
  if (json) {
    const result = { ...orphansJson(orphans), stacks: stacks.names, failures };
    io.out(jsonText(result));
  } else {
    // Nothing is known where no account answered: "no orphans" would be taken for a finding.
    if (found.length > 0 || failures.length === 0)
      io.out(orphansText(orphans, { exports: stacks.exports, failures: failures.length }));
    const hidden = all.backups.length - orphans.backups.length;
    if (hidden > 0)
      io.err(`note: ${counted(hidden, "automatic backup")} not listed (--automatic lists them).\n`);
    io.err(orphansAdvice(orphans));
    if (failures.length === 0) io.err(foreignNote(found, stacks));
  }
  requireComplete(failures, io);
}

/** Where nothing in the exports is in the accounts, these may be the wrong ones. */
function foreignNote(found: readonly FoundInstance[], { resources }: Stacks): string {
  const held = resources.filter(({ type, isHeld }) => type === "instance" && isHeld);
  const ids = found.map(({ instance }) => instance.instanceId);
  if (held.length === 0 || held.some((one) => one.ids.some((id) => hasId(ids, id)))) return "";
  return `note: no instance in the exports is in these accounts: are the keys those of the stacks?\n`;
}

function withoutAutomatic({ instances, backups }: Orphans): Orphans {
  return { instances, backups: backups.filter(({ isAutomatic }) => !isAutomatic) };
}
