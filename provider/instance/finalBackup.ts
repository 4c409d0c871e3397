import { join } from "node:path";

import type { FinalBackup } from "../dynamic/contract";
import type { BackupEntry } from "../vendor/backups";
import type { Instance } from "../vendor/instances";
import type { FetchedFile } from "../download/download";
import { BackupDownloadError } from "../download/errors";
import { backupFolderName } from "../download/folder";
import type { Account } from "../core/account";
import { startBackup } from "../backup/start";
import { summaryOf } from "../backup/summary";
import { listBackups, waitBackupFinished } from "../backup/wait";
import { mayHaveShards } from "../backup/wholeness";
import type { Context } from "../core/context";
import type { InstanceState } from "./state";
import { findInstanceById, statusInstance } from "./wait";
import { WaitTimeoutError } from "../core/waiter";
import { now } from "../time";

/** Names or ids, with commas between them, of instances that are deleted without their final backup; or `all`. */
const SKIP_VARIABLE = "CDS_SKIP_FINAL_BACKUP";
const DEFAULT_FOLDER = "cds-final-backups";
const TOKEN_DIGITS = 12;
const SHOWN_EVERY_PERCENT = 10;
/** Where it isn't known how many shards there are: the data of one that is missed would be lost. */
const LEAST_QUIET_MS = 30_000;
const NO_CHECKSUM =
  "The vendor's Redis writes none, so only the size and the end of such a file were compared.";

/** What is wished by now: a replacement follows the program, a deletion the state. */
export function wishedFinalBackup(context: Context, id: string, props: InstanceState): FinalBackup {
  const { finalBackups } = context;
  return finalBackups.get(id) ?? finalBackups.get(props.__urn ?? id) ?? props.finalBackup ?? false;
}

/**
 * Takes a backup of an instance that is about to be deleted, downloads and checks it. Throws
 * where that fails: the instance must not be deleted then. `gone` is one that is certainly not
 * listed: nothing must be sent for it, since if the lists lied it would go without its backup.
 */
export async function takeFinalBackup(
  context: Context,
  account: Account,
  id: string,
  props: InstanceState,
  deadline: number,
): Promise<"gone" | undefined> {
  const wish = wishedFinalBackup(context, id, props);
  if (wish === false) return undefined;
  const { __urn: urn, instanceName } = props;
  const name = `${instanceName} (${id})`;
  if (isSkipped(context, id, instanceName)) {
    context.warn(urn, `${name} is deleted without its final backup, as ${SKIP_VARIABLE} says.`);
    return undefined;
  }
  let made: readonly BackupEntry[] = [];
  try {
    const instance = await findInstanceById(context, account, id, deadline);
    if (instance === undefined) return "gone";
    const before = await listBackups(account, id, deadline);
    if (before.length === 0 && isStillEmpty(instance, props)) {
      context.warn(urn, `${name} was never ready, so there is nothing to back up.`);
      return undefined;
    }
    await account.inTurn(id, deadline, async () => {
      const order = {
        instanceId: id,
        description: `final backup of ${instanceName}`.slice(0, 80),
        __token: context.randomHex(TOKEN_DIGITS),
        ...(urn === undefined ? {} : { __urn: urn }),
      };
      made = await startBackup(context, account, order, before, deadline);
      const expected = {
        known: new Set(made.map((entry) => entry.backupId)),
        shards: {
          mayBeMany: mayHaveShards(props.architecture),
          leastQuietMs: LEAST_QUIET_MS,
        },
      };
      made = await waitBackupFinished(context, account, order, expected, deadline, (entries) => {
        if (entries.length >= made.length) made = entries;
      });
    });
    const folder = join(
      folderOf(wish),
      backupFolderName({ instanceId: id, instanceName }, summaryOf(made).startTime),
    );
    const files = await download(context, account, id, props, made, wish, folder, deadline);
    const text = `the final backup of ${name} is in ${folder}: ${described(files)}.`;
    if (files.every(({ checksum }) => checksum === "verified")) context.inform(urn, text);
    else context.warn(urn, `${text} ${NO_CHECKSUM}`);
    return undefined;
  } catch (error) {
    throw new NotDeletedError(name, instanceName, made, skipped(context), error);
  }
}

async function download(
  context: Context,
  account: Account,
  instanceId: string,
  { __urn: urn }: InstanceState,
  entries: readonly BackupEntry[],
  wish: FinalBackup,
  folder: string,
  deadline: number,
): Promise<readonly FetchedFile[]> {
  const report = context.reporter(urn);
  const received = new Map<string, number>();
  const total = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  report("downloading the final backup");
  return context.fetchBackup({
    client: account.client,
    instanceId,
    entries,
    folder,
    intranet: typeof wish === "object" && wish.intranet === true,
    // The next run takes another backup: this one is of before.
    isResumable: false,
    deadline: now() + deadline - context.clock.now(),
    onProgress: ({ backupId, receivedBytes }) => {
      received.set(backupId, receivedBytes);
      const sum = [...received.values()].reduce((all, bytes) => all + bytes, 0);
      const percent = total === 0 ? 0 : Math.min(100, (100 * sum) / total);
      const shown = Math.floor(percent / SHOWN_EVERY_PERCENT) * SHOWN_EVERY_PERCENT;
      report(`downloading the final backup, ${shown} %`);
    },
  });
}

/** The final backup failed, so the instance stays. */
export class NotDeletedError extends Error {
  constructor(
    name: string,
    instanceName: string,
    made: readonly BackupEntry[],
    skip: readonly string[],
    error: unknown,
  ) {
    const reason = error instanceof Error ? error.message : String(error);
    const more = isLate(error) ? "customTimeouts.delete gives it more time. " : "";
    const ids = made.map((entry) => entry.backupId).join(", ");
    const left = ids === "" ? "" : ` The backup ${ids} stays at the vendor.`;
    const others = skip.length === 0 ? "" : ` (which names ${skip.join(", ")} now)`;
    super(
      `${name} is not deleted, since its final backup failed: ${reason}${/[.!]$/.test(reason) ? "" : "."}${left} ${more}` +
        `Run the same command again, which takes another; to delete it without, set ${SKIP_VARIABLE}=${instanceName} for the command${others}.`,
    );
    this.name = new.target.name;
  }
}

function isLate(error: unknown): boolean {
  return (
    error instanceof WaitTimeoutError || (error instanceof BackupDownloadError && error.isLate)
  );
}

function isSkipped(context: Context, id: string, instanceName: string): boolean {
  return [id, instanceName, "all"].some((word) => skipped(context).includes(word));
}

function skipped(context: Context): readonly string[] {
  const words = (context.environment(SKIP_VARIABLE) ?? "").split(",").map((word) => word.trim());
  return words.filter((word) => word !== "");
}

/** What this stack ordered and never saw running has no data; what it took over may have. */
function isStillEmpty(instance: Instance, props: InstanceState): boolean {
  const wasOrdered = props.__import === undefined && props.__delivered === undefined;
  return wasOrdered && statusInstance(instance) !== "running";
}

function folderOf(wish: FinalBackup): string {
  return (typeof wish === "object" ? wish.folder : undefined) ?? DEFAULT_FOLDER;
}

function described(files: readonly FetchedFile[]): string {
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const checked = files.every((file) => file.checksum === "verified")
    ? "checksums verified"
    : "not all files have a checksum";
  const ids = files.map((file) => file.backupId).join(", ");
  return `${files.length} file${files.length === 1 ? "" : "s"} (${ids}), ${bytes} bytes, ${checked}`;
}
