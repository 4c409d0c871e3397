import type { Durations } from "./durations";

/** Two lists are never closer than this, whoever waits; see also {@link leastInterval}. */
const LEAST_INTERVAL_MS = 25;
export const MAX_INTERVAL_MS = 15_000;
/** Between looks at what should be there already, or is seen to go. */
export const CLOSE_INTERVAL_MS = 500;
/** Less for what went quickly: this part of the time it took. */
const CLOSE_PART = 0.25;
/** A list is asked for again after this many times the time it takes itself, as a long one costs both sides more. */
const LIST_SHARE = 5;
/** But a list that hung once doesn't hold up the next. */
const MAX_SHARE_MS = 2_000;
/** Before anything is known, the interval is this part of the time waited so far. */
const GROWTH = 0.7;
/** Near the expected end: this part of the longest time seen, so that what is quick is seen quickly. */
const NEAR_PART = 0.05;
/** And never more than this, so that nobody waits 4 s for what is there. */
const NEAR_INTERVAL_MS = 3_600;
/** The expected end is between these parts of the shortest and the longest time seen. */
const FROM_PART = 0.7;
const TO_PART = 1.3;
/** When deliveries end that nothing was learnt about: they take minutes. */
const UNSEEN_FROM_MS = 120_000;
const UNSEEN_TO_MS = 300_000;

/**
 * How long after a list the next one is due for somebody who had waited so long then.
 *
 * @param seen What the like of it took in this process; not there for a look that expects nothing.
 */
export function intervalAfter(waitedMs: number, seen: Durations | undefined): number {
  const growing = between(LEAST_INTERVAL_MS, waitedMs * GROWTH, MAX_INTERVAL_MS);
  if (seen === undefined) return Math.max(growing, CLOSE_INTERVAL_MS);
  const { shortest, longest } = seen;
  if (shortest === undefined || longest === undefined) {
    const isDue = waitedMs >= UNSEEN_FROM_MS && waitedMs < UNSEEN_TO_MS;
    return isDue ? NEAR_INTERVAL_MS : growing;
  }
  const near = between(LEAST_INTERVAL_MS, longest * NEAR_PART, NEAR_INTERVAL_MS);
  const early = shortest * FROM_PART - waitedMs;
  if (early > near) return between(near, early, MAX_INTERVAL_MS);
  const late = waitedMs - longest * TO_PART;
  return between(near, late * GROWTH, MAX_INTERVAL_MS);
}

/** How long after a list the next one is due for somebody who saw there the first sign of the end. */
export function intervalAtEnd(tookMs: number): number {
  return between(LEAST_INTERVAL_MS, tookMs * CLOSE_PART, CLOSE_INTERVAL_MS);
}

/** How long after a list that took so long the next one is due at the earliest. */
export function leastInterval(listMs: number): number {
  return between(LEAST_INTERVAL_MS, listMs * LIST_SHARE, MAX_SHARE_MS);
}

/** In whole milliseconds: a timer can't wait for less. */
function between(least: number, value: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most));
}
