import type { Clock } from "./clock";

/** For how long, and in how many valid lists in a row, a thing must be missing. */
export interface Needed {
  readonly lists: number;
  readonly ms: number;
}

/** To count what was there as gone, and what the vendor refused as not carried out. */
export const GONE: Needed = { lists: 3, ms: 0 };
/** To give up what is being delivered: the vendor doesn't say how fresh its lists are. */
export const LOST: Needed = { lists: 3, ms: 30_000 };
/** To take what may have been ordered as never carried out. */
export const NEVER_MADE: Needed = { lists: 5, ms: 120_000 };

/** Counts the lists that lack something: one list proves nothing. */
export class Absence {
  readonly #clock: Clock;
  readonly #needed: Needed;
  #lists = 0;
  #since: number;

  constructor(clock: Clock, needed: Needed) {
    this.#clock = clock;
    this.#needed = needed;
    this.#since = clock.now();
  }

  /** Counts one valid list; whether the absence is certain now. */
  isCertain(isListed: boolean): boolean {
    if (isListed) {
      this.#lists = 0;
      this.#since = this.#clock.now();
      return false;
    }
    this.#lists += 1;
    return this.#lists >= this.#needed.lists && this.#clock.now() - this.#since >= this.#needed.ms;
  }
}
