import { architectureWord } from "../../sdk/names";
import type { BackupEntry } from "../vendor/backups";
import { GONE, NEVER_MADE } from "../core/absence";
import type { Account } from "../core/account";
import { mostEntries } from "./summary";
import type { Clock } from "../core/clock";
import { noneSeen } from "../core/waiter";

/** Architectures whose backup is one entry. */
const ONE_ENTRY: readonly string[] = [
  ...["master-replica", "economy-master-replica", "read-write-splitting"],
];
/** An instance doesn't change its architecture: a list of late tells it. */
const KNOWN_MS = 600_000;
const LOOK_MS = 60_000;

/** What is known of the entries that one backup of an instance has. */
export interface Shards {
  /** Whether it may have one for each shard of a cluster. */
  readonly mayBeMany: boolean;
  /** Where it isn't known how many: how long to wait for more at least. */
  readonly leastQuietMs: number;
}

/**
 * Tells when a backup has all its entries. The vendor doesn't say how many a cluster's has, nor that
 * it lists them at once: it must have as many as other backups of the instance, or where there are
 * none, no more must come for as long as it took so far, two minutes at most.
 */
export class Wholeness {
  readonly #clock: Clock;
  readonly #shards: Shards;
  readonly #since: number;
  #finished = "";
  #finishedAt: number;
  #lists = 0;

  constructor(clock: Clock, shards: Shards) {
    this.#clock = clock;
    this.#shards = shards;
    this.#since = clock.now();
    this.#finishedAt = this.#since;
  }

  /**
   * Looks at the next list.
   *
   * @param ours The entries of the backup, all finished; none while they are not.
   * @param others All else that is listed.
   * @throws Error when it has fewer entries than others, and no more come.
   */
  isCertain(ours: readonly BackupEntry[], others: readonly BackupEntry[]): boolean {
    const ids = ours.map((entry) => entry.backupId).join(" ");
    if (ids !== this.#finished) {
      this.#finished = ids;
      this.#finishedAt = this.#clock.now();
      this.#lists = 0;
    }
    this.#lists += 1;
    if (ours.length === 0) return false;
    const { mayBeMany, leastQuietMs } = this.#shards;
    if (!mayBeMany && ours.every(({ shardId }) => shardId === "")) return true;
    const most = mostEntries(others);
    const isKnown = most > 1;
    if (isKnown && ours.length >= most) return true;
    const quietMs = this.#clock.now() - this.#finishedAt;
    if (!isKnown) {
      const waitedMs = this.#finishedAt - this.#since;
      const neededMs = Math.min(Math.max(waitedMs, spanMs(ours), leastQuietMs), NEVER_MADE.ms);
      return this.#lists >= GONE.lists && quietMs >= neededMs;
    }
    if (this.#lists >= NEVER_MADE.lists && quietMs >= NEVER_MADE.ms)
      throw new Error(
        `it has ${ours.length} of the ${most} entries (one for each shard) that other backups of the instance have. ` +
          "If the cluster has fewer shards by now, delete the backups of before in the console; else take another backup.",
      );
    return false;
  }
}

/** From the first start to the last end, by the vendor's clock: it may have begun before this run. */
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

/** The same of an instance, as the vendor lists it. */
export async function mayInstanceHaveShards(
  account: Account,
  clock: Clock,
  instanceId: string,
): Promise<boolean> {
  const [architecture] = await account.instances
    .until(
      (instances) =>
        instances
          .filter((instance) => instance.instanceId === instanceId)
          .map(({ subProductName }) => architectureWord(subProductName)),
      {
        deadline: clock.now() + LOOK_MS,
        what: `looking what ${instanceId} is`,
        onListError: "fail",
        maxAgeMs: KNOWN_MS,
      },
    )
    .catch(noneSeen);
  return mayHaveShards(architecture);
}
