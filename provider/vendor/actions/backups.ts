import type { CdsClient } from "../client";
import {
  looseList,
  looseNumber,
  looseText,
  uniqueBy,
  wireId,
  wireNothing,
  wireObject,
  wireTime,
} from "../wire";

/** One entry of DescribeBackups: a whole backup, or one shard's part of a cluster's. */
export interface BackupEntry {
  readonly backupId: string;
  /** "" unless the instance is a cluster. */
  readonly shardId: string;
  /** `finished` when it can be used; other values are not documented. */
  readonly status: string;
  /** 0 when it is not known. */
  readonly sizeBytes: number;
  /** `manual`, or the vendor's own word for an automatic one. */
  readonly mode: string;
  /** The text given at CreateBackup. */
  readonly description: string;
  /** ISO 8601 in Beijing time. */
  readonly startTime: string;
  /** ISO 8601 in Beijing time; "" until it ends. */
  readonly endTime: string;
}

/** Where a backup entry can be fetched. The URLs are secrets: they need no signature. */
export interface BackupDownload extends BackupEntry {
  readonly downloadUrl: string;
  /** Reachable from the vendor's network only. */
  readonly intranetDownloadUrl: string;
}

const ENTRY_FIELDS = {
  backupId: ["BackupId", wireId],
  shardId: ["ShardId", looseText],
  status: ["Status", looseText],
  sizeBytes: ["BackupSize", looseNumber],
  mode: ["BackupMode", looseText],
  description: ["Desc", looseText],
  startTime: ["StartTime", wireTime],
  endTime: ["EndTime", wireTime],
} as const;

const entry = wireObject<BackupEntry>(ENTRY_FIELDS);
const entries = looseList(entry).transform((all) =>
  uniqueBy(all, ({ backupId, shardId }) => JSON.stringify([backupId, shardId])),
);
const download = wireObject<BackupDownload>({
  ...ENTRY_FIELDS,
  downloadUrl: ["BackupDownloadUrl", looseText],
  intranetDownloadUrl: ["BackupIntranetDownloadUrl", looseText],
});

/** The backup entries of one instance, each once. */
export async function describeBackups(
  client: CdsClient,
  instanceId: string,
): Promise<BackupEntry[]> {
  return client.read("DescribeBackups", { InstanceUuid: instanceId }, entries);
}

export async function downloadBackup(
  client: CdsClient,
  instanceId: string,
  backupId: string,
): Promise<BackupDownload> {
  return client.read("DownloadBackup", { InstanceUuid: instanceId, BackupId: backupId }, download);
}

/** Starts a backup. The answer has no id, so the description must tell the backup from others. */
export async function createBackup(
  client: CdsClient,
  instanceId: string,
  description: string,
  timeoutMs?: number,
): Promise<void> {
  const body = { InstanceUuid: instanceId, Desc: description };
  await client.write("CreateBackup", body, wireNothing, timeoutMs);
}

export async function deleteBackup(
  client: CdsClient,
  instanceId: string,
  backupId: string,
  timeoutMs?: number,
): Promise<void> {
  const body = { InstanceUuid: instanceId, BackupId: backupId };
  await client.write("DeleteBackup", body, wireNothing, timeoutMs);
}
