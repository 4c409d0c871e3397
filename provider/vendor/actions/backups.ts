import { z } from "zod";

import type { CdsClient } from "../client";
import type { BackupEntry } from "../types";
import { looseNumber, looseText, uniqueList, wireId, wireObject, wireTime } from "../wire";

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

const entry = wireObject(ENTRY_FIELDS);
const entries = uniqueList(entry, ({ backupId, shardId }) => JSON.stringify([backupId, shardId]));
/** The URLs are secrets: they need no signature. */
const download = wireObject({
  ...ENTRY_FIELDS,
  downloadUrl: ["BackupDownloadUrl", looseText],
  /** Reachable from the vendor's network only. */
  intranetDownloadUrl: ["BackupIntranetDownloadUrl", looseText],
});

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
): Promise<z.output<typeof download>> {
  return client.read("DownloadBackup", { InstanceUuid: instanceId, BackupId: backupId }, download);
}

/** Starts a backup. The answer has no id, so the description must tell the backup from others. */
export async function createBackup(
  client: CdsClient,
  instanceId: string,
  description: string,
  timeoutMs: number,
): Promise<void> {
  const body = { InstanceUuid: instanceId, Desc: description };
  await client.write("CreateBackup", body, z.unknown(), timeoutMs);
}

export async function deleteBackup(
  client: CdsClient,
  instanceId: string,
  backupId: string,
  timeoutMs: number,
): Promise<void> {
  const body = { InstanceUuid: instanceId, BackupId: backupId };
  await client.write("DeleteBackup", body, z.unknown(), timeoutMs);
}
