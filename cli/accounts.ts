import { Option } from "commander";

import { Settings, type SettingName } from "../provider/core/configuration";
import { ACCOUNT_NAME } from "../provider/argumentKinds";
import { describeBackups } from "../provider/vendor/actions/backups";
import { describeInstances } from "../provider/vendor/actions/instances";
import { CdsClient } from "../provider/vendor/client";
import { CdsApiError, CdsError } from "../provider/vendor/errors";
import { hasId } from "../provider/vendor/ids";
import type { BackupEntry, Instance } from "../provider/vendor/types";
import { CliError, counted, oneLine, type CliIo } from "./io";
import { rethrow } from "./vendor";

/** The options of the commands that read whole accounts, as commander gives them. */
export interface AccountOptions {
  readonly account?: readonly string[];
  readonly endpoint?: string;
}

/** An account that a command reads. */
export interface CliAccount {
  /** The argument `account` of its resources. Undefined for the account of `cds:`. */
  readonly name: string | undefined;
  readonly client: CdsClient;
}

/** Something that the vendor did not answer. The command goes on without it, and ends with exit code 1. */
export interface Failure {
  readonly account: string;
  /** What the command wanted to do, such as `listing the instances`. */
  readonly what: string;
  readonly message: string;
}

/** An instance with the entries of its backups; none where they were not asked for, or could not be read. */
export interface FoundInstance {
  readonly account: CliAccount;
  readonly instance: Instance;
  readonly entries: readonly BackupEntry[];
}

const DEFAULT_ACCOUNT = "default";
/** What commands read instead of stack configuration. */
const VARIABLES: Readonly<Record<SettingName, string>> = {
  accessKeyId: "CDS_SECRET_ID",
  accessKeySecret: "CDS_SECRET_KEY",
  endpoint: "CDS_ENDPOINT",
  regionId: "CDS_REGION",
};

/** For the help of the commands that read whole accounts. */
export const ACCOUNTS_HELP = `The keys are read from CDS_SECRET_ID and CDS_SECRET_KEY, the address from
--endpoint or CDS_ENDPOINT. Those of --account prod are read from
CDS_SECRET_ID_PROD, CDS_SECRET_KEY_PROD and CDS_ENDPOINT_PROD; a key never
counts for another account.`;

export function accountOption(): Option {
  return new Option(
    "--account <name...>",
    `read these accounts: the names of cds-<name>:, or ${DEFAULT_ACCOUNT} (default: ${DEFAULT_ACCOUNT} alone)`,
  );
}

/** How messages call an account. */
export function accountLabel({ name }: Pick<CliAccount, "name">): string {
  return name ?? DEFAULT_ACCOUNT;
}

/**
 * The accounts that the options name, each with the keys in its own variables.
 *
 * @throws CliError that names what to set.
 */
export function accountsOf({ account, endpoint }: AccountOptions, io: CliIo): CliAccount[] {
  const names = [...new Set(account ?? [DEFAULT_ACCOUNT])];
  const suffixes = new Map<string, string>();
  return names.map((name) => {
    if (!ACCOUNT_NAME.test(name))
      throw new CliError(
        `--account ${JSON.stringify(name)} can't be used: give the name in cds-<name>:, of letters, digits, - and _.`,
      );
    const suffix = name === DEFAULT_ACCOUNT ? "" : `_${name.toUpperCase().replaceAll("-", "_")}`;
    const namesake = suffixes.get(suffix);
    if (namesake !== undefined)
      throw new CliError(
        `--account ${namesake} and --account ${name} have the same variables (CDS_SECRET_ID${suffix}). Run the command for each of them.`,
      );
    suffixes.set(suffix, name);
    const client = clientFor(endpoint, io, suffix);
    return { name: name === DEFAULT_ACCOUNT ? undefined : name, client };
  });
}

/**
 * The endpoint as it is given, and how messages name where it is given. The default account: --endpoint
 * goes before CDS_ENDPOINT. A named one: its own CDS_ENDPOINT_<NAME> goes before --endpoint.
 *
 * @param suffix Of the account's variables, such as `_PROD`. None for the default account.
 */
export function givenEndpoint(
  option: string | undefined,
  { env }: CliIo,
  suffix = "",
): { readonly given: string | undefined; readonly name: string } {
  const name = `${VARIABLES.endpoint}${suffix}`;
  const own = env[name]?.trim() === "" ? undefined : env[name];
  const isOption = option !== undefined && (suffix === "" || own === undefined);
  return isOption ? { given: option, name: "--endpoint" } : { given: own, name };
}

/**
 * A client of the account whose key stands in the variables with this suffix.
 *
 * @throws CliError that names what to set.
 */
export function clientFor(endpoint: string | undefined, io: CliIo, suffix = ""): CdsClient {
  const { given, name } = givenEndpoint(endpoint, io, suffix);
  const settings = new Settings({
    get: (setting) => (setting === "endpoint" ? given : io.env[`${VARIABLES[setting]}${suffix}`]),
    nameOf: (setting) => (setting === "endpoint" ? name : `${VARIABLES[setting]}${suffix}`),
    isKey: false,
    environment: undefined,
  });
  try {
    return new CdsClient(settings.forClient());
  } catch (error) {
    return rethrow(error);
  }
}

/** Gives undefined, and notes the failure, where the vendor refuses or does not answer. */
export async function attempt<T>(
  failures: Failure[],
  account: CliAccount,
  what: string,
  task: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    failures.push({ account: accountLabel(account), what, message: oneLine(error.message) });
    return undefined;
  }
}

/** Which instances a command wants, and whether it wants their backups. */
export interface Wanted {
  readonly isWanted: (instance: Instance) => boolean;
  readonly withBackups: boolean;
}

/** The wanted instances of all accounts, each once, by name. A failure hides no other account. */
export async function readInstances(
  accounts: readonly CliAccount[],
  { isWanted, withBackups }: Wanted,
  failures: Failure[],
): Promise<FoundInstance[]> {
  const found: FoundInstance[] = [];
  for (const account of accounts) {
    const listed = await attempt(failures, account, "listing the instances", () =>
      describeInstances(account.client),
    );
    // Two keys may belong to one account.
    const seen = found.map(({ instance }) => instance.instanceId);
    const wanted = (listed ?? [])
      .filter(({ instanceId }) => !hasId(seen, instanceId))
      .filter(isWanted)
      .toSorted(byName);
    const withEntries = wanted.map(async (instance) => ({
      account,
      instance,
      entries: withBackups ? await entriesOf(account, instance, failures) : [],
    }));
    found.push(...(await Promise.all(withEntries)));
  }
  return found;
}

/** Names that count up stand in their order. The id makes the order of equal names the same in each run. */
function byName(one: Instance, other: Instance): number {
  const names = one.instanceName.localeCompare(other.instanceName, "en", { numeric: true });
  return names === 0 ? one.instanceId.localeCompare(other.instanceId) : names;
}

async function entriesOf(
  account: CliAccount,
  { instanceId, instanceName }: Instance,
  failures: Failure[],
): Promise<readonly BackupEntry[]> {
  const what = `listing the backups of ${oneLine(`${instanceName} (${instanceId})`)}`;
  const list = (): Promise<BackupEntry[]> =>
    describeBackups(account.client, instanceId).catch((error: unknown) => {
      // It was deleted meanwhile.
      if (error instanceof CdsApiError && error.isNotFound) return [];
      throw error;
    });
  return (await attempt(failures, account, what, list)) ?? [];
}

/**
 * Says what failed, after the result of the command is written.
 *
 * @throws CliError where anything failed.
 */
export function requireComplete(
  failures: readonly Failure[],
  io: CliIo,
  next = "run the command again",
): void {
  if (failures.length === 0) return;
  for (const { account, what, message } of failures)
    io.err(`failed: account ${account}: ${what}: ${message}\n`);
  throw new CliError(
    `the result is not complete: ${counted(failures.length, "call")} failed. Mend what the lines above say, and ${next}.`,
    { exitCode: 1 },
  );
}
