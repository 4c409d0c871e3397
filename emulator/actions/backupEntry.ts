import { lengthOf, type AnswerBody } from "../answerBody";
import { beijingTime } from "../beijingTime";
import type { EmulatorBackup } from "../records";

const WITHOUT_FILE = ["running", "failed"];

/**
 * A backup as answers show it. BackupSize is a string, as the table in the documents says (their examples show a
 * number). The documents name ShardId for DownloadBackup only; whether lists show it is unknown. The emulator does.
 */
export function backupEntry(backup: EmulatorBackup, file: AnswerBody): Record<string, string> {
  const isFinished = !WITHOUT_FILE.includes(backup.status);
  return {
    BackupId: backup.backupId,
    BackupMode: "manual",
    BackupSize: String(isFinished ? lengthOf(file) : 0),
    BackupType: "full-backup",
    Desc: backup.description,
    EndTime: isFinished ? beijingTime(backup.finishedAt) : "",
    InstanceId: backup.instanceUuid,
    ShardId: backup.shardId,
    StartTime: beijingTime(backup.startedAt),
    Status: backup.status,
  };
}
