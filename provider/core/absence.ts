/** How the vendor's lists prove that something is there, or is not: they can lag, and one proves nothing. */
import { now } from "../time";
import type { Limit } from "./operation";
import type { PollLoop } from "./pollLoop";

/** For how long, and in how many valid lists in a row, a thing must be missing. */
export interface Needed {
  readonly lists: number;
  readonly ms: number;
}

/** For a look at what is there now. */
export const NEXT_LIST: Needed = { lists: 1, ms: 0 };
/** What the vendor agreed to delete is gone. */
export const DELETED: Needed = { lists: 3, ms: 0 };
/** What the vendor refused as too many calls was not carried out. */
export const NOT_TAKEN: Needed = { lists: 3, ms: 1_000 };
/** What was listed before is gone, or what was refused as busy was not carried out. */
export const LOST: Needed = { lists: 3, ms: 30_000 };
/** An order whose answer was lost was never carried out. */
export const NEVER_MADE: Needed = { lists: 5, ms: 120_000 };

/** Counts the lists that lack something. */
export class Absence {
  readonly #needed: Needed;
  #lists = 0;
  #since = now();

  constructor(needed: Needed) {
    this.#needed = needed;
  }

  /** Counts one valid list. Returns whether the absence is certain now. */
  isCertain(isListed: boolean): boolean {
    this.#lists = isListed ? 0 : this.#lists + 1;
    if (isListed) this.#since = now();
    return isEnough(this.#needed, this.#lists, this.#since);
  }
}

/**
 * Remembers which ids the lists of one account showed, so that the lists of one window prove the
 * absence of many things at once.
 */
export class Sightings {
  readonly #lastSeen = new Map<string, number>();
  readonly #listedAt: number[] = [];

  /** Notes what a list shows. */
  note(ids: readonly string[]): void {
    const at = now();
    this.#listedAt.push(at);
    for (const id of ids) this.#lastSeen.set(id.toLowerCase(), at);
  }

  /** Whether enough lists in a row lacked the id. */
  isAbsent(id: string, needed: Needed): boolean {
    const seenAt = this.#lastSeen.get(id.toLowerCase()) ?? Number.NEGATIVE_INFINITY;
    const without = this.#listedAt.filter((at) => at > seenAt);
    return isEnough(needed, without.length, without[0] ?? now());
  }
}

function isEnough({ lists, ms }: Needed, count: number, since: number): boolean {
  return count >= lists && now() - since >= ms;
}

/** What is looked for in lists. */
export interface Search<T> {
  /** What is done, for the message of a time-out. */
  readonly what: string;
  readonly isWanted: (thing: T) => boolean;
  /** When to stop looking. */
  readonly needed: Needed;
  /**
   * `fail` ends the search at the first failed list, `wait` goes on to the deadline. Default: `wait`
   * where more than the next list is needed.
   */
  readonly onListError?: "wait" | "fail";
}

/** The wanted things in the first list that has some; none once their absence is proven. */
export async function lookUp<T>(
  limit: Limit,
  loop: PollLoop<T>,
  { what, isWanted, needed, onListError = needed === NEXT_LIST ? "fail" : "wait" }: Search<T>,
): Promise<readonly T[]> {
  const absence = new Absence(needed);
  const look = (things: readonly T[]): readonly T[] | undefined => {
    const found = things.filter(isWanted);
    return found.length > 0 || absence.isCertain(false) ? found : undefined;
  };
  return loop.until(limit, look, { what, onListError });
}
