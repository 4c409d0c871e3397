import { backOff } from "exponential-backoff";

import { CdsApiError, CdsConnectionError, CdsError } from "../vendor/errors";
import type { Clock } from "./clock";
import { WaitTimeoutError } from "./waiter";

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 10_000;
/** An address that can't be reached so often in a row is no matter of waiting. */
const MOST_UNREACHABLE = 5;
/** A call that begins just before the deadline is given this long. */
const LEAST_CALL_MS = 5_000;

export interface Sending<T> {
  /** Sends the call once, giving it at most so many milliseconds. */
  readonly send: (timeoutMs: number) => Promise<T>;
  /** When to give up, on the clock. */
  readonly deadline: number;
  /** What is done, for the message of a time-out. */
  readonly what: string;
  /** Looks, before the call is sent again, whether what it is for has come true meanwhile. */
  readonly alreadyDone: () => Promise<T | undefined>;
  /** Whether sending it twice does no harm, so that an unclear answer is no reason to stop. */
  readonly harmlessTwice: boolean;
  /** Told why it will be sent again. */
  readonly onAgain: (error: CdsError) => void;
}

/**
 * Sends a write until the vendor takes it. What the vendor certainly did not carry out (busy, too
 * many calls) is sent again with back-off until the deadline, each time after a look; what could not
 * be sent at all a few times only.
 * Everything else is thrown as it came.
 */
export async function sendUntilTaken<T>(clock: Clock, sending: Sending<T>): Promise<T> {
  const { deadline, what } = sending;
  let last: CdsError | undefined;
  let unreachable = 0;
  const attempt = async (): Promise<T> => {
    if (last !== undefined) {
      const reason = `${what}: gave up. ${last.message}`;
      if (clock.now() >= deadline) throw new WaitTimeoutError(reason);
      const done = await sending.alreadyDone().catch((error: unknown) => {
        throw error instanceof WaitTimeoutError ? new WaitTimeoutError(reason) : error;
      });
      if (done !== undefined) return done;
    }
    return sending.send(Math.max(deadline - clock.now(), LEAST_CALL_MS));
  };
  return backOff(attempt, {
    numOfAttempts: Number.POSITIVE_INFINITY,
    startingDelay: FIRST_DELAY_MS,
    maxDelay: MAX_DELAY_MS,
    jitter: "full",
    retry: async (error: unknown) => {
      if (!(error instanceof CdsError)) return false;
      const isDoubtful = error instanceof CdsApiError && error.refusalInDoubt;
      const mayRepeat = sending.harmlessTwice && error.ambiguous && !isDoubtful;
      if (!error.postponed && !mayRepeat) return false;
      unreachable = error instanceof CdsConnectionError && error.postponed ? unreachable + 1 : 0;
      if (unreachable >= MOST_UNREACHABLE) return false;
      last = error;
      sending.onAgain(error);
      const wait = error instanceof CdsApiError ? (error.retryAfterMs ?? 0) : 0;
      const left = deadline - clock.now();
      await clock.sleep(Math.min(wait, Math.max(left, 0)));
      return true;
    },
  });
}
