import { backOff } from "exponential-backoff";

import { now, sleep } from "../time";
import { CdsApiError, CdsConnectionError, CdsError } from "../vendor/errors";
import { WaitTimeoutError } from "./errors";
import type { Operation } from "./operation";

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 10_000;
/** Waiting does not help with an address that can't be reached so often in a row. */
const MOST_UNREACHABLE = 5;
/** Between a look and the call that was one too many. */
const AFTER_LOOK_MS = 1_100;
/** A call that begins just before the deadline is given this long. */
const LEAST_CALL_MS = 5_000;

export interface Sending<T> {
  /** What is done, for the message of a time-out. */
  readonly what: string;
  /** Sends the call once, giving it at most so many milliseconds. */
  readonly send: (timeoutMs: number) => Promise<T>;
  /** Looks, before the call is sent again, whether the refused call was carried out all the same. */
  readonly alreadyDone: (refusal: CdsError) => Promise<T | undefined>;
  /** Whether sending it twice does no harm, so that an unclear answer is no reason to stop. */
  readonly isHarmlessTwice: boolean;
}

/**
 * Sends a write until the vendor takes it. A call that the vendor certainly did not carry out (busy,
 * too many calls) is sent again with back-off until the deadline, each time after a look. A call
 * that could not be sent at all is tried a few times. Every other error is thrown as it came.
 */
export async function sendUntilTaken<T>(operation: Operation, sending: Sending<T>): Promise<T> {
  const { deadline, signal } = operation;
  let last: CdsError | undefined;
  let unreachable = 0;
  const attempt = async (): Promise<T> => {
    operation.throwIfCancelled();
    const done = last === undefined ? undefined : await lookBefore(operation, sending, last);
    return done ?? sending.send(Math.max(deadline - now(), LEAST_CALL_MS));
  };
  const retry = async (error: unknown): Promise<boolean> => {
    if (!(error instanceof CdsError) || signal.aborted) return false;
    // A key that is refused is not let in by sending the call again.
    const isRefused = error instanceof CdsApiError && error.isUnauthorized;
    const isSentAgain = sending.isHarmlessTwice && error.ambiguous && !isRefused;
    if (!error.postponed && !isSentAgain) return false;
    unreachable = error instanceof CdsConnectionError && error.postponed ? unreachable + 1 : 0;
    if (unreachable >= MOST_UNREACHABLE) return false;
    last = error;
    reportRetry(operation)(error);
    const wait = error instanceof CdsApiError ? (error.retryAfterMs ?? 0) : 0;
    await sleep(Math.min(wait, deadline - now()), signal);
    return true;
  };
  const sent = backOff(attempt, {
    numOfAttempts: Number.POSITIVE_INFINITY,
    startingDelay: FIRST_DELAY_MS,
    maxDelay: MAX_DELAY_MS,
    jitter: "full",
    retry,
  });
  return operation.unlessCancelled(sent);
}

async function lookBefore<T>(
  { deadline, signal }: Operation,
  { what, alreadyDone }: Sending<T>,
  refusal: CdsError,
): Promise<T | undefined> {
  const tooLate = new WaitTimeoutError(`${what}: gave up. ${refusal.message}`);
  if (now() >= deadline) throw tooLate;
  const done = await alreadyDone(refusal).catch((error: unknown) => {
    throw error instanceof WaitTimeoutError ? tooLate : error;
  });
  // The lists of the look must not use up the calls that the vendor allows in a second.
  const isThrottled = refusal instanceof CdsApiError && refusal.isThrottled;
  if (done === undefined && isThrottled) await sleep(AFTER_LOOK_MS, signal);
  return done;
}

/** What is deleted, and how to see that it is gone. */
export interface Deletion {
  readonly what: string;
  readonly send: (timeoutMs: number) => Promise<void>;
  readonly isGone: () => Promise<boolean>;
}

/** Sends a delete until the vendor takes it. Returns `absent` where there was nothing to delete. */
export async function deleteUntilTaken(
  operation: Operation,
  { what, send, isGone }: Deletion,
): Promise<"taken" | "absent"> {
  return sendUntilTaken<"taken" | "absent">(operation, {
    what,
    isHarmlessTwice: true,
    send: async (timeoutMs) => {
      try {
        await send(timeoutMs);
        return "taken";
      } catch (error) {
        if (error instanceof CdsApiError && error.isNotFound) return "absent";
        throw error;
      }
    },
    alreadyDone: async () => ((await isGone()) ? "absent" : undefined),
  });
}

/** Shows on the resource's row that a call failed and is sent again by itself, without the advice for people. */
export function reportRetry(operation: Operation): (error: Error) => void {
  return (error) => {
    operation.report(`trying again: ${error instanceof CdsError ? error.fact : error.message}`);
  };
}
