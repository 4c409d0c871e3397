import { CdsApiError, CdsError } from "../vendor/errors";
import type { Clock } from "./clock";
import type { Durations } from "./durations";
import {
  CLOSE_INTERVAL_MS,
  intervalAfter,
  intervalAtEnd,
  leastInterval,
  MAX_INTERVAL_MS,
} from "./pollSchedule";

/** A list that hangs holds nobody for longer than this past the deadline. */
const OVERTIME_MS = MAX_INTERVAL_MS;
/** A key that is refused this often in a row won't be let in by waiting. */
const MOST_REFUSALS = 3;

export interface WaitOptions {
  /** When to give up, on the clock of the loop. */
  readonly deadline: number;
  /** What is waited for, for the message of a time-out. */
  readonly what: string;
  /** What was seen of it last, for the message of a time-out. */
  readonly lastSeen?: () => string;
  /** Told of each list that can't be had, while the wait goes on. */
  readonly onFailedList?: (error: Error) => void;
  /** `fail` ends the wait at the first list that can't be had; by default it goes on to the deadline. */
  readonly onListError?: "wait" | "fail";
  /** What the like of it took: when the lists come is guessed of it. */
  readonly seen?: Durations;
  /** After how long, in milliseconds, a list showed the first sign of what is waited for; then the next ones follow soon. */
  readonly closeAfterMs?: () => number | undefined;
  /** A list that began at most so long ago, in milliseconds, is shown first. Default: none. */
  readonly maxAgeMs?: number;
}

/** The deadline passed before what was waited for came true. */
export class WaitTimeoutError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** For a list that can't be had where the work goes on without. */
export function noneSeen(error: unknown): [] {
  if (error instanceof WaitTimeoutError || error instanceof CdsError) return [];
  throw error;
}

interface Waiter<T> extends WaitOptions {
  readonly since: number;
  hasLooked: boolean;
  listError: Error | undefined;
  refusals: number;
  readonly ended: AbortController;
  /** Whether the wait is over. */
  look(items: readonly T[]): boolean;
  reject(error: unknown): void;
}

/**
 * One loop that lists things again and again for everybody who waits for one of them, and rests
 * while nobody does. A list that began before somebody started to wait is not shown to them.
 */
export class PollLoop<T> {
  readonly #list: (onSent: () => void) => Promise<readonly T[]>;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter<T>>();
  #running = false;
  #lastListAt = Number.NEGATIVE_INFINITY;
  /** The last list that could be had, and when it began. */
  #latest: { readonly items: readonly T[]; readonly at: number } | undefined;
  /** What the last list took. */
  #listMs = 0;
  #pause = new AbortController();

  /** @param list Gives the things, and tells when it begins to ask for them after waiting for its turn. */
  constructor(list: (onSent: () => void) => Promise<readonly T[]>, clock: Clock) {
    this.#list = list;
    this.#clock = clock;
  }

  /**
   * Shows each list to `look` until it returns something, and gives that.
   * Rejects with what `look` throws, or with {@link WaitTimeoutError} at the deadline.
   */
  async until<R>(look: (items: readonly T[]) => R | undefined, options: WaitOptions): Promise<R> {
    const { maxAgeMs } = options;
    const known = maxAgeMs === undefined ? undefined : this.recent(maxAgeMs);
    const shown = known === undefined ? undefined : look(known);
    if (shown !== undefined) return shown;
    return new Promise<R>((resolve, reject) => {
      const waiter: Waiter<T> = {
        ...options,
        since: this.#clock.now(),
        hasLooked: false,
        listError: undefined,
        refusals: 0,
        ended: new AbortController(),
        look: (items) => {
          const result = look(items);
          if (result !== undefined) resolve(result);
          return result !== undefined;
        },
        reject,
      };
      this.#waiters.add(waiter);
      void this.#limit(waiter);
      this.#pause.abort();
      if (!this.#running) void this.#run();
    });
  }

  /** The last list, where it began at most so long ago. */
  recent(maxAgeMs: number): readonly T[] | undefined {
    const { items, at = Number.NEGATIVE_INFINITY } = this.#latest ?? {};
    return this.#clock.now() - at <= maxAgeMs ? items : undefined;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiters.size > 0) {
      await this.#rest();
      if (this.#waiters.size === 0) break;
      const served = [...this.#waiters];
      const at = this.#clock.now();
      this.#lastListAt = at;
      try {
        let sentAt = at;
        const items = await this.#list(() => (sentAt = this.#clock.now()));
        this.#listMs = this.#clock.now() - sentAt;
        this.#latest = { items, at };
        for (const waiter of this.#still(served)) this.#show(waiter, items);
      } catch (error) {
        for (const waiter of this.#still(served)) this.#fail(waiter, error);
      }
      for (const waiter of served) this.#expire(waiter);
    }
    this.#running = false;
  }

  /** Those whose wait was not ended while the list was under way. */
  #still(served: readonly Waiter<T>[]): Waiter<T>[] {
    return served.filter((waiter) => this.#waiters.has(waiter));
  }

  async #limit(waiter: Waiter<T>): Promise<void> {
    const left = Math.max(waiter.deadline - this.#clock.now(), 0);
    await this.#clock.sleep(left + OVERTIME_MS, waiter.ended.signal);
    this.#expire(waiter);
  }

  async #rest(): Promise<void> {
    // Lets all that start to wait together be served by one list.
    await this.#clock.sleep(0);
    for (;;) {
      this.#pause = new AbortController();
      const rest = this.#nextListAt() - this.#clock.now();
      if (!(rest > 0) || this.#waiters.size === 0) return;
      await this.#clock.sleep(rest, this.#pause.signal);
    }
  }

  #nextListAt(): number {
    const now = this.#clock.now();
    const first = this.#firstOfEach();
    let next = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiters) {
      const interval = Math.max(this.#interval(waiter, first), leastInterval(this.#listMs));
      next = Math.min(next, this.#lastListAt + interval, Math.max(waiter.deadline, now));
    }
    return next;
  }

  #interval(waiter: Waiter<T>, first: ReadonlyMap<Durations, number>): number {
    const { seen } = waiter;
    const closeAfterMs = waiter.closeAfterMs?.();
    if (closeAfterMs !== undefined) return intervalAtEnd(closeAfterMs);
    if (!waiter.hasLooked && seen === undefined) return CLOSE_INTERVAL_MS;
    // While nothing was seen to end, a later one is not expected to take less than the first.
    const isKnown = seen === undefined || seen.shortest !== undefined;
    const since = isKnown ? waiter.since : (first.get(seen) ?? waiter.since);
    return intervalAfter(this.#lastListAt - since, seen);
  }

  /** When the first of those that are alike began to wait. */
  #firstOfEach(): ReadonlyMap<Durations, number> {
    const first = new Map<Durations, number>();
    for (const { seen, since } of this.#waiters)
      if (seen !== undefined) first.set(seen, Math.min(first.get(seen) ?? since, since));
    return first;
  }

  #show(waiter: Waiter<T>, items: readonly T[]): void {
    waiter.hasLooked = true;
    waiter.listError = undefined;
    waiter.refusals = 0;
    try {
      if (waiter.look(items)) this.#remove(waiter);
    } catch (error) {
      this.#end(waiter, error);
    }
  }

  #fail(waiter: Waiter<T>, error: unknown): void {
    waiter.hasLooked = true;
    waiter.listError = error instanceof Error ? error : new Error(String(error));
    const refused = error instanceof CdsApiError && error.isUnauthorized;
    waiter.refusals = refused ? waiter.refusals + 1 : 0;
    if (waiter.onListError === "fail" || waiter.refusals >= MOST_REFUSALS)
      this.#end(waiter, waiter.listError);
    else waiter.onFailedList?.(waiter.listError);
  }

  #expire(waiter: Waiter<T>): void {
    if (!this.#waiters.has(waiter) || this.#clock.now() < waiter.deadline) return;
    const seconds = Math.round((this.#clock.now() - waiter.since) / 1000);
    const seen = waiter.lastSeen?.() ?? "";
    const cause =
      waiter.listError === undefined ? "" : `; the last list failed: ${waiter.listError.message}`;
    this.#end(
      waiter,
      new WaitTimeoutError(
        `${waiter.what}: gave up after ${seconds} s${seen && `, ${seen}`}${cause}`,
      ),
    );
  }

  #end(waiter: Waiter<T>, error: unknown): void {
    this.#remove(waiter);
    waiter.reject(error);
  }

  #remove(waiter: Waiter<T>): void {
    this.#waiters.delete(waiter);
    waiter.ended.abort();
  }
}
