/** What the data functions take and answer, whoever asks: programs by `functions.ts`, the engine by the plugin. */
import type { Offer } from "../sdk/offers";
import { checkKinds, type AccountArgs, type ArgumentKinds } from "./argumentKinds";
import { backupsOf, summaryOf, type BackupSummary } from "./backup/entries";
import type { Account } from "./core/account";
import type { Accounts } from "./core/context";
import { saysFinished } from "./core/status";
import type { Region } from "./vendor/actions/catalog";
import type { Instance } from "./vendor/actions/instances";

/** Whom a function asks. */
interface Asked {
  readonly account: Account;
  readonly accounts: Accounts;
}

export interface GetRegionsArgs extends AccountArgs {
  /** Leaves out regions where no instance can be ordered now. Default: false. */
  forSaleOnly?: boolean | undefined;
}

async function listRegions({ account }: Asked, { forSaleOnly }: GetRegionsArgs): Promise<Region[]> {
  return (await account.regions()).filter(
    ({ regionId, forSale }) => regionId !== "" && (forSale || forSaleOnly !== true),
  );
}

export interface GetAvailableDbConfigArgs extends AccountArgs {
  /** Region (RegionId). Default: `cds:regionId`, else the environment variable `CDS_REGION`. */
  regionId?: string | undefined;
}

export interface GetAvailableDbConfigResult {
  /** The region that was asked for (RegionId). */
  readonly regionId: string;
  /** Every combination for sale, by version, architecture, compute role and size. Empty when nothing is for sale. */
  readonly offers: readonly Offer[];
}

async function listOffers(
  { account, accounts }: Asked,
  args: GetAvailableDbConfigArgs,
): Promise<GetAvailableDbConfigResult> {
  const settings = accounts.settings(args.account);
  const regionId = args.regionId ?? settings.read("regionId");
  if (regionId !== undefined) return { regionId, offers: await account.offers(regionId) };
  throw new Error(`regionId is missing: give it, or set ${settings.namesOf("regionId")}.`);
}

export interface GetInstancesArgs extends AccountArgs {
  /** The vendor's InstanceUuid. */
  instanceId?: string | undefined;
  /** Name at the vendor. */
  instanceName?: string | undefined;
  /** Address in the private network. */
  ip?: string | undefined;
  /** Name of a tag. */
  tagName?: string | undefined;
  /** Region (RegionId). Always matched exactly, because the vendor has no such filter. */
  regionId?: string | undefined;
  /**
   * `exact` gives the instances that have exactly these values. `vendor` gives every instance that
   * the vendor matches, such as all addresses that begin alike. Default: `exact`.
   */
  match?: "exact" | "vendor" | undefined;
}

const INSTANCE_FILTERS = {
  instanceId: "text",
  instanceName: "text",
  ip: "text",
  tagName: "text",
  regionId: "text",
  match: ["exact", "vendor"],
} as const;

async function matchingInstances({ account }: Asked, args: GetInstancesArgs): Promise<Instance[]> {
  const { instanceId, instanceName, ip, tagName, regionId, match = "exact" } = args;
  const found = await account.instancesLike({ instanceId, instanceName, ip, tagName });
  const agrees = (given: string | undefined, ...told: readonly string[]): boolean =>
    given === undefined || told.includes(given);
  const agreesExactly = (one: Instance): boolean =>
    agrees(instanceId, one.instanceId) &&
    agrees(instanceName, one.instanceName) &&
    agrees(ip, one.ip) &&
    agrees(tagName, ...one.tagNames);
  return found.filter(
    (one) => agrees(regionId, one.regionId) && (match === "vendor" || agreesExactly(one)),
  );
}

async function matchingInstance(asked: Asked, args: GetInstancesArgs): Promise<Instance> {
  const found = await matchingInstances(asked, args);
  const [instance, other] = found;
  if (instance !== undefined && other === undefined) return instance;
  const wanted = JSON.stringify({ ...args, account: undefined, match: undefined });
  const named = namesOf(other === undefined ? await asked.account.instancesLike({}) : found);
  throw new Error(
    other === undefined
      ? `no instance matches ${wanted}. Instances of the account: ${named}.`
      : `${found.length} instances match ${wanted}: ${named}. Give instanceId.`,
  );
}

/** Names six instances at most. */
function namesOf(instances: readonly Instance[]): string {
  const names = instances.map(({ instanceId, instanceName }) => `${instanceName} (${instanceId})`);
  const more = names.length > 6 ? ` and ${names.length - 6} more` : "";
  return `${names.slice(0, 6).join(", ") || "none"}${more}`;
}

export interface GetBackupsArgs extends AccountArgs {
  /** The instance (InstanceUuid). */
  instanceId: string;
}

const INSTANCE = { instanceId: "required text" } as const;

/** A backup of an instance, whoever took it. */
export interface Backup extends BackupSummary {
  /** The instance (InstanceUuid). */
  readonly instanceId: string;
  /** `manual`, or the vendor's own word for an automatic backup. */
  readonly mode: string;
  /** The vendor's Desc. A RedisBackup writes its description and a mark of this package there. */
  readonly description: string;
}

async function listBackups({ account }: Asked, { instanceId }: GetBackupsArgs): Promise<Backup[]> {
  const entries = await account.backupEntries(instanceId);
  return backupsOf(entries).map((group) => ({
    instanceId,
    ...summaryOf(group),
    mode: group[0]?.mode ?? "",
    description: group[0]?.description ?? "",
  }));
}

export interface GetBackupArgs extends GetBackupsArgs {
  /** The BackupId of any entry of the backup. */
  backupId?: string | undefined;
  /**
   * Takes the finished backup that started last when several match; of a cluster, the last one with
   * all shards. Default: false.
   */
  mostRecent?: boolean | undefined;
}

async function matchingBackup(asked: Asked, args: GetBackupArgs): Promise<Backup> {
  const { instanceId, backupId, mostRecent = false } = args;
  const all = await listBackups(asked, args);
  const most = Math.max(0, ...all.map(({ entries }) => entries.length));
  const matching = all.filter(
    ({ entries, status }) =>
      (backupId === undefined || entries.some((entry) => entry.backupId === backupId)) &&
      (!mostRecent || (saysFinished(status) && entries.length === most)),
  );
  const last = matching.at(-1);
  if (last !== undefined && (mostRecent || matching.length === 1)) return last;
  const wanted = `${mostRecent ? "finished " : ""}backup${backupId === undefined ? "" : ` with the entry ${backupId}`}`;
  const problem =
    last === undefined
      ? `has no ${wanted}`
      : `has ${matching.length} backups. Give backupId or mostRecent`;
  const existing = all.map(describeBackup).join("; ") || "none";
  throw new Error(`${instanceId} ${problem}. Backups of the instance: ${existing}.`);
}

function describeBackup({ entries, status, startTime }: Backup): string {
  const ids = entries.map((entry) => entry.backupId).join(" + ");
  return `${ids} (${status ?? ""}, ${startTime ?? ""})`;
}

export interface GetBackupDownloadArgs extends GetBackupsArgs {
  /** The BackupId of one entry. Each shard of a cluster is a file of its own. */
  backupId: string;
}

/** Where one entry of a backup can be downloaded. The URLs are secrets: whoever has one can read the data. */
export interface DownloadLinks {
  readonly instanceId: string;
  readonly backupId: string;
  readonly shardId: string;
  readonly sizeBytes: number;
  readonly downloadUrl: string;
  readonly intranetDownloadUrl: string;
}

async function downloadLinks(
  { account }: Asked,
  { instanceId, backupId }: GetBackupDownloadArgs,
): Promise<DownloadLinks> {
  const { shardId, sizeBytes, downloadUrl, intranetDownloadUrl } = await account.downloadLinks(
    instanceId,
    backupId,
  );
  return { instanceId, backupId, shardId, sizeBytes, downloadUrl, intranetDownloadUrl };
}

/** What each data function takes and answers. */
export interface Functions {
  getRegions: [args: GetRegionsArgs, answer: Region[]];
  getAvailableDbConfig: [args: GetAvailableDbConfigArgs, answer: GetAvailableDbConfigResult];
  getInstances: [args: GetInstancesArgs, answer: Instance[]];
  getInstance: [args: GetInstancesArgs, answer: Instance];
  getBackups: [args: GetBackupsArgs, answer: Backup[]];
  getBackup: [args: GetBackupArgs, answer: Backup];
  getBackupDownload: [args: GetBackupDownloadArgs, answer: DownloadLinks];
}

/** Each with what its arguments must be. */
const ANSWERS: {
  readonly [Name in keyof Functions]: readonly [
    answer: (asked: Asked, args: Functions[Name][0]) => Promise<Functions[Name][1]>,
    kinds: ArgumentKinds<Functions[Name][0]>,
  ];
} = {
  getRegions: [listRegions, { forSaleOnly: [true, false] }],
  getAvailableDbConfig: [listOffers, { regionId: "text" }],
  getInstances: [matchingInstances, INSTANCE_FILTERS],
  getInstance: [matchingInstance, INSTANCE_FILTERS],
  getBackups: [listBackups, INSTANCE],
  getBackup: [matchingBackup, { ...INSTANCE, backupId: "text", mostRecent: [true, false] }],
  getBackupDownload: [downloadLinks, { ...INSTANCE, backupId: "required text" }],
};

/** The token under which the engine, the plugin and the mocks of unit tests know a function. */
export const TOKEN_PREFIX = "cds-redis:index:";

/** The engine wants an object: a list stands under its name. */
export const LISTS: { readonly [Name in keyof Functions]?: string } = {
  getRegions: "regions",
  getInstances: "instances",
  getBackups: "backups",
};

export function isFunction(name: string): name is keyof Functions {
  return Object.hasOwn(ANSWERS, name);
}

/** Throws unless the arguments are those of the function, since a program may give anything. */
export function checkFunctionArguments<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
): void {
  const [, kinds] = ANSWERS[name];
  checkKinds(args, kinds);
}

/** Checks the arguments, and asks the account that they name. */
export async function answer<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
  accounts: Accounts,
): Promise<Functions[Name][1]> {
  checkFunctionArguments(name, args);
  const [ask] = ANSWERS[name];
  return ask({ account: accounts.account(args.account), accounts }, args);
}
