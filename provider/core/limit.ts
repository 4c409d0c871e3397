import { now, sleep } from "../time";
import { CancelledError, WaitTimeoutError } from "./errors";

/** When work has to end. */
export interface Limit {
  /** On the clock of `now()`. */
  readonly deadline: number;
  /** Aborted when somebody cancels the work. */
  readonly signal: AbortSignal;
}

/** Settles as the task does; rejects with a {@link CancelledError} as soon as somebody cancels. */
export async function unlessCancelled<T>({ signal }: Limit, task: Promise<T>): Promise<T> {
  let stop: () => void = () => undefined;
  const cancelled = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(new CancelledError());
    };
    signal.addEventListener("abort", stop);
  });
  if (signal.aborted) stop();
  try {
    return await Promise.race([cancelled, task]);
  } finally {
    signal.removeEventListener("abort", stop);
    // Nobody waits for a task that lost the race.
    task.catch(() => undefined);
  }
}

/** Settles as the task does; rejects with a {@link WaitTimeoutError} at the deadline, or when somebody cancels. */
export async function withinLimit<T>(limit: Limit, task: Promise<T>, what: string): Promise<T> {
  const ended = new AbortController();
  const expired = sleep(limit.deadline - now(), ended.signal).then(() => {
    throw new WaitTimeoutError(`${what}: gave up, and nothing was begun`);
  });
  try {
    return await unlessCancelled(limit, Promise.race([task, expired]));
  } finally {
    ended.abort();
    expired.catch(() => undefined);
  }
}
