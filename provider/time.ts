/** A timer can't wait for longer. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

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

/** Returns a signal that is aborted at this time of `now()`, with a `TimeoutError` as its reason. */
export function signalAt(deadline: number): AbortSignal {
  const late = new AbortController();
  // The timer holds the signal. That of `AbortSignal.timeout` may be collected, and then ends nothing.
  const timer = setTimeout(
    () => {
      late.abort(new DOMException("the time is over", "TimeoutError"));
    },
    Math.min(Math.max(deadline - now(), 0), LONGEST_TIMER_MS),
  );
  timer.unref();
  return late.signal;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** The milliseconds of a duration as Pulumi writes it (`90s`, `1h30m`, `1d`); undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ""] ?? 0),
    0,
  );
}
