export { backupFolderName } from "./backupFolder";
export { fetchBackupFiles, type FetchOptions } from "./downloadBackup";
export { BackupDownloadError } from "./downloadErrors";
export type { FetchedFile } from "./fetchedFile";
