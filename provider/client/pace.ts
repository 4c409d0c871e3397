import PQueue from "p-queue";

import type { Sleep } from "./retry";

/** The vendor documents no limits: few calls at once, and a cap for where answers are quick. */
const MOST_AT_ONCE = 10;
const MOST_PER_SECOND = 50;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** A longer `Retry-After` is left to those who wait for their answer: they know their deadlines. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The call was not sent: its turn did not come in time. */
export class NoTurnError extends Error {
  constructor(waitedMs: number) {
    super(`not sent: its turn did not come within ${Math.round(waitedMs / 1000)} s`);
    this.name = new.target.name;
  }
}

/**
 * Lets the calls of one account go to the vendor: not too many at once, nor in a second, and none at
 * all for a while after it said that they were too many. Reads go first: many resources wait for one.
 */
export class Pace {
  readonly #queue = new PQueue({
    concurrency: MOST_AT_ONCE,
    interval: 1_000,
    intervalCap: MOST_PER_SECOND,
    // Counts any second: a window that starts with a call would hold up the next one.
    strict: true,
  });
  readonly #now: () => number;
  readonly #sleep: Sleep;
  #throttles = 0;
  #resumeAt = 0;

  constructor(now: () => number, sleep: Sleep) {
    this.#now = now;
    this.#sleep = sleep;
  }

  /** Sends it when its turn has come. Rejects with a {@link NoTurnError} where that takes too long. */
  async send<T>(kind: "read" | "write", call: () => Promise<T>, patienceMs: number): Promise<T> {
    const start = this.#now();
    const impatience = new AbortController();
    // What it waits for keeps the process alive by itself.
    const timer = setTimeout(() => {
      impatience.abort(new NoTurnError(this.#now() - start));
    }, patienceMs).unref();
    const answer = this.#queue.add(
      () => {
        clearTimeout(timer);
        return call();
      },
      { priority: kind === "read" ? 1 : 0, signal: impatience.signal },
    );
    // While nobody waits, no timer keeps the process alive.
    if (this.#queue.isPaused && this.#queue.size === 1) void this.#resume();
    return answer;
  }

  /** The vendor refused a call as one too many: all others wait, longer each time in a row. */
  throttled(retryAfterMs = 0): void {
    // Those that were under way together are refused together.
    if (this.#queue.isPaused) return;
    this.#throttles += 1;
    this.#queue.concurrency = Math.ceil(this.#queue.concurrency / 2);
    this.#queue.pause();
    const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#throttles - 1), MAX_PAUSE_MS);
    this.#resumeAt = this.#now() + Math.max(asked, pause);
    if (this.#queue.size > 0) void this.#resume();
  }

  /** The vendor took a call. */
  taken(): void {
    this.#throttles = 0;
    this.#queue.concurrency = Math.min(this.#queue.concurrency + 1, MOST_AT_ONCE);
  }

  async #resume(): Promise<void> {
    await this.#sleep(Math.max(this.#resumeAt - this.#now(), 0));
    this.#queue.start();
  }
}
