/** The real ones, kept before they are replaced. */
const turn = setImmediate;
/** A task that waits for no timer for so many turns hangs. */
const IDLE_TURNS = 1_000;
const LAST_TURNS = 3;
/**
 * Time on the processor, which a busy machine does not take away from a test. It is below jest's own
 * limit for a test, which would leave the loop running.
 */
const LIMIT_MS = Number(process.env["VIRTUAL_TIME_LIMIT_MS"] ?? 50_000);

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Runs a task with timers that fire as soon as nothing else is left to do, in their order, so that
 * hours pass in milliseconds. Nothing in it may wait for a real socket or file.
 */
export async function inVirtualTime<T>(task: () => Promise<T>): Promise<T> {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
  try {
    const state = { ended: false };
    const result = task().finally(() => {
      state.ended = true;
    });
    // The caller sees the failure below.
    result.catch(() => undefined);
    const start = processorMs();
    for (let idle = 0; !state.ended && idle < IDLE_TURNS; idle += 1) {
      await new Promise<void>((resolve) => turn(resolve));
      if (processorMs() - start > LIMIT_MS) throw new Error("the task goes on and on");
      if (jest.getTimerCount() > 0) idle = 0;
      jest.advanceTimersToNextTimer();
    }
    if (!state.ended) throw new Error("the task waits for something that is no timer");
    return await result;
  } finally {
    // What still goes on when the task has ended is to set no real timer.
    for (let left = 0; left < LAST_TURNS; left += 1)
      await new Promise<void>((resolve) => turn(resolve));
    jest.useRealTimers();
  }
}
