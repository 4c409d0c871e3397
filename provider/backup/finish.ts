import { Absence, DELETED, LOST, NEVER_MADE } from "../core/absence";
import { requireSameOwner, type Owner } from "../core/account";
import { defined } from "../core/arguments";
import { emptyOnVendorError, errorOf, PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { deleteAll, reportRetry } from "../core/send";
import { saysFailure, saysFinished } from "../core/status";
import { now } from "../time";
import { deleteBackup } from "../vendor/actions/backups";
import { sentence } from "../vendor/displayText";
import { hasId, sameId } from "../vendor/ids";
import { mostEntries, summaryOf, type BackupSummary } from "./entries";
import { markedEntries, type BackupOrder } from "./order";
import { surplusBackups, type BackupState } from "./state";
import type { BackupEntry, BackupFile, Instance } from "../vendor/types";

/** Architectures whose backup is one entry. */
const ONE_ENTRY: readonly (string | undefined)[] = [
  "master-replica",
  "economy-master-replica",
  "read-write-splitting",
];
/** A shard that is listed later would be in no state, and in no final backup. */
const LEAST_QUIET_MS = 60_000;
/** An instance does not change its architecture, so an older list tells it, too. */
const KNOWN_MS = 600_000;

/** One backup that is under way. */
export interface Work {
  readonly id: string;
  readonly inputs: BackupState;
  /** The entries of the backup, as far as they are listed. */
  readonly latest: readonly BackupFile[];
  /** The backups before it. Default: none. */
  readonly earlier?: readonly BackupSummary[] | undefined;
  /** The account that showed it last. Default: that of this run. */
  readonly owner?: Owner | undefined;
  /** Whether more entries of it may come to be listed. */
  readonly mayGrow: boolean;
}

/**
 * Waits for the backup, then deletes what is too much before it, and returns the state. Whatever
 * stops the work leaves all there is in the state.
 */
export async function finishBackup(operation: Operation, work: Work): Promise<BackupState> {
  const { id, inputs, earlier = [], mayGrow } = work;
  const { instanceId } = inputs;
  let { latest, owner = operation.account.owner } = work;
  const stateWith = (kept: readonly BackupSummary[]): BackupState =>
    defined({ ...inputs, ...summaryOf(latest), earlier: kept, __owner: owner });
  const stateSoFar = (): BackupState => ({ ...stateWith(earlier), __isUnfinished: true });
  const stopped = (what: string) => (error: unknown) => {
    // Another account than the one that showed it proves nothing.
    if (error instanceof EntryLostError)
      requireSameOwner(owner, operation.account.owner, `the backup ${id}`);
    const reason = `the backup ${id} is ${what}: ${sentence(errorOf(error).message)}${adviceAfter(error)}`;
    throw new PartlyMadeError(id, stateSoFar(), reason);
  };
  const wholeness = mayGrow
    ? new Wholeness(await mayInstanceHaveShards(operation, instanceId))
    : undefined;
  const known = new Set(latest.map((entry) => entry.backupId));
  const waiting = waitBackupFinished(operation, inputs, { known, wholeness }, (seen) => {
    if (seen.length > 0) owner = operation.account.owner;
    // Keep entries that a single list leaves out: lists can lag.
    const ids = seen.map((entry) => entry.backupId);
    latest = [...latest.filter((one) => !hasId(ids, one.backupId)), ...seen];
  });
  latest = await waiting.catch(stopped("started and kept in the stack's state, but not finished"));
  const surplus = surplusBackups(inputs, earlier);
  const ids = surplus.flatMap(({ entries }) => entries.map((entry) => entry.backupId));
  if (ids.length > 0) {
    operation.report(`deleting ${surplus.length} earlier`);
    await deleteEntries(operation, instanceId, new Set(ids)).catch(
      stopped("finished, but earlier ones that are to go are not gone"),
    );
  }
  return stateWith(earlier.filter((backup) => !surplus.includes(backup)));
}

function adviceAfter(error: unknown): string {
  if (error instanceof EntryFailedError)
    return " Change a trigger to take another, or replace the backup with `pulumi up --replace <urn>`.";
  if (error instanceof WaitTimeoutError) return " Run `pulumi up` again: it goes on.";
  return error instanceof EntryLostError ? " Run `pulumi refresh`, then `pulumi up`." : "";
}

/** The lists do not show an entry of the backup any more. */
class EntryLostError extends Error {
  constructor(ids: readonly string[]) {
    super(`the vendor does not list ${ids.join(", ")} any more: somebody else deleted it`);
  }
}

/** The vendor says that it could not make an entry of the backup. */
class EntryFailedError extends Error {}

/** What is waited for to be finished. */
export interface Expected {
  /** Ids of entries that are ours, beside those that bear its mark. */
  readonly known: ReadonlySet<string>;
  /** Tells when there are no more entries to come. Default: none come. */
  readonly wholeness?: Wholeness | undefined;
}

/**
 * Waits until every entry of ours, by its mark or its id, is finished, and there are no more to come.
 *
 * @param onSeen Is told the entries of ours in each list.
 */
export async function waitBackupFinished(
  operation: Operation,
  order: BackupOrder,
  { known, wholeness }: Expected,
  onSeen: (entries: BackupEntry[]) => void,
): Promise<BackupEntry[]> {
  const { account } = operation;
  const others = account.othersTook("backup");
  const since = now();
  const lost = new Absence(LOST);
  const seen = { statuses: "none", isPending: false };
  const look = (entries: readonly BackupEntry[]): BackupEntry[] | undefined => {
    const marked = markedEntries(entries, order.__token);
    const ours = entries.filter((one) => marked.includes(one) || hasId(known, one.backupId));
    onSeen(ours);
    const lacking = [...known].filter((id) => !ours.some((entry) => sameId(entry.backupId, id)));
    if (lost.isCertain(lacking.length === 0)) throw new EntryLostError(lacking);
    const statuses = [...new Set(ours.map((entry) => entry.status))].join(", ");
    const areFinished = ours.length > 0 && ours.map(isFinished).every(Boolean);
    const rest = entries.filter((entry) => !ours.includes(entry));
    const isWhole = wholeness?.isCertain(areFinished ? ours : [], rest) ?? true;
    seen.statuses = statuses || "none";
    seen.isPending ||= !areFinished;
    const more = isWhole ? "" : ", more shards may come";
    const pending = `${statuses || "not listed yet"}${others}`;
    operation.report(areFinished ? `${statuses}${more}` : pending);
    return areFinished && isWhole && lacking.length === 0 ? ours : undefined;
  };
  const finished = await account.backups(order.instanceId).until(operation, look, {
    what: "waiting for finished",
    kind: "backup",
    onFailedList: reportRetry(operation),
    lastSeen: () => `last statuses: ${seen.statuses}`,
  });
  // What was finished before tells nothing.
  if (seen.isPending) account.noteDuration("backup", now() - since);
  await operation.shown();
  return finished;
}

/** Throws where its status says that it failed. */
function isFinished({ backupId, status }: BackupEntry): boolean {
  if (!saysFinished(status) && saysFailure(status))
    throw new EntryFailedError(`entry ${backupId} says ${status}`);
  return saysFinished(status);
}

/** Whether a backup of this architecture may be of several entries. */
export function mayHaveShards(architecture: string | undefined): boolean {
  return !ONE_ENTRY.includes(architecture);
}

/** Whether a backup of this instance may be of several entries. */
export async function mayInstanceHaveShards(
  operation: Operation,
  instanceId: string,
): Promise<boolean> {
  const { signal } = operation;
  const limit = { signal, deadline: Math.min(operation.deadline, now() + 60_000) };
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
 * nor that it lists them at once. The backup must have as many as other backups of the instance.
 * Where there are no others, none may come for as long as the backup took, but one minute at least
 * and two at most.
 */
export class Wholeness {
  readonly #mayBeMany: boolean;
  #count = 0;
  #grewAt = 0;
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
    if (ours.length > this.#count) {
      this.#count = ours.length;
      this.#grewAt = now();
      this.#lists = 0;
    }
    this.#lists += 1;
    if (ours.length === 0) return false;
    const hasShards = ours.some(({ shardId }) => shardId !== "");
    if (!this.#mayBeMany && !hasShards) return true;
    const most = mostEntries(others);
    if (most > 1 && ours.length >= most) return true;
    const quietMs = now() - this.#grewAt;
    const neededMs = Math.min(Math.max(spanMs(ours), LEAST_QUIET_MS), NEVER_MADE.ms);
    if (most <= 1) return this.#lists >= DELETED.lists && quietMs >= neededMs;
    if (this.#lists >= NEVER_MADE.lists && quietMs >= NEVER_MADE.ms)
      throw new Error(
        `it has ${ours.length} of the ${most} entries (one for each shard) that other backups of the instance have. ` +
          "If the cluster has fewer shards by now, delete its older backups in the console. Otherwise take another backup.",
      );
    return false;
  }
}

/** How long the backup took by the vendor's clock; the longest where it does not tell. */
function spanMs(entries: readonly BackupEntry[]): number {
  const starts = entries.map(({ startTime }) => Date.parse(startTime));
  const ends = entries.map(({ endTime }) => Date.parse(endTime));
  const span = Math.max(...ends) - Math.min(...starts);
  return Number.isNaN(span) ? NEVER_MADE.ms : span;
}

/** Deletes these entries and waits until they are gone. Returns whether the vendor knew any of them. */
export async function deleteEntries(
  operation: Operation,
  instanceId: string,
  ids: ReadonlySet<string>,
): Promise<boolean> {
  const { account } = operation;
  const { wasTaken, wasListed } = await deleteAll(operation, {
    what: `the backups ${[...ids].join(", ")}`,
    kind: "backup deletion",
    ids,
    loop: account.backups(instanceId),
    idOf: ({ backupId }) => backupId,
    send: (id, timeoutMs) => deleteBackup(account.client, instanceId, id, timeoutMs),
  });
  return wasTaken || wasListed;
}
