import * as pulumi from "@pulumi/pulumi";

import type { Offer } from "../sdk/offers";
import { askVendor, outputOf, type AccountArgs, type Inputs } from "./ask";
import { backupsOf, summaryOf, type BackupSummary } from "./backup/entries";
import type { Account } from "./core/account";
import { saysFinished } from "./core/status";
import type { Region } from "./vendor/actions/catalog";
import type { Instance } from "./vendor/actions/instances";

export interface GetRegionsArgs extends AccountArgs {
  /** Leaves out regions where no instance can be ordered now. Default: false. */
  forSaleOnly?: boolean | undefined;
}

/**
 * The vendor's regions (DescribeRegins). Regions without a RegionId are left out, since nothing can
 * be ordered there. The vendor is asked once per account in a run.
 */
export async function getRegions(args: GetRegionsArgs = {}): Promise<Region[]> {
  return askVendor("getRegions", args, { forSaleOnly: [true, false] }, async (account) =>
    (await account.regions()).filter(
      ({ regionId, forSale }) => regionId !== "" && (forSale || args.forSaleOnly !== true),
    ),
  );
}

/** {@link getRegions} with outputs as arguments. */
export function getRegionsOutput(args: Inputs<GetRegionsArgs> = {}): pulumi.Output<Region[]> {
  return outputOf(getRegions, args);
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

/** What a region sells (DescribeAvailableDBConfig). The vendor is asked once per region in a run. */
export async function getAvailableDbConfig(
  args: GetAvailableDbConfigArgs = {},
): Promise<GetAvailableDbConfigResult> {
  const kinds = { regionId: "text" } as const;
  return askVendor("getAvailableDbConfig", args, kinds, async (account, accounts) => {
    const { account: name, regionId = accounts.defaultRegionId(name) } = args;
    if (regionId !== undefined) return { regionId, offers: await account.offers(regionId) };
    const defaults = name === undefined ? "cds:regionId or CDS_REGION" : `cds-${name}:regionId`;
    throw new Error(`regionId is missing: give it, or set ${defaults}.`);
  });
}

/** {@link getAvailableDbConfig} with outputs as arguments. */
export function getAvailableDbConfigOutput(
  args: Inputs<GetAvailableDbConfigArgs> = {},
): pulumi.Output<GetAvailableDbConfigResult> {
  return outputOf(getAvailableDbConfig, args);
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

/**
 * The instances of the account in all regions that match every given filter (DescribeDBInstances).
 * The vendor is asked once for the same filters in a run, and again after a resource of this package
 * became ready.
 */
export async function getInstances(args: GetInstancesArgs = {}): Promise<Instance[]> {
  return askVendor("getInstances", args, INSTANCE_FILTERS, (account) =>
    matchingInstances(account, args),
  );
}

/** {@link getInstances} with outputs as arguments. */
export function getInstancesOutput(args: Inputs<GetInstancesArgs> = {}): pulumi.Output<Instance[]> {
  return outputOf(getInstances, args);
}

/** The one instance that matches every given filter. Fails when none or several match, and names instances that exist. */
export async function getInstance(args: GetInstancesArgs): Promise<Instance> {
  return askVendor("getInstance", args, INSTANCE_FILTERS, async (account) => {
    const found = await matchingInstances(account, args);
    const [instance, other] = found;
    if (instance !== undefined && other === undefined) return instance;
    const wanted = JSON.stringify({ ...args, account: undefined, match: undefined });
    const named = namesOf(other === undefined ? await account.instancesLike({}) : found);
    throw new Error(
      other === undefined
        ? `no instance matches ${wanted}. Instances of the account: ${named}.`
        : `${found.length} instances match ${wanted}: ${named}. Give instanceId.`,
    );
  });
}

/** {@link getInstance} with outputs as arguments. */
export function getInstanceOutput(args: Inputs<GetInstancesArgs>): pulumi.Output<Instance> {
  return outputOf(getInstance, args);
}

async function matchingInstances(account: Account, args: GetInstancesArgs): Promise<Instance[]> {
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

/**
 * The backups of an instance, the oldest first (DescribeBackups). A cluster has one entry per shard:
 * entries with one description that follow one another are taken as one backup. The vendor is asked
 * once per instance in a run, and again after a resource of this package became ready.
 */
export async function getBackups(args: GetBackupsArgs): Promise<Backup[]> {
  return askVendor("getBackups", args, INSTANCE, (account) =>
    listBackups(account, args.instanceId),
  );
}

/** {@link getBackups} with outputs as arguments. */
export function getBackupsOutput(args: Inputs<GetBackupsArgs>): pulumi.Output<Backup[]> {
  return outputOf(getBackups, args);
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

/** One backup of an instance. Fails when none or several match, and names the backups that exist. */
export async function getBackup(args: GetBackupArgs): Promise<Backup> {
  const kinds = { ...INSTANCE, backupId: "text", mostRecent: [true, false] } as const;
  return askVendor("getBackup", args, kinds, async (account) => {
    const { instanceId, backupId, mostRecent = false } = args;
    const all = await listBackups(account, instanceId);
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
  });
}

/** {@link getBackup} with outputs as arguments. */
export function getBackupOutput(args: Inputs<GetBackupArgs>): pulumi.Output<Backup> {
  return outputOf(getBackup, args);
}

async function listBackups(account: Account, instanceId: string): Promise<Backup[]> {
  const entries = await account.backupEntries(instanceId);
  return backupsOf(entries).map((group) => ({
    instanceId,
    ...summaryOf(group),
    mode: group[0]?.mode ?? "",
    description: group[0]?.description ?? "",
  }));
}

function describeBackup({ entries, status, startTime }: Backup): string {
  const ids = entries.map((entry) => entry.backupId).join(" + ");
  return `${ids} (${status ?? ""}, ${startTime ?? ""})`;
}

export interface GetBackupDownloadArgs extends GetBackupsArgs {
  /** The BackupId of one entry. Each shard of a cluster is a file of its own. */
  backupId: string;
}

/** Where one entry of a backup can be downloaded until the vendor lets the URLs expire. */
export interface BackupDownload {
  /** The instance (InstanceUuid). */
  readonly instanceId: string;
  /** The vendor's BackupId of the entry. */
  readonly backupId: string;
  /** The vendor's ShardId. "" unless the instance is a cluster. */
  readonly shardId: string;
  /** Size of the file, in bytes. */
  readonly sizeBytes: number;
  /** Public URL (BackupDownloadUrl). Secret: whoever has the URL can read the data. */
  readonly downloadUrl: pulumi.Output<string>;
  /** URL in the vendor's network (BackupIntranetDownloadUrl). Secret. */
  readonly intranetDownloadUrl: pulumi.Output<string>;
}

/** The URLs of one backup entry (DownloadBackup). The vendor is asked at every call, since the URLs expire. */
export async function getBackupDownload(args: GetBackupDownloadArgs): Promise<BackupDownload> {
  const kinds = { ...INSTANCE, backupId: "required text" } as const;
  return askVendor("getBackupDownload", args, kinds, async ({ client }) => {
    const { instanceId, backupId } = args;
    const { downloadBackup } = await import("./vendor/actions/backups.js");
    const entry = await downloadBackup(client, instanceId, backupId);
    return {
      instanceId,
      backupId,
      shardId: entry.shardId,
      sizeBytes: entry.sizeBytes,
      downloadUrl: pulumi.secret(entry.downloadUrl),
      intranetDownloadUrl: pulumi.secret(entry.intranetDownloadUrl),
    };
  });
}

/** {@link getBackupDownload} with outputs as arguments. */
export function getBackupDownloadOutput(
  args: Inputs<GetBackupDownloadArgs>,
): pulumi.Output<pulumi.Unwrap<BackupDownload>> {
  return outputOf(getBackupDownload, args);
}
