import PQueue from "p-queue";

import { now, sleep } from "../time";

/** The vendor documents no limits. */
const MOST_AT_ONCE = 10;
/** A cap for where answers are quick. */
const MOST_PER_SECOND = 100;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
/** After each such time in which the vendor takes calls, one more call may be under way. */
const GROWTH_MS = 1_000;
/** A timer can't wait for longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A longer `Retry-After` is left to the callers: they know their deadlines. */
const MAX_RETRY_AFTER_MS = 60_000;

/** The call was not sent: its turn did not come in time. */
export class NoTurnError extends Error {
  constructor(waitedMs: number) {
    super(`not sent: its turn did not come within ${Math.round(waitedMs / 1000)} s`);
    this.name = new.target.name;
  }
}

/** Many resources wait for the answer of a `shared` call: it goes first. */
export type Turn = "shared" | "own";

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
  #waiting = 0;
  #isResuming = false;
  #nobodyWaits = new AbortController();

  /** Sends the call when its turn comes. Rejects with a {@link NoTurnError} where that takes too long. */
  async send<T>(turn: Turn, call: () => Promise<T>, patienceMs: number): Promise<T> {
    const start = now();
    const impatience = new AbortController();
    const giveUp = (): void => {
      impatience.abort(new NoTurnError(now() - start));
    };
    // The process stays alive for what the call waits for, not for this timer.
    const timer = setTimeout(giveUp, Math.min(patienceMs, LONGEST_TIMER_MS)).unref();
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

  /** The vendor refused a call of that time as one too many: all others wait, longer after each refusal in a row. */
  throttled(sentAt: number, retryAfterMs = 0): void {
    const asked = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    // Calls that were under way together are refused together.
    const isNew = !this.#queue.isPaused && sentAt >= this.#throttledAt;
    if (!isNew && asked === 0) return;
    let pause = asked;
    if (isNew) {
      pause = Math.max(asked, Math.min(FIRST_PAUSE_MS * 2 ** this.#throttles, MAX_PAUSE_MS));
      this.#throttles += 1;
      this.#throttledAt = now();
      this.#queue.concurrency = Math.ceil(this.#queue.concurrency / 2);
    }
    this.#resumeAt = Math.max(this.#resumeAt, now() + pause);
    this.#queue.pause();
    if (this.#waiting > 0) void this.#resume();
  }

  /** The vendor took a call of that time. A call from before a refusal proves nothing. */
  taken(sentAt: number): void {
    if (sentAt < this.#throttledAt) return;
    this.#throttles = 0;
    if (this.#queue.concurrency >= MOST_AT_ONCE || now() - this.#grownAt < GROWTH_MS) return;
    this.#grownAt = now();
    this.#queue.concurrency += 1;
  }

  /** Ends the pause. While no call waits, no timer keeps the process alive: the next call resumes. */
  async #resume(): Promise<void> {
    if (this.#isResuming) return;
    this.#isResuming = true;
    while (this.#waiting > 0) {
      const until = this.#resumeAt;
      this.#nobodyWaits = new AbortController();
      const { signal } = this.#nobodyWaits;
      await sleep(Math.max(until - now(), 0), signal);
      // Nobody waits any more, or the vendor asked for more time meanwhile.
      if (signal.aborted || this.#resumeAt > until) continue;
      this.#queue.start();
      break;
    }
    this.#isResuming = false;
  }
}
