import PQueue from "p-queue";

import { now, timerMs } from "../time";
import { CdsTurnError } from "./errors";

/** The vendor documents no limits. The cap for a second is for where answers are quick. */
const MOST_AT_ONCE = 10;
const MOST_PER_SECOND = 100;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** After each such time in which the vendor takes calls, one more call may be under way. */
const GROWTH_MS = 1_000;
/** A longer `Retry-After` is left to the callers: they know their deadlines. */
export const MAX_RETRY_AFTER_MS = 60_000;
/** Calls whose answer serves all resources of the account or the region: they go first. */
const SHARED: ReadonlySet<string> = new Set([
  "DescribeRegins",
  "DescribeAvailableDBConfig",
  "DescribeDBInstances",
  "DescribeVdc",
]);

/**
 * Sends the calls of one account to the vendor: a limited number at once and in a second, and none
 * for a while after the vendor said that they were too many.
 */
export class Pace {
  readonly #queue = new PQueue({
    concurrency: MOST_AT_ONCE,
    interval: 1_000,
    intervalCap: MOST_PER_SECOND,
    // Counts any second: a window that starts with a call would hold up the next one.
    strict: true,
  });
  #throttles = 0;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #grownAt = Number.NEGATIVE_INFINITY;
  #resumeAt = 0;
  #resuming: NodeJS.Timeout | undefined;

  /** Sends the call when its turn comes. Rejects with a {@link CdsTurnError} where that takes too long. */
  async send<T>(action: string, call: () => Promise<T>, patienceMs: number): Promise<T> {
    const start = now();
    const impatience = new AbortController();
    // This timer keeps the process alive while the call waits.
    const timer = setTimeout(() => {
      impatience.abort(new CdsTurnError(action, now() - start));
    }, timerMs(patienceMs));
    const take = (): Promise<T> => {
      clearTimeout(timer);
      return call();
    };
    const priority = SHARED.has(action) ? 1 : 0;
    return this.#queue.add(take, { priority, signal: impatience.signal });
  }

  /** The vendor refused a call of that time as one too many: all others wait, longer after each refusal in a row. */
  throttled(sentAt: number): void {
    // Calls that were under way together are refused together.
    if (this.#queue.isPaused || sentAt < this.#throttledAt) return;
    this.#throttledAt = now();
    this.#queue.concurrency = Math.ceil(this.#queue.concurrency / 2);
    this.pause(Math.min(FIRST_PAUSE_MS * 2 ** this.#throttles, MAX_PAUSE_MS));
    this.#throttles += 1;
  }

  /** Sends no call for this time. */
  pause(milliseconds: number): void {
    const resumeAt = now() + Math.min(milliseconds, MAX_RETRY_AFTER_MS);
    this.#resumeAt = Math.max(this.#resumeAt, resumeAt);
    this.#queue.pause();
    clearTimeout(this.#resuming);
    // Where no call waits, the process may end.
    this.#resuming = setTimeout(() => this.#queue.start(), this.#resumeAt - now()).unref();
  }

  /** The vendor took a call of that time. A call from before a refusal proves nothing. */
  taken(sentAt: number): void {
    if (sentAt < this.#throttledAt) return;
    this.#throttles = 0;
    if (this.#queue.concurrency >= MOST_AT_ONCE || now() - this.#grownAt < GROWTH_MS) return;
    this.#grownAt = now();
    this.#queue.concurrency += 1;
  }
}
