import { join } from "node:path";

import { summaryOf } from "../backup/entries";
import { listBackups } from "../backup/find";
import { mayHaveShards, waitBackupFinished, Wholeness } from "../backup/finish";
import { startBackup } from "../backup/order";
import { newToken } from "../core/arguments";
import type { Context } from "../core/context";
import { errorOf, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { statusInstance } from "../core/status";
import { backupFolderName, type FetchedFile } from "../download/download";
import { signalAt } from "../time";
import type { BackupEntry } from "../vendor/actions/backups";
import { BackupDownloadError, CdsApiError } from "../vendor/errors";
import type { InstanceInputs } from "./arguments";
import { nameAndId, type InstanceState } from "./state";
import { queryInstance } from "./find";

/** Names or ids, with commas between them, of instances that are deleted without their final backup; or `all`. */
const SKIP_VARIABLE = "CDS_SKIP_FINAL_BACKUP";
const DEFAULT_FOLDER = "cds-final-backups";
const SHOWN_EVERY_PERCENT = 10;

type FinalBackup = NonNullable<InstanceInputs["finalBackup"]>;

/** The program's setting by InstanceUuid and by URN, as the last diff in this process saw it. */
const settings = new WeakMap<Context, Map<string, FinalBackup>>();

/** Remembers the program's setting: a replaced instance is deleted with its old state, in the next run too. */
export function rememberFinalBackup(
  { context, urn = "" }: Operation,
  id: string,
  setting: FinalBackup = false,
): void {
  const known = settings.get(context) ?? new Map<string, FinalBackup>();
  settings.set(context, known.set(id, setting).set(urn, setting));
}

/** The setting that a deletion follows: the program's where a diff saw it in this process, else the state's. */
export function finalBackupSetting(
  { context, urn = "" }: Operation,
  id: string,
  { finalBackup = false }: InstanceState,
): FinalBackup {
  const known = settings.get(context);
  return known?.get(id) ?? known?.get(urn) ?? finalBackup;
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
  const setting = finalBackupSetting(operation, id, state);
  if (setting === false) return undefined;
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
    if (made.entries.length === 0 && isUnknownId(error) && (await isUnlisted(operation, id))) {
      operation.warn(
        `${name} is gone: the vendor does not know its id. It leaves the state without a final backup, and no delete was sent.`,
      );
      return "gone";
    }
    throw notDeleted(operation, id, state, { made: made.entries, error });
  }
}

/** Only the vendor's own word for the id proves that there is no such instance; a gateway's 404 does not. */
function isUnknownId(error: unknown): boolean {
  return error instanceof CdsApiError && error.code === "ResourceNotFound";
}

/** Whether a query by the id agrees; a query that fails does not. */
async function isUnlisted(operation: Operation, id: string): Promise<boolean> {
  return queryInstance(operation, id).then(
    (instance) => instance === undefined,
    () => false,
  );
}

/** An instance that this stack ordered and never saw running has no data. One that it took over may have. */
async function isStillEmpty(
  operation: Operation,
  id: string,
  { __delivered }: InstanceState,
): Promise<boolean> {
  if (operation.importId !== undefined || __delivered !== undefined) return false;
  const [instance] = await operation.account.instances.until(
    operation,
    (instances) => instances.filter(({ instanceId }) => instanceId === id),
    { what: `reading the instance ${id}`, onListError: "fail" },
  );
  if (instance === undefined || statusInstance(instance) === "running") return false;
  return (await listBackups(operation, id)).length === 0;
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
    __token: newToken(operation.context.randomHex),
  };
  made.entries = await startBackup(operation, order, await listBackups(operation, id));
  const expected = {
    known: new Set(made.entries.map((entry) => entry.backupId)),
    wholeness: new Wholeness(mayHaveShards(architecture)),
  };
  made.entries = await waitBackupFinished(operation, order, expected, (entries) => {
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
  const given = typeof setting === "object" ? setting : {};
  const folder = join(
    given.folder ?? DEFAULT_FOLDER,
    backupFolderName({ instanceId: id, instanceName }, summaryOf(entries).startTime),
  );
  operation.report("downloading the final backup");
  const files = await operation.context.fetchBackup({
    client: operation.account.client,
    instanceId: id,
    entries,
    folder,
    intranet: given.intranet === true,
    // The next run takes another backup: this one is of before.
    isResumable: false,
    signal: AbortSignal.any([operation.signal, signalAt(operation.deadline)]),
    onProgress: reportPercent(operation, entries),
  });
  const name = nameAndId({ ...state, instanceId: id });
  const text = `the final backup of ${name} is in ${folder}: ${describeFiles(files)}.`;
  const isChecked = files.every(({ checksum }) => checksum === "verified");
  if (isChecked && !mayHaveShards(architecture)) operation.inform(text);
  else
    operation.warn(
      text +
        (isChecked
          ? ""
          : " The vendor's Redis writes none: their size and end are right, but nothing proves their content.") +
        (mayHaveShards(architecture)
          ? " The vendor does not tell how many shards a cluster has: compare the number of files."
          : ""),
    );
}

function reportPercent(
  operation: Operation,
  entries: readonly BackupEntry[],
): (progress: { readonly backupId: string; readonly receivedBytes: number }) => void {
  const received = new Map<string, number>();
  const total = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  return ({ backupId, receivedBytes }) => {
    received.set(backupId, receivedBytes);
    const sum = [...received.values()].reduce((all, bytes) => all + bytes, 0);
    const percent = total === 0 ? 0 : Math.min(100, (100 * sum) / total);
    const shown = Math.floor(percent / SHOWN_EVERY_PERCENT) * SHOWN_EVERY_PERCENT;
    operation.report(`downloading the final backup, ${shown} %`);
  };
}

/** The final backup failed, so the instance stays. */
export class NotDeletedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

function notDeleted(
  operation: Operation,
  id: string,
  { instanceName }: InstanceState,
  { made, error }: { made: readonly BackupEntry[]; error: unknown },
): NotDeletedError {
  const reason = errorOf(error).message;
  const more = isLate(error) ? "customTimeouts.delete gives it more time. " : "";
  const ids = made.map((entry) => entry.backupId).join(", ");
  const left = ids === "" ? "" : ` The backup ${ids} stays at the vendor.`;
  const skip = skipped(operation);
  const others = skip.length === 0 ? "" : ` (which names ${skip.join(", ")} now)`;
  return new NotDeletedError(
    `${nameAndId({ instanceName, instanceId: id })} is not deleted, since its final backup failed: ${reason}${/[.!]$/.test(reason) ? "" : "."}${left} ${more}` +
      `Run the same command again, which takes another. To delete it without a backup, set ${SKIP_VARIABLE}=${instanceName} for the command${others}.`,
  );
}

function isLate(error: unknown): boolean {
  return (
    error instanceof WaitTimeoutError || (error instanceof BackupDownloadError && error.isLate)
  );
}

function isSkipped(operation: Operation, id: string, { instanceName }: InstanceState): boolean {
  return [id, instanceName, "all"].some((word) => skipped(operation).includes(word));
}

function skipped({ context }: Operation): readonly string[] {
  const words = (context.environment(SKIP_VARIABLE) ?? "").split(",").map((word) => word.trim());
  return words.filter((word) => word !== "");
}

function describeFiles(files: readonly FetchedFile[]): string {
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const checked = files.every((file) => file.checksum === "verified")
    ? "checksums verified"
    : "not all files have a checksum";
  const ids = files.map((file) => file.backupId).join(", ");
  return `${count(files, "file")} (${ids}), ${bytes} bytes, ${checked}`;
}

function count(things: readonly unknown[], word: string): string {
  return `${things.length} ${word}${things.length === 1 ? "" : "s"}`;
}
