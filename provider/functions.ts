import * as pulumi from "@pulumi/pulumi";

import type {
  Backup,
  BackupDownload,
  GetAvailableDbConfigArgs,
  GetAvailableDbConfigResult,
  GetBackupArgs,
  GetBackupDownloadArgs,
  GetBackupsArgs,
  GetInstancesArgs,
  GetPrivateNetworksArgs,
  GetRegionsArgs,
  GetVdcsArgs,
} from "./functionTypes";
import { ask, outputOf, type Inputs } from "./ask";
import type { Instance, PrivateNetwork, Region, Vdc } from "./vendor/types";

/**
 * The vendor's regions (DescribeRegins). Regions without a RegionId are left out, since nothing can
 * be ordered there. The vendor is asked once per account in a run.
 */
export async function getRegions(args: GetRegionsArgs = {}): Promise<Region[]> {
  return ask("getRegions", args);
}

/** {@link getRegions} with outputs as arguments. */
export function getRegionsOutput(args: Inputs<GetRegionsArgs> = {}): pulumi.Output<Region[]> {
  return outputOf(getRegions, args);
}

/** What a region sells (DescribeAvailableDBConfig). The vendor is asked once per region in a run. */
export async function getAvailableDbConfig(
  args: GetAvailableDbConfigArgs = {},
): Promise<GetAvailableDbConfigResult> {
  return ask("getAvailableDbConfig", args);
}

/** {@link getAvailableDbConfig} with outputs as arguments. */
export function getAvailableDbConfigOutput(
  args: Inputs<GetAvailableDbConfigArgs> = {},
): pulumi.Output<GetAvailableDbConfigResult> {
  return outputOf(getAvailableDbConfig, args);
}

/**
 * The virtual data centers (虚拟数据中心) of the account with their private networks (DescribeVdc of the
 * vendor's network API). The vendor is asked once per account in a run.
 */
export async function getVdcs(args: GetVdcsArgs = {}): Promise<Vdc[]> {
  return ask("getVdcs", args);
}

/** {@link getVdcs} with outputs as arguments. */
export function getVdcsOutput(args: Inputs<GetVdcsArgs> = {}): pulumi.Output<Vdc[]> {
  return outputOf(getVdcs, args);
}

/** The one virtual data center that matches. Fails when none or several match, and names those that exist. */
export async function getVdc(args: GetVdcsArgs): Promise<Vdc> {
  return ask("getVdc", args);
}

/** {@link getVdc} with outputs as arguments. */
export function getVdcOutput(args: Inputs<GetVdcsArgs>): pulumi.Output<Vdc> {
  return outputOf(getVdc, args);
}

/**
 * The private networks (私网) of the account. An instance is ordered in one: its `basePipeId`, `vdcId` and
 * `regionId` are arguments of a RedisInstance. The vendor is asked once per account in a run.
 */
export async function getPrivateNetworks(
  args: GetPrivateNetworksArgs = {},
): Promise<PrivateNetwork[]> {
  return ask("getPrivateNetworks", args);
}

/** {@link getPrivateNetworks} with outputs as arguments. */
export function getPrivateNetworksOutput(
  args: Inputs<GetPrivateNetworksArgs> = {},
): pulumi.Output<PrivateNetwork[]> {
  return outputOf(getPrivateNetworks, args);
}

/** The one private network that matches. Fails when none or several match, and names those that exist. */
export async function getPrivateNetwork(args: GetPrivateNetworksArgs): Promise<PrivateNetwork> {
  return ask("getPrivateNetwork", args);
}

/** {@link getPrivateNetwork} with outputs as arguments. */
export function getPrivateNetworkOutput(
  args: Inputs<GetPrivateNetworksArgs>,
): pulumi.Output<PrivateNetwork> {
  return outputOf(getPrivateNetwork, args);
}

/**
 * The instances of the account in all regions that match every given filter (DescribeDBInstances).
 * The vendor is asked once for the same filters in a run, and again after a resource of this package
 * became ready.
 */
export async function getInstances(args: GetInstancesArgs = {}): Promise<Instance[]> {
  return ask("getInstances", args);
}

/** {@link getInstances} with outputs as arguments. */
export function getInstancesOutput(args: Inputs<GetInstancesArgs> = {}): pulumi.Output<Instance[]> {
  return outputOf(getInstances, args);
}

/** The one instance that matches every given filter. Fails when none or several match, and names instances that exist. */
export async function getInstance(args: GetInstancesArgs): Promise<Instance> {
  return ask("getInstance", args);
}

/** {@link getInstance} with outputs as arguments. */
export function getInstanceOutput(args: Inputs<GetInstancesArgs>): pulumi.Output<Instance> {
  return outputOf(getInstance, args);
}

/**
 * The backups of an instance, the oldest first (DescribeBackups). A cluster has one entry per shard:
 * entries with one description that follow one another are taken as one backup. The vendor is asked
 * once per instance in a run, and again after a resource of this package became ready.
 */
export async function getBackups(args: GetBackupsArgs): Promise<Backup[]> {
  return ask("getBackups", args);
}

/** {@link getBackups} with outputs as arguments. */
export function getBackupsOutput(args: Inputs<GetBackupsArgs>): pulumi.Output<Backup[]> {
  return outputOf(getBackups, args);
}

/** One backup of an instance. Fails when none or several match, and names the backups that exist. */
export async function getBackup(args: GetBackupArgs): Promise<Backup> {
  return ask("getBackup", args);
}

/** {@link getBackup} with outputs as arguments. */
export function getBackupOutput(args: Inputs<GetBackupArgs>): pulumi.Output<Backup> {
  return outputOf(getBackup, args);
}

/** The URLs of one backup entry (DownloadBackup). The vendor is asked at every call, since the URLs expire. */
export async function getBackupDownload(args: GetBackupDownloadArgs): Promise<BackupDownload> {
  const { downloadUrl, intranetDownloadUrl, ...entry } = await ask("getBackupDownload", args);
  return {
    ...entry,
    downloadUrl: pulumi.secret(downloadUrl),
    intranetDownloadUrl: pulumi.secret(intranetDownloadUrl),
  };
}

/** {@link getBackupDownload} with outputs as arguments. */
export function getBackupDownloadOutput(
  args: Inputs<GetBackupDownloadArgs>,
): pulumi.Output<pulumi.Unwrap<BackupDownload>> {
  return outputOf(getBackupDownload, args);
}
