import { DELETED, NEVER_MADE } from "../core/absence";
import { emptyOnVendorError } from "../core/errors";
import type { Operation } from "../core/operation";
import { now } from "../time";
import type { BackupEntry } from "../vendor/actions/backups";
import { sameId } from "../vendor/actions/instances";
import { mostEntries } from "./entries";

/** Architectures whose backup is one entry. */
const ONE_ENTRY: readonly string[] = [
  "master-replica",
  "economy-master-replica",
  "read-write-splitting",
];
/** A shard may be listed later than the others, and it would be in no state, or its data be lost. */
const LEAST_QUIET_MS = 60_000;
/** An instance does not change its architecture, so an older list tells it, too. */
const KNOWN_MS = 600_000;

/**
 * Tells when a backup has all its entries. The vendor does not say how many a cluster's backup has,
 * nor that it lists them at once. The backup must have as many as other backups of the instance.
 * Where there are no others, no more entries may come for as long as it took so far, one minute at
 * least and two at most.
 */
export class Wholeness {
  readonly #mayBeMany: boolean;
  readonly #since = now();
  #finished = "";
  #finishedAt = this.#since;
  #lists = 0;

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
    this.#note(ours);
    if (ours.length === 0) return false;
    const hasShards = ours.some(({ shardId }) => shardId !== "");
    if (!this.#mayBeMany && !hasShards) return true;
    const most = mostEntries(others);
    if (most > 1 && ours.length >= most) return true;
    const quietMs = now() - this.#finishedAt;
    if (most <= 1) return this.#lists >= DELETED.lists && quietMs >= this.#quietMs(ours);
    if (this.#lists >= NEVER_MADE.lists && quietMs >= NEVER_MADE.ms)
      throw new Error(
        `it has ${ours.length} of the ${most} entries (one for each shard) that other backups of the instance have. ` +
          "If the cluster has fewer shards by now, delete its older backups in the console. Otherwise take another backup.",
      );
    return false;
  }

  #note(ours: readonly BackupEntry[]): void {
    const ids = ours.map((entry) => entry.backupId).join(" ");
    if (ids !== this.#finished) {
      this.#finished = ids;
      this.#finishedAt = now();
      this.#lists = 0;
    }
    this.#lists += 1;
  }

  #quietMs(ours: readonly BackupEntry[]): number {
    const waitedMs = this.#finishedAt - this.#since;
    return Math.min(Math.max(waitedMs, spanMs(ours), LEAST_QUIET_MS), NEVER_MADE.ms);
  }
}

/** From the first start to the last end, by the vendor's clock: the backup may have begun before this run. */
function spanMs(entries: readonly BackupEntry[]): number {
  const starts = entries.map(({ startTime }) => Date.parse(startTime));
  const ends = entries.map(({ endTime }) => Date.parse(endTime));
  const span = Math.max(...ends) - Math.min(...starts);
  return Number.isNaN(span) ? 0 : span;
}

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
  const [architecture] = await operation.account.instances
    .until(
      limit,
      (instances) =>
        instances
          .filter((instance) => sameId(instance.instanceId, instanceId))
          .map((instance) => instance.architecture),
      { what: `looking what ${instanceId} is`, onListError: "fail", maxAgeMs: KNOWN_MS },
    )
    .catch(emptyOnVendorError);
  return mayHaveShards(architecture);
}
