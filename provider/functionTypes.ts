/** What the data functions take and answer, whoever asks: programs by `functions.ts`, the engine by the plugin. */
import type * as pulumi from "@pulumi/pulumi";

import type { Offer } from "../sdk/offers";
import type { AccountArgs } from "./argumentKinds";
import type { BackupSummary } from "./backup/entries";
import type { Instance, PrivateNetwork, Region, Vdc } from "./vendor/types";

export interface GetRegionsArgs extends AccountArgs {
  /** Leaves out regions where no instance can be ordered now. Default: false. */
  forSaleOnly?: boolean | undefined;
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

export interface GetVdcsArgs extends AccountArgs {
  /** Region (RegionId). Default: all regions. */
  regionId?: string | undefined;
  /** Name of the virtual data center. */
  vdcName?: string | undefined;
}

export interface GetPrivateNetworksArgs extends GetVdcsArgs {
  /** Name of the private network. */
  name?: string | undefined;
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

export interface GetBackupsArgs extends AccountArgs {
  /** The instance (InstanceUuid). */
  instanceId: string;
}

/** A backup of an instance, whoever took it. */
export interface Backup extends BackupSummary {
  /** The instance (InstanceUuid). */
  readonly instanceId: string;
  /** `manual`, or the vendor's own word for an automatic backup. */
  readonly mode: string;
  /** The vendor's Desc, without the mark that a RedisBackup adds to its description. */
  readonly description: string;
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

/** The same with the URLs in clear, as the vendor tells them. */
export type DownloadLinks = pulumi.Unwrap<BackupDownload>;

/** What each data function takes and answers. */
export interface Functions {
  getRegions: [args: GetRegionsArgs, answer: Region[]];
  getAvailableDbConfig: [args: GetAvailableDbConfigArgs, answer: GetAvailableDbConfigResult];
  getVdcs: [args: GetVdcsArgs, answer: Vdc[]];
  getVdc: [args: GetVdcsArgs, answer: Vdc];
  getPrivateNetworks: [args: GetPrivateNetworksArgs, answer: PrivateNetwork[]];
  getPrivateNetwork: [args: GetPrivateNetworksArgs, answer: PrivateNetwork];
  getInstances: [args: GetInstancesArgs, answer: Instance[]];
  getInstance: [args: GetInstancesArgs, answer: Instance];
  getBackups: [args: GetBackupsArgs, answer: Backup[]];
  getBackup: [args: GetBackupArgs, answer: Backup];
  getBackupDownload: [args: GetBackupDownloadArgs, answer: DownloadLinks];
}
