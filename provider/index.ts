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
} from "./answers";
export { RedisBackup, type BackupLookup, type RedisBackupArgs } from "./redisBackup";
export { RedisInstance, type InstanceLookup, type RedisInstanceArgs } from "./redisInstance";
export type { BackupFile, BackupSummary } from "./backup/entries";
export type { FinalBackup, PasswordSource } from "./dynamic/contract";
export type { Region } from "./vendor/actions/catalog";
export type { Instance } from "./vendor/actions/instances";
export type { Offer } from "../sdk/offers";
