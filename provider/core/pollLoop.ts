import { now, sleep } from "../time";
import { CdsApiError } from "../vendor/errors";
import { CancelledError, errorOf, WaitTimeoutError } from "./errors";
import { withinLimit, type Limit } from "./operation";

/** Two lists are never closer than this, whoever waits. */
const LEAST_INTERVAL_MS = 25;
/** A list that hangs holds nobody for longer than this past the deadline. */
export const OVERTIME_MS = 15_000;
/** The vendor will not accept a key by waiting that it refused this often in a row. */
const MOST_REFUSALS = 3;

/**
 * How long after a list the next one is due, by the time waited so far: 0.4 s × √(seconds), at most
 * 3.9 s. After five minutes the limit is an eightieth of the time waited, at most 15 s. What is quick
 * is noticed quickly, and what is slow costs few lists.
 */
export function pollInterval(waitedMs: number): number {
  const most = between(3_900, waitedMs / 80, 15_000);
  return between(LEAST_INTERVAL_MS, 400 * Math.sqrt(Math.max(waitedMs, 0) / 1_000), most);
}

/** How long after a list the next one is due that confirms the end: a quarter of the time it took, at most 0.5 s. */
export function confirmInterval(tookMs: number): number {
  return between(LEAST_INTERVAL_MS, tookMs / 4, 500);
}

/** How long after a list the next look at what should be there already is due: half the time looked so far. */
export function lookInterval(lookedMs: number): number {
  return between(500, lookedMs / 2, 10_000);
}

function between(least: number, milliseconds: number, most: number): number {
  return Math.round(Math.min(Math.max(milliseconds, least), most));
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

type Wait = WaitOptions & { readonly since: number };

/**
 * Lists things again and again for everybody who waits for one of them, and rests while nobody
 * does. A list that began before somebody started to wait is not shown to them.
 */
export class PollLoop<T> {
  readonly #list: () => Promise<readonly T[]>;
  readonly #waits = new Set<Wait>();
  /** The list that has not begun; undefined while nobody asks for one. */
  #next: Promise<PromiseSettledResult<readonly T[]>> | undefined;
  #begun: Promise<unknown> = Promise.resolve();
  #begunAt = Number.NEGATIVE_INFINITY;
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
    const known = this.recent(options.maxAgeMs ?? Number.NEGATIVE_INFINITY);
    const shown = known === undefined ? undefined : look(known);
    if (shown !== undefined) return shown;
    const wait = { ...options, since: now() };
    this.#waits.add(wait);
    try {
      return await this.#lookAtLists(limit, look, wait);
    } finally {
      this.#waits.delete(wait);
      this.#wake.abort();
    }
  }

  /** The last list, where it began at most so many milliseconds ago. */
  recent(maxAgeMs: number): readonly T[] | undefined {
    const { items, at = Number.NEGATIVE_INFINITY } = this.#latest ?? {};
    return now() - at <= maxAgeMs ? items : undefined;
  }

  async #lookAtLists<R>(
    { deadline, signal }: Limit,
    look: (items: readonly T[]) => R | undefined,
    wait: Wait,
  ): Promise<R> {
    let listError: Error | undefined;
    let refusals = 0;
    const tooLate = (): Error => timeoutOf(wait, listError);
    // Whoever starts to wait late is shown one list all the same.
    let patience = Math.max(deadline, now()) + OVERTIME_MS;
    do {
      const list = await withinLimit({ deadline: patience, signal }, this.#nextList(), tooLate);
      patience = deadline;
      if (list.status === "fulfilled") {
        listError = undefined;
        refusals = 0;
        const result = look(list.value);
        if (result !== undefined) return result;
      } else {
        listError = errorOf(list.reason);
        const isRefusal = listError instanceof CdsApiError && listError.isUnauthorized;
        refusals = isRefusal ? refusals + 1 : 0;
        if (wait.onListError === "fail" || refusals >= MOST_REFUSALS) throw listError;
        wait.onFailedList?.(listError);
      }
    } while (now() < deadline);
    throw tooLate();
  }

  /** The next list to begin, the same for all who ask before it does. */
  #nextList(): Promise<PromiseSettledResult<readonly T[]>> {
    this.#wake.abort();
    return (this.#next ??= this.#listWhenDue());
  }

  async #listWhenDue(): Promise<PromiseSettledResult<readonly T[]>> {
    await this.#begun;
    // Lets all that saw the last list, or start to wait together, be served by one list.
    await sleep(0);
    for (let rest = this.#rest(); rest > 0 && this.#waits.size > 0; rest = this.#rest()) {
      // Somebody new may need the list sooner.
      this.#wake = new AbortController();
      await sleep(rest, this.#wake.signal);
    }
    this.#next = undefined;
    // Everybody left: nobody sees this error.
    if (this.#waits.size === 0) throw new CancelledError();
    const at = now();
    const list = Promise.allSettled([this.#list()]);
    this.#begun = list;
    this.#begunAt = at;
    const [outcome] = await list;
    this.#listMs = now() - at;
    if (outcome.status === "fulfilled") this.#latest = { items: outcome.value, at };
    return outcome;
  }

  /** How long it is until somebody needs the next list. */
  #rest(): number {
    // Waits stand in the order in which they began: of each kind the first is noted last.
    const first = new Map([...this.#waits].reverse().map(({ kind, since }) => [kind, since]));
    const intervals = [...this.#waits].map(({ kind, since, isEnding }) => {
      if (isEnding?.() === true) return confirmInterval(this.#begunAt - since);
      if (kind === undefined) return lookInterval(this.#begunAt - since);
      return pollInterval(this.#begunAt - (first.get(kind) ?? since));
    });
    // A list that takes long costs both sides more: the next one waits twice that time, up to a second.
    const share = Math.min(2 * this.#listMs, 1_000);
    return this.#begunAt + Math.max(Math.min(...intervals), share) - now();
  }
}

function timeoutOf({ what, since, lastSeen }: Wait, listError: Error | undefined): Error {
  const seconds = Math.round((now() - since) / 1_000);
  const seen = lastSeen?.() ?? "";
  const cause = listError === undefined ? "" : `; the last list failed: ${listError.message}`;
  return new WaitTimeoutError(`${what}: gave up after ${seconds} s${seen && `, ${seen}`}${cause}`);
}
