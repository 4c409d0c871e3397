import { Absence, NEVER_MADE } from "../core/absence";
import { emptyOnVendorError } from "../core/errors";
import type { Operation } from "../core/operation";
import { saysFailure, saysFinished } from "../core/status";
import { now } from "../time";
import type { BackupEntry } from "../vendor/actions/backups";
import { sameId, type Instance } from "../vendor/actions/instances";

/** A shard's entry that comes so long after the others ended is of another backup. */
const LATEST_SHARD_MS = 30 * 60_000;

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

/** Architectures whose backup is one entry. */
const ONE_ENTRY: readonly string[] = [
  "master-replica",
  "economy-master-replica",
  "read-write-splitting",
];
/** An instance does not change its architecture, so an older list tells it, too. */
const KNOWN_MS = 600_000;

/** Whether a backup of this architecture may be of several entries. */
export function mayHaveShards(architecture: string | undefined): boolean {
  return architecture === undefined || !ONE_ENTRY.includes(architecture);
}

/** Whether a backup of this instance may be of several entries. */
export async function mayInstanceHaveShards(
  operation: Operation,
  instanceId: string,
): Promise<boolean> {
  const limit = { signal: operation.signal, deadline: now() + 60_000 };
  const look = (instances: readonly Instance[]): readonly Instance[] =>
    instances.filter((instance) => sameId(instance.instanceId, instanceId));
  const [instance] = await operation.account.instances
    .until(limit, look, {
      what: `looking what ${instanceId} is`,
      onListError: "fail",
      maxAgeMs: KNOWN_MS,
    })
    .catch(emptyOnVendorError);
  return mayHaveShards(instance?.architecture);
}

/**
 * Tells when a backup has all its entries. The vendor does not say how many a cluster's backup has,
 * nor that it lists them at once. The backup must have as many as other backups of the instance;
 * where there are no others, none may come for two minutes.
 */
export class Wholeness {
  readonly #mayBeMany: boolean;
  readonly #noMore = new Absence(NEVER_MADE);
  #count = 0;

  /** @param mayBeMany Whether the backup may have an entry for each shard of a cluster. */
  constructor(mayBeMany: boolean) {
    this.#mayBeMany = mayBeMany;
  }

  /**
   * Looks at the next list.
   *
   * @param ours The entries of the backup, all finished; none while they are not.
   * @param others All else that is listed.
   * @throws Error when it has fewer entries than others, and no more come.
   */
  isCertain(ours: readonly BackupEntry[], others: readonly BackupEntry[]): boolean {
    const haveNoMoreCome = this.#noMore.isCertain(ours.length !== this.#count);
    this.#count = ours.length;
    if (ours.length === 0) return false;
    const hasShards = ours.some(({ shardId }) => shardId !== "");
    if (!this.#mayBeMany && !hasShards) return true;
    const most = mostEntries(others);
    if (most > 1 && ours.length >= most) return true;
    if (haveNoMoreCome && most > 1)
      throw new Error(
        `it has ${ours.length} of the ${most} entries (one for each shard) that other backups of the instance have. ` +
          "If the cluster has fewer shards by now, delete its older backups in the console. Otherwise take another backup.",
      );
    return haveNoMoreCome;
  }
}
