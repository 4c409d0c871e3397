import type { BackupEntry } from "../vendor/backups";
import { Absence, GONE, LOST, NEVER_MADE } from "../core/absence";
import type { Account } from "../core/account";
import type { BackupOrder } from "./inputs";
import { markedEntries } from "./marks";
import { backupsOf } from "./summary";
import type { Context } from "../core/context";
import { findInstanceById } from "../instance/wait";
import { remaining, tryingAgain } from "../core/progress";
import { saysFailure, saysFinished } from "../core/status";
import { Wholeness, type Shards } from "./wholeness";

const READ_TIMEOUT_MS = 120_000;

export async function listBackups(
  account: Account,
  instanceId: string,
  deadline: number,
): Promise<readonly BackupEntry[]> {
  return account.backups(instanceId).until((entries) => entries, {
    deadline,
    what: `listing the backups of ${instanceId}`,
    onListError: "fail",
  });
}

/** What the list told of a backup that was started. */
export interface Listed {
  /** Ours for certain. */
  readonly ours: readonly BackupEntry[];
  /** New since, and not known to be ours: perhaps another actor's. */
  readonly doubtful: readonly BackupEntry[];
}

/**
 * Looks for the backup that was started. Where the vendor shows no descriptions, one new manual backup
 * alone is ours if the vendor said that it took the call, and no other comes for two minutes; several
 * can't be told from somebody else's. Rejects with a {@link WaitTimeoutError} where the deadline comes before.
 */
export async function waitBackupListed(
  context: Context,
  account: Account,
  inputs: BackupOrder,
  earlier: ReadonlySet<string>,
  wasTaken: boolean,
  deadline: number,
): Promise<Listed> {
  const absence = new Absence(context.clock, NEVER_MADE);
  return account.backups(inputs.instanceId).until<Listed>(
    (entries) => {
      const ours = markedEntries(entries, [inputs.__token]);
      if (ours.length > 0) return { ours, doubtful: [] };
      // A list may lack ours for a while, and show somebody else's.
      if (!absence.isCertain(false)) return undefined;
      const added = entries.filter((entry) => !earlier.has(entry.backupId));
      const isManual = added.every((entry) => entry.mode === "manual");
      // Where any description is shown ours would be, too.
      const areShown = entries.some(
        ({ mode, description }) => mode === "manual" && description !== "",
      );
      const areShards =
        added.every(({ shardId }) => shardId !== "") && backupsOf(added).length === 1;
      const isOne = isManual && !areShown && (added.length === 1 || areShards);
      return isOne && wasTaken ? { ours: added, doubtful: [] } : { ours: [], doubtful: added };
    },
    { deadline, what: `waiting for the backup of ${inputs.instanceId} to be listed` },
  );
}

function statusBackup(entry: BackupEntry): "finished" | "failed" | "pending" {
  if (saysFinished(entry.status)) return "finished";
  return saysFailure(entry.status) ? "failed" : "pending";
}

/** An entry of the backup is listed no more. */
export class EntryLostError extends Error {
  constructor(ids: readonly string[]) {
    super(`the vendor doesn't list ${ids.join(", ")} any more: somebody else deleted it`);
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
 */
export async function waitBackupFinished(
  context: Context,
  account: Account,
  inputs: BackupOrder,
  { known, shards }: Expected,
  deadline: number,
  onSeen: (entries: BackupEntry[]) => void,
): Promise<BackupEntry[]> {
  const report = context.reporter(inputs.__urn);
  const seen = account.seen.backup;
  const since = context.clock.now();
  const lost = new Absence(context.clock, LOST);
  const wholeness = shards === undefined ? undefined : new Wholeness(context.clock, shards);
  let statuses = "";
  let pendingLists = 0;
  let finishedAt: number | undefined;
  const finished = await account.backups(inputs.instanceId).until(
    (entries) => {
      const marked = new Set(markedEntries(entries, [inputs.__token]));
      const isOurs = (entry: BackupEntry): boolean =>
        marked.has(entry) || known.has(entry.backupId);
      const ours = entries.filter(isOurs);
      onSeen(ours);
      statuses = [...new Set(ours.map((entry) => entry.status))].join(", ");
      const failed = ours.find((entry) => statusBackup(entry) === "failed");
      if (failed !== undefined)
        throw new Error(
          `entry ${failed.backupId} says ${failed.status}. Change a trigger to take another, or replace it with \`pulumi up --replace <urn>\`.`,
        );
      const lacking = [...known].filter((id) => !ours.some((entry) => entry.backupId === id));
      if (lost.isCertain(lacking.length === 0)) throw new EntryLostError(lacking);
      const areFinished =
        ours.length > 0 && ours.every((entry) => statusBackup(entry) === "finished");
      const others = entries.filter((entry) => !isOurs(entry));
      const isWhole = wholeness?.isCertain(areFinished ? ours : [], others) ?? true;
      if (areFinished && !isWhole) report(`${statuses}, more shards may come`);
      else report(statuses || "not listed yet", remaining(context.clock.now() - since, seen));
      finishedAt = areFinished ? (finishedAt ?? context.clock.now()) : undefined;
      if (!areFinished) pendingLists += 1;
      return areFinished && isWhole && lacking.length === 0 ? ours : undefined;
    },
    {
      deadline,
      what: "waiting for finished",
      onFailedList: tryingAgain(report),
      lastSeen: () => `last statuses: ${statuses || "none"}`,
      seen,
    },
  );
  // What was finished before tells nothing.
  if (pendingLists > 0 && finishedAt !== undefined) seen.add(finishedAt - since);
  await context.shown();
  return finished;
}

/** The entries of one backup, of which so many are expected; fewer once enough lists in a row lack some. */
export async function findBackupEntries(
  context: Context,
  account: Account,
  instanceId: string,
  isOurs: (entries: readonly BackupEntry[]) => readonly BackupEntry[],
  expected = 1,
): Promise<readonly BackupEntry[]> {
  const absence = new Absence(context.clock, GONE);
  const seen = new Map<string, BackupEntry>();
  const found = await account.backups(instanceId).until(
    (entries) => {
      const mine = isOurs(entries);
      for (const entry of mine) seen.set(entry.backupId, entry);
      if (mine.length >= expected) return mine;
      return absence.isCertain(false) ? [...seen.values()] : undefined;
    },
    {
      deadline: context.clock.now() + READ_TIMEOUT_MS,
      what: `reading the backups of ${instanceId}`,
      onListError: "fail",
    },
  );
  // "No such instance" reads as "no backups": the list of instances must agree.
  if (found.length === 0 && account.saidNoInstance(instanceId)) {
    const instance = await findInstanceById(context, account, instanceId);
    if (instance !== undefined)
      throw new Error(
        `the vendor says that there is no instance ${instanceId} to have backups, but lists it.`,
      );
  }
  return found;
}

/** Waits until none is listed; gives whether any was before. */
export async function waitBackupAbsent(
  context: Context,
  account: Account,
  instanceId: string,
  ids: ReadonlySet<string>,
  deadline: number,
): Promise<boolean> {
  const absence = new Absence(context.clock, GONE);
  const since = context.clock.now();
  let goneAt: number | undefined;
  let wasListed = false;
  let left: string[] = [];
  await account.backups(instanceId).until(
    (entries) => {
      left = entries.map((entry) => entry.backupId).filter((id) => ids.has(id));
      wasListed ||= left.length > 0;
      goneAt = left.length > 0 ? undefined : (goneAt ?? context.clock.now());
      return absence.isCertain(left.length > 0) ? true : undefined;
    },
    {
      deadline,
      what: `waiting for the backups ${[...ids].join(", ")} to be gone`,
      lastSeen: () => `still listed: ${left.join(", ") || "none"}`,
      seen: account.seen.backupDeletion,
      closeAfterMs: () => (goneAt === undefined ? undefined : goneAt - since),
    },
  );
  if (goneAt !== undefined) account.seen.backupDeletion.add(goneAt - since);
  return wasListed;
}
