import type { Owner } from "../core/account";
import { defined } from "../core/arguments";
import type { SettledOrders } from "../core/recovery";
import { saysFinished } from "../core/status";
import { hasId } from "../vendor/ids";
import type { BackupInputs } from "./arguments";
import { backupsOf, summaryOf, type BackupSummary } from "./entries";
import type { BackupEntry } from "../vendor/types";

/** What the stack keeps of a RedisBackup: the latest backup, and earlier ones that stay. */
export type BackupState = BackupInputs &
  Partial<BackupSummary> &
  SettledOrders & {
    /** The newest first. Not in the earliest states of release 0.1.0. */
    readonly earlier?: readonly BackupSummary[];
    /** The account that showed it last. */
    readonly __owner?: Owner;
    /** Set where the last run ended before its work was done: a refresh makes the engine forget that. */
    readonly __isUnfinished?: true | undefined;
  };

/** The instance and the first entry in the id of a RedisBackup. */
export function partsOf(id: string): [instanceId: string, backupId: string] {
  const slash = id.indexOf("/");
  return [id.slice(0, Math.max(slash, 0)), id.slice(slash + 1)];
}

/** All entries of the state; of a backup that was made elsewhere the resource's id has one. */
export function heldBackupIds(state: Partial<BackupState>, id: string): ReadonlySet<string> {
  if (state.entries === undefined) return new Set([partsOf(id)[1]]);
  const all = [state.entries, ...(state.earlier ?? []).map(({ entries }) => entries)];
  return new Set(all.flat().map(({ backupId }) => backupId));
}

/** The earlier backups once another one is taken: those of the state, and unrecorded ones of the resource. */
export function earlierBackups(
  olds: Partial<BackupState>,
  unrecorded: readonly BackupEntry[] = [],
): readonly BackupSummary[] {
  const { entries = [], status, sizeBytes = 0, startTime, endTime } = olds;
  const latest = entries.length === 0 ? [] : [{ entries, status, sizeBytes, startTime, endTime }];
  const all = [...latest, ...(olds.earlier ?? []), ...backupsOf(unrecorded).map(summaryOf)];
  return all.sort((one, other) => ((one.startTime ?? "") < (other.startTime ?? "") ? 1 : -1));
}

/** The earlier backups that are to be deleted: all but the newest finished ones. */
export function surplusBackups(
  { keepLatest = 1 }: Pick<BackupInputs, "keepLatest">,
  earlier: readonly BackupSummary[],
): readonly BackupSummary[] {
  const kept = earlier.filter(({ status }) => saysFinished(status)).slice(0, keepLatest - 1);
  return earlier.filter((backup) => !kept.includes(backup));
}

/** The state after a list showed these entries of it. The latest of what is left is the latest. */
export function stateOf(state: BackupState, found: readonly BackupEntry[]): BackupState {
  const { entries = found, earlier = [] } = state;
  const groups = [entries, ...earlier.map((backup) => backup.entries)].map((group) => {
    const ids = group.map(({ backupId }) => backupId);
    return found.filter(({ backupId }) => hasId(ids, backupId));
  });
  const [latest = [], ...others] = groups.filter((group) => group.length > 0);
  const isOlderState = state.entries !== undefined && state.earlier === undefined;
  return defined({
    ...state,
    ...summaryOf(latest),
    ...(isOlderState ? {} : { earlier: others.map(summaryOf) }),
  });
}
