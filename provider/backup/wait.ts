import { Absence, LOST, NEVER_MADE, type Needed } from "../core/absence";
import type { Operation } from "../core/operation";
import { reportRetry } from "../core/send";
import { saysFailure, saysFinished } from "../core/status";
import { findInstanceById } from "../instance/wait";
import { now } from "../time";
import type { BackupEntry } from "../vendor/actions/backups";
import { hasId, sameId } from "../vendor/actions/instances";
import { backupsOf } from "./entries";
import { markedEntries, type BackupOrder } from "./marks";
import { Wholeness, type Shards } from "./shards";

export async function listBackups(
  operation: Operation,
  instanceId: string,
): Promise<readonly BackupEntry[]> {
  return operation.account.backups(instanceId).until(operation, (entries) => entries, {
    what: `listing the backups of ${instanceId}`,
    onListError: "fail",
  });
}

/** What the list showed of a backup that was started. */
export interface Listed {
  /** Certainly this order's. */
  readonly ours: readonly BackupEntry[];
  /** New since the order, and not known to be its: perhaps somebody else's. */
  readonly doubtful: readonly BackupEntry[];
}

/**
 * Looks for the backup that was started. Where the vendor shows no descriptions, one new manual
 * backup is ours if the vendor took the call and no other comes for two minutes. Several can't be
 * told from somebody else's.
 */
export async function waitBackupListed(
  operation: Operation,
  order: BackupOrder,
  earlier: ReadonlySet<string>,
  wasTaken: boolean,
): Promise<Listed> {
  const absence = new Absence(NEVER_MADE);
  return operation.account.backups(order.instanceId).until<Listed>(
    operation,
    (entries) => {
      const ours = markedEntries(entries, order.__token);
      if (ours.length > 0) return { ours, doubtful: [] };
      // A list may lack ours for a while, and show somebody else's.
      if (!absence.isCertain(false)) return undefined;
      const added = entries.filter((entry) => !hasId(earlier, entry.backupId));
      return wasTaken && isOneUnmarked(added, entries)
        ? { ours: added, doubtful: [] }
        : { ours: [], doubtful: added };
    },
    { what: `waiting for the backup of ${order.instanceId} to be listed` },
  );
}

/** Whether the added entries are one manual backup of a vendor that shows no descriptions. */
function isOneUnmarked(added: readonly BackupEntry[], all: readonly BackupEntry[]): boolean {
  const isManual = added.every(({ mode }) => mode === "manual");
  // Where any description is shown ours would be, too.
  const areShown = all.some(({ mode, description }) => mode === "manual" && description !== "");
  const areShards = added.every(({ shardId }) => shardId !== "") && backupsOf(added).length === 1;
  return isManual && !areShown && (added.length === 1 || areShards);
}

/** Throws where its status says that it failed. */
function isFinished({ backupId, status }: BackupEntry): boolean {
  if (!saysFinished(status) && saysFailure(status))
    throw new Error(
      `entry ${backupId} says ${status}. Change a trigger to take another, or replace it with \`pulumi up --replace <urn>\`.`,
    );
  return saysFinished(status);
}

/** The lists do not show an entry of the backup any more. */
export class EntryLostError extends Error {
  constructor(ids: readonly string[]) {
    super(`the vendor does not list ${ids.join(", ")} any more: somebody else deleted it`);
    this.name = new.target.name;
  }
}

/** What is waited for to be finished. */
export interface Expected {
  /** Ids of entries that are ours, beside those that bear its mark. */
  readonly known: ReadonlySet<string>;
  /** Where more entries of it may come to be listed. */
  readonly shards?: Shards | undefined;
}

/**
 * Waits until every entry of ours, by its mark or its id, is finished, and there are no more to come.
 * Rejects with an {@link EntryLostError} when one that was known is gone.
 *
 * @param onSeen Is told the entries of ours in each list.
 */
export async function waitBackupFinished(
  operation: Operation,
  order: BackupOrder,
  { known, shards }: Expected,
  onSeen: (entries: BackupEntry[]) => void,
): Promise<BackupEntry[]> {
  const { account } = operation;
  const others = account.othersTook("backup");
  const since = now();
  const lost = new Absence(LOST);
  const wholeness = shards === undefined ? undefined : new Wholeness(shards);
  const statuses = { last: "", wasPending: false };
  const look = (entries: readonly BackupEntry[]): BackupEntry[] | undefined => {
    const isOurs = (entry: BackupEntry): boolean =>
      hasId(known, entry.backupId) || markedEntries([entry], order.__token).length > 0;
    const ours = entries.filter(isOurs);
    onSeen(ours);
    statuses.last = [...new Set(ours.map((entry) => entry.status))].join(", ");
    const lacking = [...known].filter((id) => !ours.some((entry) => sameId(entry.backupId, id)));
    if (lost.isCertain(lacking.length === 0)) throw new EntryLostError(lacking);
    const areFinished = ours.length > 0 && ours.map(isFinished).every(Boolean);
    statuses.wasPending ||= !areFinished;
    const rest = entries.filter((entry) => !isOurs(entry));
    const isWhole = wholeness?.isCertain(areFinished ? ours : [], rest) ?? true;
    const pending = `${statuses.last || "not listed yet"}${others}`;
    const more = isWhole ? "" : ", more shards may come";
    operation.report(areFinished ? `${statuses.last}${more}` : pending);
    return areFinished && isWhole && lacking.length === 0 ? ours : undefined;
  };
  const finished = await account.backups(order.instanceId).until(operation, look, {
    what: "waiting for finished",
    kind: "backup",
    onFailedList: reportRetry(operation),
    lastSeen: () => `last statuses: ${statuses.last || "none"}`,
  });
  // What was finished before tells nothing.
  if (statuses.wasPending) account.noteDuration("backup", now() - since);
  await operation.shown();
  return finished;
}

/**
 * The entries of one backup, of which so many are expected. Returns fewer once lists of at least 30
 * seconds lack some.
 */
export async function findBackupEntries(
  operation: Operation,
  instanceId: string,
  isOurs: (entries: readonly BackupEntry[]) => readonly BackupEntry[],
  expected = 1,
): Promise<readonly BackupEntry[]> {
  const { account } = operation;
  const absence = new Absence(LOST);
  const seen = new Map<string, BackupEntry>();
  const found = await account.backups(instanceId).until(
    operation,
    (entries) => {
      const mine = isOurs(entries);
      for (const entry of mine) seen.set(entry.backupId, entry);
      if (mine.length >= expected) return mine;
      return absence.isCertain(false) ? [...seen.values()] : undefined;
    },
    { what: `reading the backups of ${instanceId}`, onListError: "fail" },
  );
  // "No such instance" reads as "no backups": the list of instances must agree.
  if (found.length === 0 && account.saidNoInstance(instanceId)) {
    const instance = await findInstanceById(operation, instanceId);
    if (instance !== undefined)
      throw new Error(
        `the vendor says that there is no instance ${instanceId} to have backups, but lists it.`,
      );
  }
  return found;
}

/** Waits until none is listed. Returns whether any was before. */
export async function waitBackupAbsent(
  operation: Operation,
  instanceId: string,
  ids: ReadonlySet<string>,
  needed: Needed,
): Promise<boolean> {
  const absence = new Absence(needed);
  let wasListed = false;
  let left: string[] = [];
  let isGone = false;
  await operation.account.backups(instanceId).until(
    operation,
    (entries) => {
      left = entries.map((entry) => entry.backupId).filter((id) => hasId(ids, id));
      wasListed ||= left.length > 0;
      isGone = left.length === 0;
      return absence.isCertain(!isGone) ? true : undefined;
    },
    {
      what: `waiting for the backups ${[...ids].join(", ")} to be gone`,
      kind: "backupDeletion",
      lastSeen: () => `still listed: ${left.join(", ") || "none"}`,
      isEnding: () => isGone,
    },
  );
  return wasListed;
}
