import { beijingTime } from "../beijingTime";
import { BACKUP_FILE } from "../backupFile";
import type { EmulatorBackup } from "../records";

/**
 * A backup as answers give it. BackupSize is a string, as the documents' table says (their examples show a number).
 * The documents tell ShardId for DownloadBackup alone; whether the list has it for a cluster is unknown. It is given.
 */
export function backupEntry(backup: EmulatorBackup): Record<string, string> {
  const isFinished = backup.status !== "running";
  return {
    BackupId: backup.backupId,
    BackupMode: "manual",
    BackupSize: String(isFinished ? BACKUP_FILE.length : 0),
    BackupType: "full-backup",
    Desc: backup.description,
    EndTime: isFinished ? beijingTime(backup.finishedAt) : "",
    InstanceId: backup.instanceUuid,
    ShardId: backup.shardId,
    StartTime: beijingTime(backup.startedAt),
    Status: backup.status,
  };
}
