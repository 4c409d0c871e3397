/**
 * Milliseconds for deadlines and durations. Unlike the wall clock (`Date.now()`, which only
 * signatures need) they never jump when somebody sets the clock.
 */
export function now(): number {
  return performance.now();
}

/** As much of a time as a timer can wait for. */
export function timerMs(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, 0), 2 ** 31 - 1);
}

/** Waits this many milliseconds. Ends early, without an error, when the signal is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, timerMs(milliseconds));
    signal?.addEventListener("abort", end);
    if (signal?.aborted === true) end();
  });
}

/** Returns a signal that is aborted at this time of `now()`, with a `TimeoutError` as its reason. */
export function signalAt(deadline: number): AbortSignal {
  const late = new AbortController();
  // The timer holds the signal. That of `AbortSignal.timeout` may be collected, and then ends nothing.
  setTimeout(
    () => {
      late.abort(new DOMException("the time is over", "TimeoutError"));
    },
    timerMs(deadline - now()),
  ).unref();
  return late.signal;
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of a duration as Pulumi writes it (`90s`, `1h30m`, `1d`); undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit = ""] of text.matchAll(/([\d.]+)([a-z]+)/g))
    sum += Number(count) * (UNIT_MS[unit] ?? 0);
  return sum;
}
