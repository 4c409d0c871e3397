export {
  getAvailableDbConfig,
  getAvailableDbConfigOutput,
  getBackup,
  getBackupDownload,
  getBackupDownloadOutput,
  getBackupOutput,
  getBackups,
  getBackupsOutput,
  getInstance,
  getInstanceOutput,
  getInstances,
  getInstancesOutput,
  getPrivateNetwork,
  getPrivateNetworkOutput,
  getPrivateNetworks,
  getPrivateNetworksOutput,
  getRegions,
  getRegionsOutput,
  getVdc,
  getVdcOutput,
  getVdcs,
  getVdcsOutput,
} from "./functions";
export type {
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
export { RedisBackup, type BackupLookup, type RedisBackupArgs } from "./redisBackup";
export { RedisInstance, type InstanceLookup, type RedisInstanceArgs } from "./redisInstance";
export type { BackupSummary } from "./backup/entries";
export type { FinalBackup, PasswordSource } from "./dynamic/contract";
export type { Offer } from "../sdk/offers";
export type { BackupFile, Instance, PrivateNetwork, Region, Vdc } from "./vendor/types";
