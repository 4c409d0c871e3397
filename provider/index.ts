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
  getRegions,
  getRegionsOutput,
  type BackupDownload,
} from "./functions";
export type {
  Backup,
  GetAvailableDbConfigArgs,
  GetAvailableDbConfigResult,
  GetBackupArgs,
  GetBackupDownloadArgs,
  GetBackupsArgs,
  GetInstancesArgs,
  GetRegionsArgs,
} from "./functionTypes";
export { RedisBackup, type BackupLookup, type RedisBackupArgs } from "./redisBackup";
export { RedisInstance, type InstanceLookup, type RedisInstanceArgs } from "./redisInstance";
export type { BackupSummary } from "./backup/entries";
export type { FinalBackup, PasswordSource } from "./dynamic/contract";
export type { Offer } from "../sdk/offers";
export type { BackupFile, Instance, Region } from "./vendor/types";
