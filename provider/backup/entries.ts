import { saysFailure, saysFinished } from "../core/status";
import type { BackupEntry, BackupFile } from "../vendor/types";

/** A shard's entry that comes so long after the others ended is of another backup. */
const LATEST_SHARD_MS = 30 * 60_000;
/** The mark by which a RedisBackup knows its backups again. */
const MARK = / ?pulumi-[0-9a-f]+(-[0-9a-f]+)?$/;

/** The files of one backup taken together. */
export interface BackupSummary {
  /** The files of the backup, by shard. */
  readonly entries: readonly BackupFile[];
  /** `finished`, or the vendor's word for an entry that is not finished. */
  readonly status: string | undefined;
  /** Size of all entries together, in bytes. */
  readonly sizeBytes: number;
  /** When the first entry was started, ISO 8601 in Beijing time. */
  readonly startTime: string | undefined;
  /** When the last entry ended, ISO 8601 in Beijing time. Undefined until all entries ended. */
  readonly endTime: string | undefined;
}

export function summaryOf(found: readonly BackupFile[]): BackupSummary {
  const entries = byShard(found).map(
    ({ backupId, shardId, status, sizeBytes, startTime, endTime }): BackupFile => ({
      ...{ backupId, shardId, status, sizeBytes, startTime, endTime },
    }),
  );
  const ends = entries.map((entry) => entry.endTime).filter((time) => time !== "");
  return {
    entries,
    status: entries.find((entry) => !saysFinished(entry.status))?.status ?? entries[0]?.status,
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    startTime: entries.map((entry) => entry.startTime).sort()[0],
    endTime: ends.length === entries.length ? ends.sort().at(-1) : undefined,
  };
}

/** In an order that doesn't depend on the answer's. */
export function byShard<T extends BackupFile>(entries: readonly T[]): T[] {
  const key = (entry: T): string => `${entry.shardId} ${entry.backupId}`;
  return [...entries].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/**
 * The entries of an instance as backups, the oldest first. The vendor doesn't say which of a
 * cluster's entries belong together: those of one description that follow closely, each shard once;
 * where no shards are told, those that overlap, since an instance is backed up once at a time.
 */
export function backupsOf(entries: readonly BackupEntry[]): BackupEntry[][] {
  const groups: BackupEntry[][] = [];
  const open = new Map<string, BackupEntry[]>();
  for (const entry of [...entries].sort((one, other) =>
    one.startTime < other.startTime ? -1 : 1,
  )) {
    const kind = `${entry.mode} ${entry.description}`;
    const group = open.get(kind);
    if (group !== undefined && belongs(entry, group)) group.push(entry);
    else {
      const started = [entry];
      groups.push(started);
      open.set(kind, started);
    }
  }
  return groups;
}

function belongs({ shardId, startTime }: BackupEntry, group: readonly BackupEntry[]): boolean {
  const start = Date.parse(startTime);
  const end = Math.max(...group.map(endOf));
  if (shardId === "")
    return (
      group.every((one) => one.shardId === "") &&
      (start < end || group.some((one) => one.startTime === startTime))
    );
  const isAnother = group.every((one) => one.shardId !== "" && one.shardId !== shardId);
  return isAnother && !(start > end + LATEST_SHARD_MS);
}

/** When it ended, as far as it says; one that is under way goes on. */
function endOf({ status, startTime, endTime }: BackupEntry): number {
  if (endTime !== "") return Date.parse(endTime);
  const isOver = saysFinished(status) || saysFailure(status);
  return isOver ? Date.parse(startTime) : Number.POSITIVE_INFINITY;
}

/** All shards of the backup that has this entry. */
export function wholeBackup(
  entries: readonly BackupEntry[],
  backupId: string,
): readonly BackupEntry[] {
  return backupsOf(entries).find((group) => group.some((one) => one.backupId === backupId)) ?? [];
}

/** How many entries a backup of the instance has, as far as its backups show; 0 where there are none. */
export function mostEntries(entries: readonly BackupEntry[]): number {
  const shards = new Set(entries.map(({ shardId }) => shardId).filter((id) => id !== ""));
  return Math.max(shards.size, ...backupsOf(entries).map((backup) => backup.length));
}

/** The user's part of a description. */
export function withoutMark(description: string): string {
  return description.replace(MARK, "");
}
