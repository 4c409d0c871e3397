import type { BackupEntry } from "../client/backups";

/** One file of a backup: the whole of it, or one shard's part for a cluster. */
export interface BackupFile {
  /** The vendor's BackupId. */
  readonly backupId: string;
  /** The vendor's ShardId; "" unless the instance is a cluster. */
  readonly shardId: string;
  /** The vendor's word, `finished` when it can be used. */
  readonly status: string;
  /** In bytes. */
  readonly sizeBytes: number;
  /** ISO 8601 in Beijing time. */
  readonly startTime: string;
  /** ISO 8601 in Beijing time; "" until it ends. */
  readonly endTime: string;
}

/** The files of one backup taken together. */
export interface BackupSummary {
  /** By shard. */
  readonly entries: readonly BackupFile[];
  /** `finished`, or the word of an entry that is not. */
  readonly status: string | undefined;
  /** Of all entries together, in bytes. */
  readonly sizeBytes: number;
  /** When the first entry was started, ISO 8601 in Beijing time. */
  readonly startTime: string | undefined;
  /** When the last entry ended, ISO 8601 in Beijing time; undefined until all have. */
  readonly endTime: string | undefined;
}

export function summaryOf(found: readonly BackupEntry[]): BackupSummary {
  const entries = byShard(found).map(
    ({ backupId, shardId, status, sizeBytes, startTime, endTime }): BackupFile => ({
      ...{ backupId, shardId, status, sizeBytes, startTime, endTime },
    }),
  );
  const ends = entries.map((entry) => entry.endTime).filter((time) => time !== "");
  return {
    entries,
    status: entries.find((entry) => entry.status !== "finished")?.status ?? entries[0]?.status,
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    startTime: entries.map((entry) => entry.startTime).sort()[0],
    endTime: ends.length === entries.length ? ends.sort().at(-1) : undefined,
  };
}

/** In an order that doesn't depend on the answer's. */
export function byShard(entries: readonly BackupEntry[]): BackupEntry[] {
  const key = (entry: BackupEntry): string => `${entry.shardId} ${entry.backupId}`;
  return [...entries].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/**
 * The entries of an instance as backups, the oldest first. The vendor doesn't say which shards'
 * entries belong together: those of one description that follow one another, each shard once.
 */
export function backupsOf(entries: readonly BackupEntry[]): BackupEntry[][] {
  const groups: BackupEntry[][] = [];
  const open = new Map<string, BackupEntry[]>();
  for (const entry of [...entries].sort((one, other) =>
    one.startTime < other.startTime ? -1 : 1,
  )) {
    const kind = `${entry.mode} ${entry.description}`;
    const group = open.get(kind);
    const joins =
      entry.shardId !== "" &&
      group?.every(({ shardId }) => shardId !== "" && shardId !== entry.shardId);
    if (group !== undefined && joins === true) group.push(entry);
    else {
      const started = [entry];
      groups.push(started);
      open.set(kind, started);
    }
  }
  return groups;
}

/** All shards of the backup that has this entry. */
export function wholeBackup(
  entries: readonly BackupEntry[],
  backupId: string,
): readonly BackupEntry[] {
  return backupsOf(entries).find((group) => group.some((one) => one.backupId === backupId)) ?? [];
}
