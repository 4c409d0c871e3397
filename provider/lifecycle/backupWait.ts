import type { BackupEntry } from "../client/backups";
import type { Account } from "./account";
import { descriptionOf, type BackupInputs } from "./backupArguments";
import type { Context } from "./context";
import { saysFailure } from "./status";

/** A backup counts as gone when this many lists in a row don't have it. */
export const ABSENT_LISTS = 3;

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

/**
 * Our entries: those with the token. Where the vendor shows no token, one new manual entry alone
 * is ours; several can't be told from somebody else's.
 */
function ourEntries(
  entries: readonly BackupEntry[],
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
): BackupEntry[] {
  const marked = entries.filter((entry) => entry.description.includes(`pulumi-${inputs.__token}`));
  if (marked.length > 0) return marked;
  const added = entries.filter((entry) => !earlier.has(entry.backupId));
  const unmarked = added.filter((entry) => entry.mode === "manual" && entry.description === "");
  return unmarked.length === 1 && added.length === 1 ? unmarked : [];
}

function statusBackup(entry: BackupEntry): "finished" | "failed" | "pending" {
  if (entry.status.toLowerCase() === "finished") return "finished";
  return saysFailure(entry.status) ? "failed" : "pending";
}

export async function waitBackupListed(
  account: Account,
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
  deadline: number,
): Promise<BackupEntry[]> {
  let added: string[] = [];
  return account.backups(inputs.instanceId).until(
    (entries) => {
      const ours = ourEntries(entries, inputs, earlier);
      added = entries.map((entry) => entry.backupId).filter((id) => !earlier.has(id));
      return ours.length === 0 ? undefined : ours;
    },
    {
      deadline,
      what: `waiting for the backup of ${inputs.instanceId} to be listed (Desc ${descriptionOf(inputs)})`,
      lastSeen: () =>
        `new backups that may be it or somebody else's: ${added.join(", ") || "none"}`,
    },
  );
}

export async function waitBackupFinished(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
  deadline: number,
  onSeen: (entries: BackupEntry[]) => void,
): Promise<BackupEntry[]> {
  const report = context.reporter(inputs.__urn);
  let lastIds = "";
  let statuses = "";
  return account.backups(inputs.instanceId).until(
    (entries) => {
      const ours = ourEntries(entries, inputs, earlier);
      onSeen(ours);
      statuses = [...new Set(ours.map((entry) => entry.status))].join(", ");
      report(statuses || "not listed yet");
      const failed = ours.find((entry) => statusBackup(entry) === "failed");
      if (failed !== undefined)
        throw new Error(`entry ${failed.backupId} says ${failed.status}. Replace the backup.`);
      // A cluster's shards may be listed one after another: wait until no more come.
      const ids = ours.map((entry) => entry.backupId).join(" ");
      const complete = ours.every((entry) => entry.shardId === "") || ids === lastIds;
      lastIds = ids;
      const finished = ours.length > 0 && ours.every((entry) => statusBackup(entry) === "finished");
      return finished && complete ? ours : undefined;
    },
    {
      deadline,
      what: "waiting for finished",
      onFailedList: (error) => {
        report(`trying again: ${error.message}`);
      },
      lastSeen: () => `last statuses: ${statuses || "none"}`,
    },
  );
}

export async function waitBackupAbsent(
  account: Account,
  instanceId: string,
  ids: ReadonlySet<string>,
  deadline: number,
): Promise<void> {
  let absentLists = 0;
  await account.backups(instanceId).until(
    (entries) => {
      const left = entries.some((entry) => ids.has(entry.backupId));
      absentLists = left ? 0 : absentLists + 1;
      return absentLists >= ABSENT_LISTS ? true : undefined;
    },
    { deadline, what: `waiting for the backups ${[...ids].join(", ")} to be gone` },
  );
}
