import type { BackupEntry } from "../client/backups";
import { Absence, GONE, NEVER_MADE } from "./absence";
import type { Account } from "./account";
import type { BackupOrder } from "./backupArguments";
import { markedEntries } from "./backupMarks";
import { backupsOf } from "./backupSummary";
import type { Context } from "./context";
import { findInstanceById } from "./instanceWait";
import { remaining } from "./progress";
import { saysFailure } from "./status";

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
 * Looks for the backup that was started. Where the vendor shows no mark, one new manual backup
 * alone is ours if the vendor said that it took the call; several can't be told from somebody
 * else's. Rejects with a {@link WaitTimeoutError} where the deadline comes before.
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
      const added = entries.filter((entry) => !earlier.has(entry.backupId));
      const unmarked = added.filter((entry) => entry.mode === "manual" && entry.description === "");
      const isOne = unmarked.length === added.length && backupsOf(added).length === 1;
      if (isOne && wasTaken) return { ours: added, doubtful: [] };
      return absence.isCertain(false) ? { ours: [], doubtful: added } : undefined;
    },
    { deadline, what: `waiting for the backup of ${inputs.instanceId} to be listed` },
  );
}

function statusBackup(entry: BackupEntry): "finished" | "failed" | "pending" {
  if (entry.status.toLowerCase() === "finished") return "finished";
  return saysFailure(entry.status) ? "failed" : "pending";
}

/** Waits until every entry of ours, by its mark or its id, is finished. */
export async function waitBackupFinished(
  context: Context,
  account: Account,
  inputs: BackupOrder,
  known: ReadonlySet<string>,
  deadline: number,
  onSeen: (entries: BackupEntry[]) => void,
): Promise<BackupEntry[]> {
  const report = context.reporter(inputs.__urn);
  const seen = account.seen.backup;
  const since = context.clock.now();
  let lastIds = "";
  let statuses = "";
  let pendingLists = 0;
  const finished = await account.backups(inputs.instanceId).until(
    (entries) => {
      const marked = new Set(markedEntries(entries, [inputs.__token]));
      const ours = entries.filter((entry) => marked.has(entry) || known.has(entry.backupId));
      onSeen(ours);
      statuses = [...new Set(ours.map((entry) => entry.status))].join(", ");
      report(statuses || "not listed yet", remaining(context.clock.now() - since, seen));
      const failed = ours.find((entry) => statusBackup(entry) === "failed");
      if (failed !== undefined)
        throw new Error(
          `entry ${failed.backupId} says ${failed.status}. Change a trigger to take another, or replace it with \`pulumi up --replace <urn>\`.`,
        );
      // A cluster's shards may be listed one after another: wait until no more come.
      const ids = ours.map((entry) => entry.backupId).join(" ");
      const complete = ours.every((entry) => entry.shardId === "") || ids === lastIds;
      lastIds = ids;
      const lacking = [...known].some((id) => !ours.some((entry) => entry.backupId === id));
      const areFinished =
        ours.length > 0 && ours.every((entry) => statusBackup(entry) === "finished");
      if (!areFinished) pendingLists += 1;
      return areFinished && complete && !lacking ? ours : undefined;
    },
    {
      deadline,
      what: "waiting for finished",
      onFailedList: (error) => {
        report(`trying again: ${error.message}`);
      },
      lastSeen: () => `last statuses: ${statuses || "none"}`,
      seen,
    },
  );
  // What was finished before tells nothing.
  if (pendingLists > 0) seen.add(context.clock.now() - since);
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
  let wasListed = false;
  let left: string[] = [];
  await account.backups(instanceId).until(
    (entries) => {
      left = entries.map((entry) => entry.backupId).filter((id) => ids.has(id));
      wasListed ||= left.length > 0;
      return absence.isCertain(left.length > 0) ? true : undefined;
    },
    {
      deadline,
      what: `waiting for the backups ${[...ids].join(", ")} to be gone`,
      lastSeen: () => `still listed: ${left.join(", ") || "none"}`,
    },
  );
  return wasListed;
}
