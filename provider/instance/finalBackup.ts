import { resolve } from "node:path";

import { summaryOf } from "../backup/entries";
import { listBackups } from "../backup/find";
import { mayHaveShards, waitBackupFinished, Wholeness } from "../backup/finish";
import { startBackup } from "../backup/order";
import { lookUp, NEXT_LIST } from "../core/absence";
import { newToken } from "../core/arguments";
import type { Context } from "../core/context";
import { isUnknown } from "../core/engineValues";
import { errorOf, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { isRunning, statusInstance } from "../core/status";
import { backupFolderName } from "../download/download";
import { signalAt } from "../time";
import { sentence } from "../vendor/displayText";
import { BackupDownloadError, CdsApiError } from "../vendor/errors";
import { sameId } from "../vendor/ids";
import type { InstanceInputs } from "./arguments";
import { nameAndId, type InstanceState } from "./state";
import type { BackupEntry, Instance } from "../vendor/types";

/** Names or ids, with commas between them, of instances that are deleted without their final backup; or `all`. */
const SKIP_VARIABLE = "CDS_SKIP_FINAL_BACKUP";
const DEFAULT_FOLDER = "cds-final-backups";
const UNCHECKED =
  "The vendor's Redis may write none: their size and end are right, but nothing proves their content.";
const UNKNOWN_SHARDS =
  "The vendor does not tell how many shards a cluster has: compare the number of files.";

type FinalBackup = NonNullable<InstanceInputs["finalBackup"]>;

/** The program's setting by InstanceUuid and by URN, as the last check or diff in this process saw it. */
const settings = new WeakMap<Context, Map<string, FinalBackup>>();

/** Remembers the program's setting: a replaced instance is deleted with its old state, in the next run too. */
export function rememberFinalBackup(
  { context, urn = "" }: Operation,
  setting: FinalBackup = false,
  id = urn,
): void {
  if (isUnknown(setting)) return;
  const known = settings.get(context) ?? new Map<string, FinalBackup>();
  settings.set(context, known.set(id, setting).set(urn, setting));
}

/** The setting that a deletion follows: the program's where this process saw it, else the state's. */
export function finalBackupSetting(
  { context, urn = "" }: Operation,
  id: string,
  { finalBackup = false }: InstanceState,
): FinalBackup {
  const known = settings.get(context);
  return known?.get(id) ?? known?.get(urn) ?? finalBackup;
}

/** The folder in which each final backup gets one of its own. */
export function finalBackupFolder(setting: FinalBackup): string {
  const { folder = DEFAULT_FOLDER } = typeof setting === "object" ? setting : {};
  return folder;
}

/**
 * Takes a backup of an instance that is about to be deleted and downloads it, proven whole. Throws a
 * {@link NotDeletedError} where that fails: the instance must not be deleted then. Lists prove
 * nothing here: the instance is gone only when the vendor does not know its id, asked in two ways.
 *
 * @returns `gone` where there is no instance to delete.
 */
export async function takeFinalBackup(
  operation: Operation,
  id: string,
  state: InstanceState,
): Promise<"gone" | undefined> {
  if (finalBackupSetting(operation, id, state) === false) return undefined;
  const name = nameAndId({ ...state, instanceId: id });
  if (isSkipped(operation, id, state)) {
    operation.warn(`${name} is deleted without its final backup, as ${SKIP_VARIABLE} says.`);
    return undefined;
  }
  const made: { entries: readonly BackupEntry[] } = { entries: [] };
  try {
    if (await isStillEmpty(operation, id, state)) {
      operation.warn(`${name} was never ready, so it is deleted without a backup.`);
      return undefined;
    }
    await operation.account.inTurn(operation, id, () => backUp(operation, id, state, made));
    await save(operation, id, state, made.entries);
    return undefined;
  } catch (error) {
    if (made.entries.length > 0 || !(await isGone(operation, id, error)))
      throw notDeleted(operation, id, state, { made: made.entries, error });
    operation.warn(
      `${name} is gone: the vendor does not know its id. It leaves the state without a final backup, and no delete was sent.`,
    );
    return "gone";
  }
}

/** Whether the vendor's own word for the id, its list, and a query by the id say that there is no such instance. */
async function isGone(operation: Operation, id: string, error: unknown): Promise<boolean> {
  // A gateway's 404 proves nothing.
  if (!(error instanceof CdsApiError) || error.code !== "ResourceNotFound") return false;
  try {
    if ((await listed(operation, id)) !== undefined) return false;
    return (await operation.account.queryInstance(operation, id)) === undefined;
  } catch {
    return false;
  }
}

/** An instance that was never delivered has no data. One that this stack did not see to the end may have been. */
async function isStillEmpty(
  operation: Operation,
  id: string,
  { __delivered, status }: InstanceState,
): Promise<boolean> {
  if (__delivered !== undefined || isRunning(status ?? "")) return false;
  const instance = await listed(operation, id);
  // The vendor tells the address when it delivers.
  const isDelivered = instance?.ip !== "" || statusInstance(instance) === "running";
  if (isDelivered) return false;
  return (await listBackups(operation, id)).length === 0;
}

/** The instance in the next list, in whatever spelling of its id. */
async function listed(operation: Operation, id: string): Promise<Instance | undefined> {
  const [instance] = await lookUp(operation, operation.account.instances, {
    what: `reading the instance ${id}`,
    isWanted: ({ instanceId }) => sameId(instanceId, id),
    needed: NEXT_LIST,
  });
  return instance;
}

async function backUp(
  operation: Operation,
  id: string,
  { instanceName, architecture }: InstanceState,
  made: { entries: readonly BackupEntry[] },
): Promise<void> {
  const order = {
    instanceId: id,
    description: `final backup of ${instanceName}`.slice(0, 80),
    __token: newToken(operation.randomHex),
  };
  made.entries = await startBackup(operation, order, await listBackups(operation, id));
  const known = new Set(made.entries.map((entry) => entry.backupId));
  const wholeness = new Wholeness(mayHaveShards(architecture));
  made.entries = await waitBackupFinished(operation, order, { known, wholeness }, (entries) => {
    if (entries.length >= made.entries.length) made.entries = entries;
  });
}

/** Downloads the entries and tells where they are. */
async function save(
  operation: Operation,
  id: string,
  state: InstanceState,
  entries: readonly BackupEntry[],
): Promise<void> {
  const { instanceName, architecture } = state;
  const setting = finalBackupSetting(operation, id, state);
  const { intranet = false } = typeof setting === "object" ? setting : {};
  const parent = finalBackupFolder(setting);
  const { startTime } = summaryOf(entries);
  // Not every run works in the same folder.
  const folder = resolve(parent, backupFolderName({ instanceId: id, instanceName }, startTime));
  operation.report("downloading the final backup");
  const files = await operation.context.fetchBackup({
    client: operation.account.client,
    instanceId: id,
    entries,
    folder,
    intranet,
    // The next run takes another backup: this one is of before.
    isResumable: false,
    signal: AbortSignal.any([operation.signal, signalAt(operation.deadline)]),
    onProgress: ({ backupId, receivedBytes, totalBytes }) => {
      const tenths = totalBytes === 0 ? 0 : Math.floor((10 * receivedBytes) / totalBytes);
      operation.report(`downloading the final backup ${backupId}, ${10 * Math.min(tenths, 10)} %`);
    },
  });
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const ids = files.map((file) => file.backupId).join(", ");
  const isChecked = files.every(({ checksum }) => checksum === "verified");
  const text =
    `the final backup of ${nameAndId({ ...state, instanceId: id })} is in ${folder}: ` +
    `${files.length} ${files.length === 1 ? "file" : "files"} (${ids}), ${bytes} bytes, ` +
    `${isChecked ? "checksums verified" : "not all files have a checksum"}.`;
  const doubts = [
    ...(isChecked ? [] : [UNCHECKED]),
    ...(mayHaveShards(architecture) ? [UNKNOWN_SHARDS] : []),
  ];
  if (doubts.length === 0) operation.inform(text);
  else operation.warn([text, ...doubts].join(" "));
}

/** The final backup failed, so the instance stays. */
export class NotDeletedError extends Error {}

function notDeleted(
  operation: Operation,
  id: string,
  { instanceName }: InstanceState,
  { made, error }: { made: readonly BackupEntry[]; error: unknown },
): NotDeletedError {
  const { message: reason } = errorOf(error);
  const isLate =
    error instanceof WaitTimeoutError || (error instanceof BackupDownloadError && error.isLate);
  const ids = made.map((entry) => entry.backupId).join(", ");
  const others = skipped(operation).join(", ");
  return new NotDeletedError(
    `${nameAndId({ instanceName, instanceId: id })} is not deleted, since its final backup failed: ${sentence(reason)}` +
      (ids === "" ? "" : ` The backup ${ids} stays at the vendor.`) +
      (isLate ? " customTimeouts.delete gives it more time." : "") +
      ` Run the same command again, which takes another. To delete it without a backup, set ${SKIP_VARIABLE}=${instanceName} for the command` +
      (others === "" ? "." : ` (which names ${others} now).`),
  );
}

/** Whether somebody said that the instance may go without its final backup. */
export function isSkipped(
  operation: Operation,
  id: string,
  { instanceName }: Pick<InstanceState, "instanceName">,
): boolean {
  return [id, instanceName, "all"].some((word) => skipped(operation).includes(word));
}

function skipped({ context }: Operation): readonly string[] {
  const words = (context.environment(SKIP_VARIABLE) ?? "").split(",").map((word) => word.trim());
  return words.filter((word) => word !== "");
}
