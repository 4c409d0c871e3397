export {
  getBackup,
  getBackupDownload,
  getBackupDownloadOutput,
  getBackupOutput,
  getBackups,
  getBackupsOutput,
  type Backup,
  type BackupDownload,
  type GetBackupArgs,
  type GetBackupDownloadArgs,
  type GetBackupsArgs,
} from "./backupFunctions";
export type { Region } from "./vendor/catalog";
export type { Instance } from "./vendor/instances";
export {
  getAvailableDbConfig,
  getAvailableDbConfigOutput,
  getInstance,
  getInstanceOutput,
  getInstances,
  getInstancesOutput,
  getRegions,
  getRegionsOutput,
  type GetAvailableDbConfigArgs,
  type GetAvailableDbConfigResult,
  type GetInstancesArgs,
  type GetRegionsArgs,
} from "./instanceFunctions";
export type { FinalBackup, PasswordSource } from "./dynamic/contract";
export type { BackupFile, BackupSummary } from "./backup/entries";
export { RedisBackup, type BackupLookup, type RedisBackupArgs } from "./redisBackup";
export { RedisInstance, type InstanceLookup, type RedisInstanceArgs } from "./redisInstance";
export type { Offer } from "../sdk/offers";
