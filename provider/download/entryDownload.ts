import { backOff } from "exponential-backoff";

import { CdsError } from "../vendor/errors";
import type { Sleep } from "../vendor/retry";
import type { BackupTarget } from "./backupUrl";
import { BackupDownloadError, DroppedError, RUN_AGAIN } from "./downloadErrors";
import { requestFile, type FileAnswer } from "./fileRequest";
import type { PartFile } from "./partFile";
import { RdbError } from "./rdb/rdbError";
import type { ProvenRdb } from "./rdb/rdbFile";
import { StallGuard } from "./stallGuard";

/** Tries in a row without a byte that was not there before. */
const MOST_TRIES = 5;
const MAX_DELAY_MS = 10_000;
const ALLOWANCE_BYTES = 64 * 1024 * 1024;
/** Where the vendor tells no size. */
const LARGEST_BYTES = 1024 ** 4;

/** What the download of one file needs. */
export interface EntryOrder {
  readonly backupId: string;
  /** As the vendor tells it; 0 when it doesn't. */
  readonly sizeBytes: number;
  readonly part: PartFile;
  readonly finalPath: string;
  /** Asks the vendor for a URL. */
  readonly target: () => Promise<BackupTarget>;
  /** @throws BackupDownloadError when so many bytes have no room on the disk. */
  readonly requireRoom: (bytes: number) => Promise<void>;
  readonly now: () => number;
  readonly sleep: Sleep;
  readonly deadline: number;
  readonly stallMs: number;
  readonly firstDelayMs: number;
  /** Whether a later run goes on with what is there. */
  readonly isResumable: boolean;
  readonly onProgress: (receivedBytes: number, totalBytes: number) => void;
}

/** Downloads one file of a backup, going on where it stopped, and gives it its name when it is proven whole. */
export class EntryDownload {
  readonly #order: EntryOrder;
  readonly #largest: number;
  #target: BackupTarget | undefined;
  #etag: string | undefined;
  #totalBytes: number | undefined;
  /** The most bytes there were, so that starting anew doesn't count as getting on. */
  #best: number;
  #isResumed: boolean;
  #hasRestarted = false;

  constructor(order: EntryOrder) {
    this.#order = order;
    this.#largest =
      order.sizeBytes === 0
        ? LARGEST_BYTES
        : Math.max(2 * order.sizeBytes, order.sizeBytes + ALLOWANCE_BYTES);
    this.#best = order.part.size;
    this.#isResumed = order.part.size > 0;
  }

  /** @throws BackupDownloadError, or CdsError when the vendor gives no URL. */
  async run(): Promise<ProvenRdb> {
    const { part, sleep, firstDelayMs } = this.#order;
    if (part.size > this.#largest) await this.#startAnew();
    // An earlier run may have been stopped between the last byte and the end.
    if (part.isComplete) {
      const proven = part.proven();
      if (this.#agrees(proven)) return this.#finish(proven);
      await this.#startAnew();
    }
    for (;;) {
      const proven = await this.#untilProgress();
      if (proven !== undefined) return this.#finish(proven);
      await sleep(firstDelayMs);
    }
  }

  /** Tries until there are more bytes than before. Gives the proof when that were the last ones. */
  async #untilProgress(): Promise<ProvenRdb | undefined> {
    const { now, deadline, firstDelayMs, isResumable } = this.#order;
    const again = isResumable ? ` ${RUN_AGAIN}` : "";
    try {
      return await backOff(() => this.#try(), {
        numOfAttempts: MOST_TRIES,
        startingDelay: firstDelayMs,
        maxDelay: MAX_DELAY_MS,
        jitter: "full",
        retry: (error: unknown) => mayPass(error) && now() < deadline,
      });
    } catch (error) {
      if (!(error instanceof DroppedError)) throw error;
      if (now() >= deadline)
        throw this.#failure(`the time given is over.${again}`, { isLate: true });
      throw this.#failure(
        `${MOST_TRIES} tries in a row brought no new byte; the last one: ${error.message}.${again}`,
      );
    }
  }

  async #try(): Promise<ProvenRdb | undefined> {
    const before = this.#best;
    try {
      await this.#receive();
      return this.#proven();
    } catch (error) {
      if (error instanceof RdbError) return this.#restart(error);
      if (!(error instanceof DroppedError)) throw error;
      if (error.isUrlRefused) this.#target = undefined;
      if (this.#best > before && this.#order.now() < this.#order.deadline) return undefined;
      throw error;
    }
  }

  async #receive(): Promise<void> {
    const { part, now, deadline, stallMs } = this.#order;
    if (now() >= deadline) throw new DroppedError("the time is over");
    this.#target ??= await this.#order.target();
    const guard = new StallGuard(() => Math.max(1, Math.min(stallMs, deadline - now())));
    const request = { from: part.size, etag: this.#etag, signal: guard.signal };
    const answer = await guard.within(requestFile(this.#target, request));
    try {
      await this.#accept(answer);
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
    for await (const piece of guard.pieces(answer.body)) {
      await this.#take(piece);
      if (now() >= deadline) throw new DroppedError("the time is over");
    }
    const total = this.#totalBytes;
    if (total === undefined ? !part.isComplete : part.size < total)
      throw new DroppedError(`the connection ended after byte ${part.size}`);
  }

  /** Holds the answer against what is there already, and starts anew where it doesn't go with it. */
  async #accept({ start, totalBytes, etag }: FileAnswer): Promise<void> {
    const { part } = this.#order;
    const another =
      start === part.size &&
      part.size > 0 &&
      ((etag !== undefined && this.#etag !== undefined && etag !== this.#etag) ||
        (totalBytes !== undefined &&
          this.#totalBytes !== undefined &&
          totalBytes !== this.#totalBytes));
    if (start !== part.size || another) {
      await this.#startAnew();
      if (start !== 0) throw new DroppedError("the server sends another part than asked for");
    }
    if (part.size > 0) this.#isResumed = true;
    this.#etag = etag;
    this.#totalBytes = totalBytes;
    if ((totalBytes ?? 0) > this.#largest) throw this.#tooLarge();
    if (totalBytes !== undefined) await this.#order.requireRoom(totalBytes - part.size);
  }

  async #take(piece: Uint8Array): Promise<void> {
    const { part, onProgress, sizeBytes } = this.#order;
    if (part.size + piece.byteLength > this.#largest) {
      await part.remove();
      throw this.#tooLarge();
    }
    await part.append(piece);
    this.#best = Math.max(this.#best, part.size);
    if (part.size > 0) onProgress(part.size, this.#totalBytes ?? sizeBytes);
  }

  /** @throws RdbError */
  #proven(): ProvenRdb {
    const proven = this.#order.part.proven();
    if (this.#agrees(proven)) return proven;
    throw new RdbError(
      "altered",
      proven.sizeBytes,
      `of ${proven.sizeBytes} bytes where the vendor tells ${this.#order.sizeBytes}, and has no checksum to prove it`,
    );
  }

  /** The checksum proves a file; without one its size has to be as the vendor tells it. */
  #agrees({ checksum, sizeBytes }: ProvenRdb): boolean {
    const told = this.#order.sizeBytes;
    return checksum === "verified" || told === 0 || told === sizeBytes;
  }

  /** What was put together from several answers may be at fault itself: it is fetched once as a whole. */
  async #restart(error: RdbError): Promise<undefined> {
    if (!this.#isResumed || this.#hasRestarted) {
      await this.#order.part.remove();
      throw this.#failure(
        `what the server sent is no whole backup: ${error.message}. Nothing is kept of it. Try again, or take another backup.`,
        { cause: error },
      );
    }
    this.#hasRestarted = true;
    this.#best = 0;
    await this.#startAnew();
    return undefined;
  }

  async #startAnew(): Promise<void> {
    await this.#order.part.empty();
    this.#etag = undefined;
    this.#totalBytes = undefined;
    this.#isResumed = false;
  }

  async #finish(proven: ProvenRdb): Promise<ProvenRdb> {
    await this.#order.part.finish(this.#order.finalPath);
    this.#order.onProgress(proven.sizeBytes, proven.sizeBytes);
    return proven;
  }

  #tooLarge(): BackupDownloadError {
    const { sizeBytes } = this.#order;
    const told = sizeBytes === 0 ? "" : `, where the vendor tells ${sizeBytes} bytes`;
    return this.#failure(
      `the server sends more than ${this.#largest} bytes${told}. Ask the vendor's support about this backup.`,
    );
  }

  #failure(
    reason: string,
    options?: ConstructorParameters<typeof BackupDownloadError>[1],
  ): BackupDownloadError {
    const { backupId, part } = this.#order;
    return new BackupDownloadError(
      `backup ${backupId} was not downloaded to ${part.path}: ${reason}`,
      options,
    );
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof DroppedError || (error instanceof CdsError && error.transient);
}
