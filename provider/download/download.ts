import { once } from "node:events";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";

import { now, sleep } from "../time";
import type { BackupEntry } from "../vendor/actions/backups";
import { CdsError } from "../vendor/errors";
import { askBackupTarget, type BackupSource } from "./backupUrl";
import { BackupDownloadError, DroppedError, onDisk, unless } from "./errors";
import { requestRest } from "./fetch";
import {
  aloneIn,
  makeFolder,
  PartFile,
  readManifest,
  requireSafeNames,
  writeManifest,
  type FetchedFile,
} from "./folder";
import { RdbError, verifyRdbFile, type RdbFacts } from "./rdb";

export { BackupDownloadError, type FetchedFile };

/** Tries in a row that bring no new byte. */
const MOST_TRIES = 5;
/** A file may be twice as large as the vendor tells, and so much larger. */
const ALLOWANCE_BYTES = 64 * 1024 * 1024;
/** A longer deadline would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Entry = Pick<BackupEntry, "backupId" | "shardId" | "sizeBytes">;

/** What {@link fetchBackupFiles} takes. */
export interface FetchOptions extends BackupSource {
  /** All entries (shards) of one backup. */
  readonly entries: readonly Entry[];
  readonly folder: string;
  /** Whether a later run into the same folder continues what a failure leaves. Default: true. */
  readonly isResumable?: boolean;
  /** When to give up, on the clock of `now()`. Default: never. */
  readonly deadline?: number;
  /** Ends the download at once. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** How long no byte may come. Default: 60 s. */
  readonly stallMs?: number;
  /** Before the second try. Default: 500 ms. */
  readonly firstDelayMs?: number;
}

/** Options whose signal ends the download at the deadline, too. */
type TimedOptions = FetchOptions & { readonly signal: AbortSignal };

/** How much of a backup's file is there. */
export interface BackupProgress extends Pick<BackupEntry, "backupId" | "shardId"> {
  readonly receivedBytes: number;
  /** 0 when neither the vendor nor the server tells it. */
  readonly totalBytes: number;
}

/**
 * Downloads all entries (shards) of one backup into the folder, checks each file, and writes
 * `backup.json` beside them: all of it, or an error. Files that are there already are kept.
 *
 * @throws BackupDownloadError, or CdsError when the vendor gives no URL.
 */
export async function fetchBackupFiles(options: FetchOptions): Promise<FetchedFile[]> {
  const { entries, folder, isResumable = true, deadline = Number.POSITIVE_INFINITY } = options;
  requireSafeNames(entries.map(({ backupId }) => backupId));
  await makeFolder(folder);
  const leftMs = Math.max(0, Math.ceil(deadline - now()));
  const late = AbortSignal.timeout(Math.min(leftMs, LONGEST_TIMER_MS));
  const signal = AbortSignal.any(options.signal === undefined ? [late] : [options.signal, late]);
  try {
    return await aloneIn(folder, () => fetchEntries({ ...options, signal }));
  } catch (error) {
    // A folder with files in it stays.
    if (!isResumable) await rmdir(folder).catch(() => undefined);
    if (!signal.aborted) throw error;
    // A signal of a timer that is not read any more may be collected, and then ends nothing.
    const isLate = late.aborted && options.signal?.aborted !== true;
    const why = isLate ? "took longer than the time given" : "was cancelled";
    const message = `the download into ${folder} ${why}.${again(options)}`;
    throw new BackupDownloadError(message, { isLate });
  }
}

/** What a person does when a later run may succeed, as the end of a message. */
function again({ isResumable = true }: FetchOptions): string {
  return isResumable ? " Run the same command again: it goes on where it stopped." : "";
}

async function fetchEntries(options: TimedOptions): Promise<FetchedFile[]> {
  const { instanceId, entries, folder } = options;
  const backupIds = entries.map(({ backupId }) => backupId);
  const hashes = await readManifest(folder, instanceId, backupIds);
  const files: FetchedFile[] = [];
  for (const entry of entries) {
    const { backupId, shardId, sizeBytes: told } = entry;
    const path = join(folder, `${backupId}.rdb`);
    const there = await wholeFileAt(path, options.signal);
    const isSame = told === 0 ? there?.checksum === "verified" : there?.sizeBytes === told;
    // An earlier run may have accepted another size than the vendor tells. Then its manifest has the hash.
    const isKept = isSame || there?.sha256 === hashes.get(backupId);
    const facts = (isKept ? there : undefined) ?? (await fetchEntry(options, entry, path));
    files.push({ backupId, shardId, path, ...facts });
  }
  await writeManifest(folder, instanceId, files);
  return files;
}

/** The facts of a whole file that an earlier run left; undefined if there is none. */
async function wholeFileAt(path: string, signal: AbortSignal): Promise<RdbFacts | undefined> {
  try {
    return await onDisk(path, () => unless("ENOENT", () => verifyRdbFile(path, signal)));
  } catch (error) {
    if (error instanceof RdbError) return undefined;
    throw error;
  }
}

async function fetchEntry(options: TimedOptions, entry: Entry, path: string): Promise<RdbFacts> {
  const { folder, isResumable = true } = options;
  const part = await PartFile.open(path);
  try {
    const facts = await receive(options, entry, part);
    await part.finish(path);
    return facts;
  } catch (cause) {
    await part.leave({ isKept: isResumable && !(cause instanceof RdbError) });
    const reason = reasonFor(cause, options);
    if (reason === undefined) throw cause;
    const failed = `backup ${entry.backupId} was not downloaded to ${folder}`;
    throw new BackupDownloadError(`${failed}: ${reason}`, { cause });
  }
}

/** Why a file was not downloaded, and what to do; undefined for errors that say that themselves. */
function reasonFor(cause: unknown, options: FetchOptions): string | undefined {
  if (cause instanceof RdbError)
    return `what the server sent is no whole backup: ${cause.message}. Nothing is kept of it. Run the same command again, or take another backup.`;
  if (cause instanceof DroppedError)
    return `${MOST_TRIES} tries in a row brought no new byte; the last one: ${cause.message}.${again(options)}`;
  return cause instanceof BackupDownloadError ? cause.message : undefined;
}

/**
 * Receives what the part lacks of its file, in as many tries as bring new bytes.
 *
 * @throws RdbError when the bytes are of no use, DroppedError when the tries are over.
 */
async function receive(options: TimedOptions, entry: Entry, part: PartFile): Promise<RdbFacts> {
  const { stallMs = 60_000, firstDelayMs = 500, signal } = options;
  const { backupId, shardId, sizeBytes: told } = entry;
  const most = told === 0 ? Number.POSITIVE_INFINITY : 2 * told + ALLOWANCE_BYTES;
  const onPiece = (totalBytes = told): void => {
    options.onProgress?.({ backupId, shardId, receivedBytes: part.size, totalBytes });
    if (part.size > most)
      throw new RdbError(`it has more than ${most} bytes, where the vendor tells ${told}`);
  };
  let best = part.size;
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      const target = await Promise.race([failAt(signal), askBackupTarget(options, backupId)]);
      const total = await requestRest({ target, part, stallMs, signal, onPiece });
      return await part.verify(told || total, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A server without ranges starts anew each time, so only bytes beyond the best try are progress.
      failures = part.size > best ? 0 : failures + 1;
      best = Math.max(best, part.size);
      const mayPass =
        error instanceof DroppedError || (error instanceof CdsError && error.transient);
      if (!mayPass || failures === MOST_TRIES) throw error;
    }
    await sleep(firstDelayMs * 2 ** failures, signal);
  }
}

/** Rejects when the signal is aborted: nobody waits for the vendor's answer then. */
async function failAt(signal: AbortSignal): Promise<never> {
  await once(signal, "abort");
  throw new DroppedError("cancelled");
}
