import type { BackupEntry } from "../vendor/backups";
import { defined } from "../core/arguments";
import type { BackupInputs } from "./inputs";
import { partsOf } from "./import";
import { backupsOf, summaryOf, type BackupSummary } from "./summary";
import { saysFinished } from "../core/status";
import type { Owner } from "../core/owner";
import type { SettledOrders } from "../core/unfinished";

/** What is kept of a RedisBackup: the latest backup, and those before it that stay. */
export interface BackupState extends BackupInputs, Partial<BackupSummary>, SettledOrders {
  /** The latest first. Not in a state of release 0.1.0. */
  readonly earlier?: readonly BackupSummary[];
  readonly __owner?: Owner;
}

/** All entries of the state; of a backup that was made elsewhere the resource's id has one. */
export function heldIds(props: Partial<BackupState>, id: string): ReadonlySet<string> {
  if (props.entries === undefined) return new Set([partsOf(id)[1]]);
  const all = [props.entries, ...(props.earlier ?? []).map(({ entries }) => entries)];
  return new Set(all.flat().map(({ backupId }) => backupId));
}

/** What comes to be earlier once another backup is taken: what the state holds, and strays. */
export function earlierOf(
  olds: BackupState,
  strays: readonly BackupEntry[] = [],
): readonly BackupSummary[] {
  const { entries = [], status, sizeBytes = 0, startTime, endTime } = olds;
  const latest = entries.length === 0 ? [] : [{ entries, status, sizeBytes, startTime, endTime }];
  return latestFirst([...latest, ...(olds.earlier ?? []), ...backupsOf(strays).map(summaryOf)]);
}

/** What is too much beside the latest: all but the newest finished ones. */
export function surplusOf(
  { keepLatest = 1 }: BackupInputs,
  earlier: readonly BackupSummary[],
): readonly BackupSummary[] {
  const kept = earlier.filter(({ status }) => saysFinished(status)).slice(0, keepLatest - 1);
  return earlier.filter((backup) => !kept.includes(backup));
}

/** The state that a list tells: the latest of what is left is the latest. */
export function seriesOf(
  props: Partial<BackupState>,
  found: readonly BackupEntry[],
): Pick<BackupState, "earlier"> & BackupSummary {
  const { entries = [], earlier = [] } = props;
  const groups = [entries, ...earlier.map((backup) => backup.entries)].map((group) =>
    found.filter(({ backupId }) => group.some((entry) => entry.backupId === backupId)),
  );
  const known = props.entries === undefined ? [found] : groups;
  const [latest = [], ...others] = known.filter((group) => group.length > 0);
  const isOlderState = props.entries !== undefined && props.earlier === undefined;
  return {
    ...summaryOf(latest),
    ...(isOlderState ? {} : { earlier: others.map(summaryOf) }),
  };
}

export function stateOf<T extends Partial<BackupState>>(
  inputs: T,
  series: Partial<BackupState>,
): T {
  // How the state was come by is no part of it.
  return defined({ ...inputs, __import: undefined, ...series }) as unknown as T;
}

function latestFirst(backups: readonly BackupSummary[]): BackupSummary[] {
  return [...backups].sort((one, other) =>
    (one.startTime ?? "") < (other.startTime ?? "") ? 1 : -1,
  );
}
