/** A timer can't wait for longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Milliseconds for deadlines and durations. Unlike the wall clock (`Date.now()`, which only
 * signatures need) they never jump when somebody sets the clock.
 */
export function now(): number {
  return performance.now();
}

/** Waits this many milliseconds. Ends early, without an error, when the signal is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER_MS));
    signal?.addEventListener("abort", end);
  });
}
