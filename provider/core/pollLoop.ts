import { now, sleep } from "../time";
import { CdsApiError } from "../vendor/errors";
import { CancelledError, WaitTimeoutError } from "./errors";
import type { Limit } from "./limit";

/** Two lists are never closer than this, whoever waits. */
const LEAST_INTERVAL_MS = 25;
/** Within the minutes that deliveries take, nobody waits longer than this for what is there. */
const USUAL_INTERVAL_MS = 3_900;
/** After that, a list comes each eightieth of the time waited. */
const LATE_PART = 80;
const MOST_INTERVAL_MS = 15_000;
/** Between looks at what should be there already. */
const LOOK_INTERVAL_MS = 500;
const MOST_LOOK_INTERVAL_MS = 10_000;
/** A list that takes long costs both sides more: the next one waits twice that time, up to a second. */
const LIST_SHARE = 2;
const MOST_SHARE_MS = 1_000;
/** A list that hangs holds nobody for longer than this past the deadline. */
const OVERTIME_MS = 15_000;
/** The vendor will not accept a key by waiting that it refused this often in a row. */
const MOST_REFUSALS = 3;

/**
 * How long after a list the next one is due, by the time waited so far: 0.4 s × √(seconds), at most
 * 3.9 s for the first five minutes, and 15 s later. What is quick is noticed quickly, and what is
 * slow costs few lists.
 */
export function pollInterval(waitedMs: number): number {
  const most = Math.min(Math.max(USUAL_INTERVAL_MS, waitedMs / LATE_PART), MOST_INTERVAL_MS);
  const interval = 400 * Math.sqrt(Math.max(waitedMs, 0) / 1_000);
  return Math.round(Math.min(Math.max(interval, LEAST_INTERVAL_MS), most));
}

/** How long after a list the next one is due that confirms the end: a quarter of the time it took, at most 0.5 s. */
export function confirmInterval(tookMs: number): number {
  return Math.round(Math.min(Math.max(tookMs / 4, LEAST_INTERVAL_MS), LOOK_INTERVAL_MS));
}

/** How long after a list the next look at what should be there already is due: half the time looked so far. */
export function lookInterval(lookedMs: number): number {
  return Math.round(Math.min(Math.max(lookedMs / 2, LOOK_INTERVAL_MS), MOST_LOOK_INTERVAL_MS));
}

export interface WaitOptions {
  /** What is waited for, for the message of a time-out. */
  readonly what: string;
  /**
   * What kind of thing is waited for, such as `delivery`. The longest wait of a kind sets the pace
   * for all of it. Without a kind it is a look at what should be there already.
   */
  readonly kind?: string;
  /** What was seen last, for the message of a time-out. */
  readonly lastSeen?: () => string;
  /** Called with the error of each failed list while the wait goes on. */
  readonly onFailedList?: (error: Error) => void;
  /** `fail` ends the wait at the first failed list. Default: the wait goes on to the deadline. */
  readonly onListError?: "wait" | "fail";
  /** Whether a list showed the end already, which the next lists only confirm. */
  readonly isEnding?: () => boolean;
  /** A list that began at most so many milliseconds ago is shown first. Default: none. */
  readonly maxAgeMs?: number;
}

interface Waiter<T> extends WaitOptions {
  readonly limit: Limit;
  readonly since: number;
  readonly ended: AbortController;
  hasLooked: boolean;
  listError: Error | undefined;
  refusals: number;
  /** Whether the wait is over. */
  look(items: readonly T[]): boolean;
  reject(error: unknown): void;
}

/**
 * Lists things again and again for everybody who waits for one of them, and rests while nobody
 * does. A list that began before somebody started to wait is not shown to them.
 */
export class PollLoop<T> {
  readonly #list: () => Promise<readonly T[]>;
  readonly #waiters = new Set<Waiter<T>>();
  #isRunning = false;
  #listedAt = Number.NEGATIVE_INFINITY;
  /** How long the last list took. */
  #listMs = 0;
  /** The last list that did not fail, and when it began. */
  #latest: { readonly items: readonly T[]; readonly at: number } | undefined;
  #wake = new AbortController();

  constructor(list: () => Promise<readonly T[]>) {
    this.#list = list;
  }

  /**
   * Shows each list to `look` until it returns something, and returns that. Rejects with what
   * `look` throws, with a {@link WaitTimeoutError} at the deadline, or with a {@link CancelledError}.
   */
  async until<R>(
    limit: Limit,
    look: (items: readonly T[]) => R | undefined,
    options: WaitOptions,
  ): Promise<R> {
    if (limit.signal.aborted) throw new CancelledError();
    const known = options.maxAgeMs === undefined ? undefined : this.recent(options.maxAgeMs);
    const shown = known === undefined ? undefined : look(known);
    if (shown !== undefined) return shown;
    return new Promise<R>((resolve, reject) => {
      const waiter: Waiter<T> = {
        ...options,
        limit,
        since: now(),
        ended: new AbortController(),
        hasLooked: false,
        listError: undefined,
        refusals: 0,
        look: (items) => {
          const result = look(items);
          if (result !== undefined) resolve(result);
          return result !== undefined;
        },
        reject,
      };
      this.#waiters.add(waiter);
      void this.#guard(waiter);
      this.#wake.abort();
      if (!this.#isRunning) void this.#run();
    });
  }

  /** The last list, where it began at most so many milliseconds ago. */
  recent(maxAgeMs: number): readonly T[] | undefined {
    const { items, at = Number.NEGATIVE_INFINITY } = this.#latest ?? {};
    return now() - at <= maxAgeMs ? items : undefined;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Lets all that start to wait together be served by one list.
    await sleep(0);
    while (this.#waiters.size > 0) {
      await this.#rest();
      const served = [...this.#waiters];
      if (served.length === 0) break;
      const at = now();
      this.#listedAt = at;
      const outcome = await this.#list().then(
        (items) => ({ items }),
        (error: unknown) => ({ error }),
      );
      this.#listMs = now() - at;
      if ("items" in outcome) this.#latest = { items: outcome.items, at };
      for (const waiter of served.filter((one) => this.#waiters.has(one)))
        if ("items" in outcome) this.#show(waiter, outcome.items);
        else this.#fail(waiter, outcome.error);
    }
    this.#isRunning = false;
  }

  /** Waits until the next list is due; somebody new may need it sooner. */
  async #rest(): Promise<void> {
    for (;;) {
      this.#wake = new AbortController();
      const rest = this.#listedAt + this.#interval() - now();
      if (!(rest > 0) || this.#waiters.size === 0) return;
      await sleep(rest, this.#wake.signal);
    }
  }

  #interval(): number {
    const since = new Map<string, number>();
    for (const { kind, since: own } of this.#waiters)
      if (kind !== undefined) since.set(kind, Math.min(since.get(kind) ?? own, own));
    const intervals = [...this.#waiters].map((waiter) => {
      const { kind, since: own } = waiter;
      if (waiter.isEnding?.() === true) return confirmInterval(this.#listedAt - own);
      if (kind !== undefined) return pollInterval(this.#listedAt - (since.get(kind) ?? own));
      return lookInterval(this.#listedAt - own);
    });
    return Math.max(Math.min(...intervals), Math.min(LIST_SHARE * this.#listMs, MOST_SHARE_MS));
  }

  /** Ends the wait at its deadline, or as soon as it is cancelled. */
  async #guard(waiter: Waiter<T>): Promise<void> {
    const { limit, ended } = waiter;
    const stop = AbortSignal.any([limit.signal, ended.signal]);
    await sleep(limit.deadline - now(), stop);
    // Whoever starts to wait late is shown one list all the same.
    if (!waiter.hasLooked) await sleep(OVERTIME_MS, stop);
    if (limit.signal.aborted) this.#end(waiter, new CancelledError());
    else this.#end(waiter, timeoutOf(waiter));
  }

  #show(waiter: Waiter<T>, items: readonly T[]): void {
    waiter.hasLooked = true;
    waiter.listError = undefined;
    waiter.refusals = 0;
    try {
      if (waiter.look(items)) this.#remove(waiter);
      else this.#expire(waiter);
    } catch (error) {
      this.#end(waiter, error);
    }
  }

  #fail(waiter: Waiter<T>, error: unknown): void {
    waiter.hasLooked = true;
    waiter.listError = error instanceof Error ? error : new Error(String(error));
    const isRefused = error instanceof CdsApiError && error.isUnauthorized;
    waiter.refusals = isRefused ? waiter.refusals + 1 : 0;
    if (waiter.onListError === "fail" || waiter.refusals >= MOST_REFUSALS)
      this.#end(waiter, waiter.listError);
    else {
      waiter.onFailedList?.(waiter.listError);
      this.#expire(waiter);
    }
  }

  #expire(waiter: Waiter<T>): void {
    if (now() >= waiter.limit.deadline) this.#end(waiter, timeoutOf(waiter));
  }

  #end(waiter: Waiter<T>, error: unknown): void {
    if (!this.#waiters.has(waiter)) return;
    this.#remove(waiter);
    waiter.reject(error);
  }

  #remove(waiter: Waiter<T>): void {
    this.#waiters.delete(waiter);
    waiter.ended.abort();
  }
}

function timeoutOf({
  what,
  since,
  lastSeen,
  listError,
}: Pick<Waiter<unknown>, "what" | "since" | "lastSeen" | "listError">): WaitTimeoutError {
  const seconds = Math.round((now() - since) / 1_000);
  const seen = lastSeen?.() ?? "";
  const cause = listError === undefined ? "" : `; the last list failed: ${listError.message}`;
  return new WaitTimeoutError(`${what}: gave up after ${seconds} s${seen && `, ${seen}`}${cause}`);
}
