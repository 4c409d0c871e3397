import { now } from "../time";

/** For how long, and in how many valid lists in a row, a thing must be missing. */
export interface Needed {
  readonly lists: number;
  readonly ms: number;
}

/** What the vendor agreed to delete is gone. */
export const DELETED: Needed = { lists: 3, ms: 0 };
/** What the vendor refused as too many calls was not carried out. */
export const NOT_TAKEN: Needed = { lists: 3, ms: 1_000 };
/** What was listed before is gone, or what was refused as busy was not carried out: lists can lag. */
export const LOST: Needed = { lists: 3, ms: 30_000 };
/** An order whose answer was lost was never carried out. */
export const NEVER_MADE: Needed = { lists: 5, ms: 120_000 };

/** Counts the lists that lack something: one list proves nothing. */
export class Absence {
  readonly #needed: Needed;
  #lists = 0;
  #since: number;

  constructor(needed: Needed) {
    this.#needed = needed;
    this.#since = now();
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
