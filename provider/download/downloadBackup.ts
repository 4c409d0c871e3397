import { mkdir, rmdir, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { downloadBackup, type BackupEntry } from "../vendor/backups";
import type { CdsClient } from "../vendor/client";
import type { Sleep } from "../vendor/retry";
import { backupTarget, type BackupTarget } from "./backupUrl";
import { BackupDownloadError, codeOf, fileError } from "./downloadErrors";
import { EntryDownload } from "./entryDownload";
import type { BackupProgress, FetchedFile } from "./fetchedFile";
import { aloneIn } from "./folderLock";
import { readManifest, writeManifest, type EarlierHashes } from "./manifest";
import { PartFile } from "./partFile";
import { RdbError } from "./rdb/rdbError";
import { verifyRdbFile, type ProvenRdb } from "./rdb/rdbFile";
import { syncFolder } from "./syncFolder";

const STALL_MS = 60_000;
const FIRST_DELAY_MS = 500;
const FOLDER_MODE = 0o700;
/** What may be part of a file name on any system. */
const SAFE_ID = /^[\w-][\w.-]{0,199}$/;

type Entry = Pick<BackupEntry, "backupId" | "shardId" | "sizeBytes">;

/** What {@link fetchBackupFiles} takes. */
export interface FetchOptions {
  readonly client: CdsClient;
  readonly instanceId: string;
  /** All entries (shards) of one backup. */
  readonly entries: readonly Entry[];
  readonly folder: string;
  /** Takes the URL in the vendor's network. Default: the public one. */
  readonly intranet?: boolean;
  /** Whether a later run into the same folder goes on with what a failure leaves. Default: true. */
  readonly isResumable?: boolean;
  /** When to give up, on `now`. */
  readonly deadline?: number;
  readonly now: () => number;
  readonly sleep: Sleep;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** How long no byte may come. Default: 60 s. */
  readonly stallMs?: number;
  /** Before the second try. Default: 500 ms. */
  readonly firstDelayMs?: number;
  /** Bytes free on the disk of a folder. Default: as the system tells. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/**
 * Downloads all entries (shards) of one backup into the folder, each proven whole, and writes
 * `backup.json` beside them; all, or an error. What is there already is not fetched again.
 *
 * @throws BackupDownloadError, or CdsError when the vendor gives no URL.
 */
export async function fetchBackupFiles(options: FetchOptions): Promise<FetchedFile[]> {
  const { entries, folder, isResumable = true } = options;
  requireSafeIds(entries);
  await makeFolder(folder);
  try {
    return await aloneIn(folder, () => fetchEntries(options));
  } catch (error) {
    // Only an empty one goes.
    if (!isResumable) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}

async function fetchEntries(options: FetchOptions): Promise<FetchedFile[]> {
  const { instanceId, entries, folder } = options;
  const backupIds = entries.map(({ backupId }) => backupId);
  const earlier = await readManifest(folder, instanceId, backupIds);
  const kept = new Map<string, ProvenRdb>();
  for (const entry of entries) {
    const proven = await keptFile(pathOf(folder, entry), entry, earlier);
    if (proven !== undefined) kept.set(entry.backupId, proven);
  }
  const missing = entries.filter(({ backupId }) => !kept.has(backupId));
  await requireRoomForAll(options, missing);
  const files: FetchedFile[] = [];
  for (const entry of entries) {
    const proven = kept.get(entry.backupId) ?? (await fetchEntry(options, entry));
    options.onProgress?.({
      ...idsOf(entry),
      receivedBytes: proven.sizeBytes,
      totalBytes: proven.sizeBytes,
    });
    files.push({ ...idsOf(entry), path: pathOf(folder, entry), ...proven });
  }
  await writeManifest(folder, instanceId, files);
  return files;
}

function idsOf({ backupId, shardId }: Entry): Pick<Entry, "backupId" | "shardId"> {
  return { backupId, shardId };
}

function pathOf(folder: string, { backupId }: Entry): string {
  return join(folder, `${backupId}.rdb`);
}

/** The vendor's ids become file names, and nothing else does. */
function requireSafeIds(entries: readonly Entry[]): void {
  if (entries.length === 0) throw new BackupDownloadError("the backup has no entry to download.");
  const ids = entries.map(({ backupId }) => backupId);
  const shards = entries.map(({ shardId }) => shardId).filter((shardId) => shardId !== "");
  const unsafe = [...ids, ...shards].find((id) => !SAFE_ID.test(id));
  if (unsafe !== undefined)
    throw new BackupDownloadError(
      `${JSON.stringify(unsafe)} is no BackupId or ShardId that can be part of a file name: nothing was downloaded. Ask the vendor's support.`,
    );
  // Some file systems don't tell upper from lower case.
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length)
    throw new BackupDownloadError("two entries of the backup have the same BackupId.");
}

async function makeFolder(folder: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return;
    for (let made = resolve(folder); ; made = dirname(made)) {
      await syncFolder(dirname(made));
      if (made === resolve(first) || made === dirname(made)) return;
    }
  } catch (error) {
    throw fileError(folder, error);
  }
}

/** The proof of a file that an earlier run finished; undefined when it has to be fetched. */
async function keptFile(
  path: string,
  entry: Entry,
  earlier: EarlierHashes,
): Promise<ProvenRdb | undefined> {
  try {
    const proven = await verifyRdbFile(path);
    const isAsTold = entry.sizeBytes === 0 || entry.sizeBytes === proven.sizeBytes;
    // A size that differs was accepted when the checksum proved the file.
    return isAsTold || earlier.get(entry.backupId) === proven.sha256 ? proven : undefined;
  } catch (error) {
    if (error instanceof RdbError || codeOf(error) === "ENOENT") return undefined;
    throw fileError(path, error);
  }
}

async function fetchEntry(options: FetchOptions, entry: Entry): Promise<ProvenRdb> {
  const { folder, now, sleep, onProgress, isResumable = true } = options;
  const finalPath = pathOf(folder, entry);
  const part = await PartFile.open(`${finalPath}.part`);
  try {
    return await new EntryDownload({
      backupId: entry.backupId,
      sizeBytes: entry.sizeBytes,
      part,
      finalPath,
      target: () => askTarget(options, entry),
      requireRoom: (bytes) => requireRoom(options, bytes),
      now,
      sleep,
      deadline: options.deadline ?? Number.POSITIVE_INFINITY,
      stallMs: options.stallMs ?? STALL_MS,
      firstDelayMs: options.firstDelayMs ?? FIRST_DELAY_MS,
      isResumable,
      onProgress: (receivedBytes, totalBytes) =>
        onProgress?.({ ...idsOf(entry), receivedBytes, totalBytes }),
    }).run();
  } catch (error) {
    if (!isResumable) await part.remove();
    if (!(error instanceof BackupDownloadError) || error.message.includes(entry.backupId))
      throw error;
    throw new BackupDownloadError(`backup ${entry.backupId}: ${error.message}`, {
      cause: error,
      isLate: error.isLate,
    });
  } finally {
    await part.close();
  }
}

async function askTarget(options: FetchOptions, { backupId }: Entry): Promise<BackupTarget> {
  const { client, instanceId, intranet: isIntranet = false } = options;
  const answer = await downloadBackup(client, instanceId, backupId);
  if (answer.backupId !== backupId)
    throw new BackupDownloadError(`the vendor answers about another backup than ${backupId}.`);
  const url = isIntranet ? answer.intranetDownloadUrl : answer.downloadUrl;
  return backupTarget(url, { endpoint: client.endpoint, isIntranet });
}

async function requireRoomForAll(options: FetchOptions, missing: readonly Entry[]): Promise<void> {
  let bytes = 0;
  for (const entry of missing) {
    const part = await stat(`${pathOf(options.folder, entry)}.part`).catch(() => undefined);
    bytes += Math.max(0, entry.sizeBytes - (part?.size ?? 0));
  }
  await requireRoom(options, bytes);
}

async function requireRoom(
  { folder, freeBytes = systemFreeBytes }: FetchOptions,
  bytes: number,
): Promise<void> {
  const free = await freeBytes(folder).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  if (bytes > free)
    throw new BackupDownloadError(
      `${folder} has no room: ${bytes} bytes are to be downloaded, and ${free} are free. Make room, or name another folder.`,
    );
}

async function systemFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
