import { rmdir, stat } from "node:fs/promises";

import { now, sleep } from "../time";
import type { BackupEntry } from "../vendor/backups";
import { CdsError } from "../vendor/errors";
import { askBackupTarget, type BackupSource, type BackupTarget } from "./backupUrl";
import { BackupDownloadError, codeOf, DroppedError, fileError, RUN_AGAIN } from "./errors";
import { requestFile, type FileAnswer } from "./fetch";
import {
  aloneIn,
  filePath,
  makeFolder,
  PartFile,
  partPath,
  readManifest,
  requireRoom,
  requireSafeNames,
  writeManifest,
  type FetchedFile,
} from "./folder";
import { RdbError, verifyRdbFile, type RdbFacts } from "./rdb";

export { BackupDownloadError, type FetchedFile };

const STALL_MS = 60_000;
/** Tries in a row that bring no new byte. */
const MOST_TRIES = 5;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;
/** A file may be so much larger than the vendor tells. */
const ALLOWANCE_BYTES = 64 * 1024 * 1024;
/** Where the vendor tells no size. */
const LARGEST_BYTES = 1024 ** 4;

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

/** How much of a backup's file is there. */
export interface BackupProgress {
  readonly backupId: string;
  readonly shardId: string;
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
  const { entries, folder, isResumable = true, signal } = options;
  requireSafeNames(entries);
  await makeFolder(folder);
  try {
    return await aloneIn(folder, () => fetchEntries(options));
  } catch (error) {
    // A folder with files in it stays.
    if (!isResumable) await rmdir(folder).catch(() => undefined);
    if (signal?.aborted !== true) throw error;
    const again = isResumable ? ` ${RUN_AGAIN}` : "";
    throw new BackupDownloadError(`the download into ${folder} was cancelled.${again}`);
  }
}

async function fetchEntries(options: FetchOptions): Promise<FetchedFile[]> {
  const { instanceId, entries, folder, signal } = options;
  const backupIds = entries.map(({ backupId }) => backupId);
  const hashes = await readManifest(folder, instanceId, backupIds);
  const kept = new Map<string, RdbFacts>();
  for (const entry of entries) {
    const facts = await keptFile(filePath(folder, entry.backupId), entry, hashes, signal);
    if (facts !== undefined) kept.set(entry.backupId, facts);
  }
  let missingBytes = 0;
  for (const entry of entries.filter(({ backupId }) => !kept.has(backupId))) {
    const part = await stat(partPath(folder, entry.backupId)).catch(() => undefined);
    missingBytes += Math.max(0, entry.sizeBytes - (part?.size ?? 0));
  }
  await requireRoom(folder, missingBytes);
  const files: FetchedFile[] = [];
  for (const entry of entries) {
    const { backupId, shardId } = entry;
    const facts = kept.get(backupId) ?? (await fetchEntry(options, entry));
    report(options, entry, facts.sizeBytes, facts.sizeBytes);
    files.push({ backupId, shardId, path: filePath(folder, backupId), ...facts });
  }
  await writeManifest(folder, instanceId, files);
  return files;
}

function report(options: FetchOptions, entry: Entry, receivedBytes: number, total: number): void {
  const { backupId, shardId } = entry;
  options.onProgress?.({ backupId, shardId, receivedBytes, totalBytes: total });
}

/** The facts of a file that an earlier run finished; undefined when the file must be fetched. */
async function keptFile(
  path: string,
  entry: Entry,
  hashes: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<RdbFacts | undefined> {
  try {
    const facts = await verifyRdbFile(path, signal);
    // The earlier run accepted a file of another size because of its checksum, or its announced size.
    if (hashes.get(entry.backupId) === facts.sha256) return facts;
    const isUntold = entry.sizeBytes === 0 && facts.checksum === "verified";
    return isUntold || entry.sizeBytes === facts.sizeBytes ? facts : undefined;
  } catch (error) {
    if (error instanceof RdbError || codeOf(error) === "ENOENT") return undefined;
    throw fileError(path, error);
  }
}

async function fetchEntry(options: FetchOptions, entry: Entry): Promise<RdbFacts> {
  const { folder, isResumable = true, signal } = options;
  signal?.throwIfAborted();
  const part = await PartFile.open(partPath(folder, entry.backupId), signal);
  try {
    const facts = await new EntryDownload(options, entry, part).run();
    await part.finish(filePath(folder, entry.backupId));
    return facts;
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

/** Receives one file of a backup, continuing where the last try stopped. */
class EntryDownload {
  readonly #options: FetchOptions;
  readonly #entry: Entry;
  readonly #part: PartFile;
  readonly #deadline: number;
  readonly #mostBytes: number;
  #target: BackupTarget | undefined;
  #etag: string | undefined;
  #totalBytes: number | undefined;
  /** The most bytes there ever were, so that starting anew doesn't count as progress. */
  #best: number;
  /** Whether the bytes came in several answers, and whether the same ETag proves that those belong together. */
  #isResumed: boolean;
  #isTied: boolean;
  #hasRestarted = false;

  constructor(options: FetchOptions, entry: Entry, part: PartFile) {
    this.#options = options;
    this.#entry = entry;
    this.#part = part;
    this.#deadline = options.deadline ?? Number.POSITIVE_INFINITY;
    const { sizeBytes: told } = entry;
    this.#mostBytes = told === 0 ? LARGEST_BYTES : Math.max(2 * told, told + ALLOWANCE_BYTES);
    this.#best = part.size;
    this.#isResumed = part.size > 0;
    this.#isTied = !this.#isResumed;
  }

  /** @throws BackupDownloadError, or CdsError when the vendor gives no URL. */
  async run(): Promise<RdbFacts> {
    if (this.#part.size > this.#mostBytes) await this.#startAnew();
    // An earlier run may have been killed between the last byte and the end.
    const there = this.#facts();
    if (there?.checksum === "verified" && there.trailingBytes === 0) return there;
    for (let failures = 0; ;) {
      const before = this.#best;
      try {
        await this.#receive();
        return this.#acceptedFacts();
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        failures = this.#best > before ? 0 : failures + 1;
        if (error instanceof RdbError) await this.#restart(error);
        else await this.#pause(error, failures);
      }
    }
  }

  async #receive(): Promise<void> {
    const { stallMs = STALL_MS, signal } = this.#options;
    const [part, deadline] = [this.#part, this.#deadline];
    if (now() >= deadline) throw new DroppedError("the time is over");
    this.#target ??= await orAborted(askBackupTarget(this.#options, this.#entry.backupId), signal);
    const target = this.#target;
    await requestFile(
      { target, from: part.size, etag: this.#etag, stallMs, deadline, signal },
      {
        onAnswer: (answer) => this.#continueWith(answer),
        onPiece: (piece) => this.#take(piece),
      },
    );
    const total = this.#totalBytes;
    if (total === undefined ? this.#facts() === undefined : part.size < total)
      throw new DroppedError(`the connection ended after byte ${part.size}`);
  }

  /** Compares the answer with the bytes that are there, and starts anew where they don't belong together. */
  async #continueWith({ start, totalBytes, etag }: FileAnswer): Promise<void> {
    const part = this.#part;
    const isAnother = isChanged(this.#etag, etag) || isChanged(this.#totalBytes, totalBytes);
    if (start !== part.size || (part.size > 0 && isAnother)) {
      await this.#startAnew();
      if (start !== 0) throw new DroppedError("the server sends another part than asked for");
    }
    if (part.size > 0) {
      this.#isResumed = true;
      this.#isTied &&= etag !== undefined && etag === this.#etag;
    }
    this.#etag = etag;
    this.#totalBytes = totalBytes;
    if ((totalBytes ?? 0) > this.#mostBytes) throw this.#tooLarge();
    if (totalBytes !== undefined) await requireRoom(this.#options.folder, totalBytes - part.size);
  }

  async #take(piece: Uint8Array): Promise<void> {
    const part = this.#part;
    this.#options.signal?.throwIfAborted();
    if (part.size + piece.byteLength > this.#mostBytes) {
      await part.remove();
      throw this.#tooLarge();
    }
    await part.append(piece);
    this.#best = Math.max(this.#best, part.size);
    report(this.#options, this.#entry, part.size, this.#totalBytes ?? this.#entry.sizeBytes);
    if (now() >= this.#deadline) throw new DroppedError("the time is over");
  }

  #facts(): RdbFacts | undefined {
    try {
      return this.#part.facts();
    } catch {
      return undefined;
    }
  }

  /**
   * A checksum proves a file. Without one the size must be as the vendor's list tells it, or the file
   * server if the list doesn't.
   *
   * @throws RdbError
   */
  #acceptedFacts(): RdbFacts {
    const facts = this.#part.facts();
    if (facts.checksum === "verified") return facts;
    const told = this.#entry.sizeBytes || (this.#totalBytes ?? "none");
    if (facts.sizeBytes !== told)
      throw new RdbError(
        `it has no checksum to prove it, and its size is ${facts.sizeBytes} bytes where the vendor tells ${told}`,
      );
    if (!this.#isTied)
      throw new RdbError("it has no checksum to prove that its parts belong together");
    return facts;
  }

  /** Several answers may not fit together, so the file is fetched once more in one answer. */
  async #restart(error: RdbError): Promise<void> {
    if (!this.#isResumed || this.#hasRestarted) {
      await this.#part.remove();
      throw this.#failure(
        `what the server sent is no whole backup: ${error.message}. Nothing is kept of it. Try again, or take another backup.`,
        { cause: error },
      );
    }
    this.#hasRestarted = true;
    this.#best = 0;
    await this.#startAnew();
  }

  async #startAnew(): Promise<void> {
    await this.#part.empty();
    this.#etag = undefined;
    this.#totalBytes = undefined;
    this.#isResumed = false;
    this.#isTied = true;
  }

  /** Waits before the next try. Throws when another try is of no use. */
  async #pause(error: unknown, failures: number): Promise<void> {
    const { firstDelayMs = FIRST_DELAY_MS, isResumable = true, signal } = this.#options;
    const again = isResumable ? ` ${RUN_AGAIN}` : "";
    const isDropped = error instanceof DroppedError;
    if (!isDropped && !(error instanceof CdsError && error.transient)) throw error;
    if (isDropped && error.isUrlRefused) this.#target = undefined;
    const leftMs = this.#deadline - now();
    if (leftMs <= 0) throw this.#failure(`the time given is over.${again}`, { isLate: true });
    if (failures === MOST_TRIES) {
      if (!isDropped) throw error;
      throw this.#failure(
        `${MOST_TRIES} tries in a row brought no new byte; the last one: ${error.message}.${again}`,
      );
    }
    const longestMs = Math.min(MAX_DELAY_MS, firstDelayMs * 2 ** Math.max(0, failures - 1));
    const delayMs = failures === 0 ? firstDelayMs : Math.random() * longestMs;
    await sleep(Math.min(delayMs, leftMs), signal);
    signal?.throwIfAborted();
  }

  #tooLarge(): BackupDownloadError {
    const { sizeBytes } = this.#entry;
    const told = sizeBytes === 0 ? "" : `, where the vendor tells ${sizeBytes} bytes`;
    return this.#failure(
      `the server sends more than ${this.#mostBytes} bytes${told}. Ask the vendor's support about this backup.`,
    );
  }

  #failure(reason: string, options?: ErrorOptions & { isLate?: boolean }): BackupDownloadError {
    return new BackupDownloadError(
      `backup ${this.#entry.backupId} was not downloaded to ${this.#part.path}: ${reason}`,
      options,
    );
  }
}

function isChanged<T>(before: T | undefined, after: T | undefined): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

/** Settles as the work does, or rejects as soon as the signal is aborted: nobody waits for the work then. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const settled = new AbortController();
  const aborted = sleep(Number.POSITIVE_INFINITY, AbortSignal.any([signal, settled.signal]));
  const cancelled = aborted.then(() => {
    signal.throwIfAborted();
    return work;
  });
  return Promise.race([work, cancelled]).finally(() => {
    settled.abort();
  });
}
