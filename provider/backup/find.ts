import { Absence, LOST, lookUp, NEXT_LIST } from "../core/absence";
import type { Operation } from "../core/operation";
import { CdsConfigError } from "../vendor/errors";
import type { BackupEntry } from "../vendor/types";

/** All that the next list shows. */
export async function listBackups(
  operation: Operation,
  instanceId: string,
): Promise<readonly BackupEntry[]> {
  return lookUp(operation, operation.account.backups(instanceId), {
    what: `listing the backups of ${instanceId}`,
    isWanted: () => true,
    needed: NEXT_LIST,
  });
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
  const look = (entries: readonly BackupEntry[]): readonly BackupEntry[] | undefined => {
    const mine = isOurs(entries);
    for (const entry of mine) seen.set(entry.backupId, entry);
    if (mine.length >= expected) return mine;
    return absence.isCertain(false) ? [...seen.values()] : undefined;
  };
  const found = await account.backups(instanceId).until(operation, look, {
    what: `reading the backups of ${instanceId}`,
    onListError: "fail",
  });
  await requireNoContradiction(operation, instanceId);
  return found;
}

/** "No such instance" reads as "no backups": the list of instances must agree. */
export async function requireNoContradiction(
  operation: Operation,
  instanceId: string,
): Promise<void> {
  const { account } = operation;
  if (!account.saidNoInstance(instanceId)) return;
  if ((await account.findInstance(operation, instanceId)) !== undefined)
    throw new CdsConfigError(
      `the vendor says that there is no instance ${instanceId} to have backups, but lists it. Nothing was forgotten: run the command again later.`,
    );
}
