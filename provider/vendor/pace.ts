import PQueue from "p-queue";

import type { Sleep } from "./retry";

/** The vendor documents no limits: few calls at once, and a cap for where answers are quick. */
const MOST_AT_ONCE = 10;
const MOST_PER_SECOND = 100;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** One more is under way at a time with each such time in which calls were taken. */
const GROWTH_MS = 1_000;
/** A timer can't wait for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A longer `Retry-After` is left to those who wait for their answer: they know their deadlines. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The call was not sent: its turn did not come in time. */
export class NoTurnError extends Error {
  constructor(waitedMs: number) {
    super(`not sent: its turn did not come within ${Math.round(waitedMs / 1000)} s`);
    this.name = new.target.name;
  }
}

/** `shared` are those whose answer many resources wait for: they go first. */
export type Turn = "shared" | "own";

/**
 * Lets the calls of one account go to the vendor: not too many at once, nor in a second, and none at
 * all for a while after it said that they were too many.
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
  #throttledAt = Number.NEGATIVE_INFINITY;
  #grownAt = Number.NEGATIVE_INFINITY;
  #resumeAt = 0;
  #waiting = 0;
  #isResuming = false;
  #nobodyWaits = new AbortController();

  constructor(now: () => number, sleep: Sleep) {
    this.#now = now;
    this.#sleep = sleep;
  }

  /** Sends it when its turn has come. Rejects with a {@link NoTurnError} where that takes too long. */
  async send<T>(turn: Turn, call: () => Promise<T>, patienceMs: number): Promise<T> {
    const start = this.#now();
    const impatience = new AbortController();
    const timer = setTimeout(
      () => {
        impatience.abort(new NoTurnError(this.#now() - start));
      },
      Math.min(patienceMs, LONGEST_TIMER_MS),
    );
    // What it waits for keeps the process alive by itself.
    timer.unref();
    this.#waiting += 1;
    let isWaiting = true;
    const leave = (): void => {
      clearTimeout(timer);
      if (isWaiting) this.#waiting -= 1;
      isWaiting = false;
      if (this.#waiting === 0) this.#nobodyWaits.abort();
    };
    const answer = this.#queue.add(
      () => {
        leave();
        return call();
      },
      { priority: turn === "shared" ? 1 : 0, signal: impatience.signal },
    );
    if (this.#queue.isPaused) void this.#resume();
    return answer.finally(leave);
  }

  /** The vendor refused a call, sent at that time, as one too many: all others wait, longer each time in a row. */
  throttled(sentAt: number, retryAfterMs = 0): void {
    const now = this.#now();
    const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    // Those that were under way together are refused together.
    const isNew = !this.#queue.isPaused && sentAt >= this.#throttledAt;
    if (isNew) {
      this.#throttles += 1;
      this.#throttledAt = now;
      this.#queue.concurrency = Math.ceil(this.#queue.concurrency / 2);
    } else if (asked === 0) return;
    const pause = isNew ? Math.min(FIRST_PAUSE_MS * 2 ** (this.#throttles - 1), MAX_PAUSE_MS) : 0;
    this.#resumeAt = Math.max(this.#resumeAt, now + Math.max(asked, pause));
    this.#queue.pause();
    if (this.#waiting > 0) void this.#resume();
  }

  /** The vendor took a call that was sent at that time; one from before a refusal proves nothing. */
  taken(sentAt: number): void {
    if (sentAt < this.#throttledAt) return;
    this.#throttles = 0;
    const now = this.#now();
    if (this.#queue.concurrency >= MOST_AT_ONCE || now - this.#grownAt < GROWTH_MS) return;
    this.#grownAt = now;
    this.#queue.concurrency += 1;
  }

  /** While nobody waits, no timer keeps the process alive: the next call goes on with it. */
  async #resume(): Promise<void> {
    if (this.#isResuming) return;
    this.#isResuming = true;
    while (this.#waiting > 0) {
      const until = this.#resumeAt;
      this.#nobodyWaits = new AbortController();
      const { signal } = this.#nobodyWaits;
      await this.#sleep(Math.max(until - this.#now(), 0), signal);
      // Nobody waits any more, or the vendor asked for more time meanwhile.
      if (signal.aborted || this.#resumeAt > until) continue;
      this.#queue.start();
      break;
    }
    this.#isResuming = false;
  }
}
