import { z } from "zod";

import type { CdsClient } from "./client";
import { wireNothing, wireNumber, wireText, wireTime } from "./wire";

/** One entry of DescribeBackups: a whole backup, or one shard's part of a cluster's. */
export interface BackupEntry {
  readonly backupId: string;
  /** "" unless the instance is a cluster. */
  readonly shardId: string;
  /** `finished` when it can be used; other values are not documented. */
  readonly status: string;
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

const wireEntry = z.looseObject({
  BackupId: z.string().min(1),
  ShardId: wireText,
  Status: wireText,
  BackupSize: wireNumber.nullish().or(z.literal("").transform(() => null)),
  BackupMode: wireText,
  Desc: wireText,
  StartTime: wireTime,
  EndTime: wireTime,
});

function entryOf(wire: z.output<typeof wireEntry>): BackupEntry {
  return {
    backupId: wire.BackupId,
    shardId: wire.ShardId,
    status: wire.Status,
    sizeBytes: wire.BackupSize ?? 0,
    mode: wire.BackupMode,
    description: wire.Desc,
    startTime: wire.StartTime,
    endTime: wire.EndTime,
  };
}

export async function describeBackups(
  client: CdsClient,
  instanceId: string,
  onSent?: () => void,
): Promise<BackupEntry[]> {
  const data = z.array(wireEntry.transform(entryOf));
  return client.read("DescribeBackups", { InstanceUuid: instanceId }, data, onSent);
}

/** Where a backup entry can be fetched. The URLs are secrets: they need no signature. */
export interface BackupDownload extends BackupEntry {
  readonly downloadUrl: string;
  /** Reachable from the vendor's network only. */
  readonly intranetDownloadUrl: string;
}

const download = wireEntry
  .extend({ BackupDownloadUrl: wireText, BackupIntranetDownloadUrl: wireText })
  .transform((wire): BackupDownload => ({
    ...entryOf(wire),
    downloadUrl: wire.BackupDownloadUrl,
    intranetDownloadUrl: wire.BackupIntranetDownloadUrl,
  }));

export async function downloadBackup(
  client: CdsClient,
  instanceId: string,
  backupId: string,
): Promise<BackupDownload> {
  return client.read("DownloadBackup", { InstanceUuid: instanceId, BackupId: backupId }, download);
}

/** Starts a backup; the answer has no id, so the description has to tell it from others. */
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
