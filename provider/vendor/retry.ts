import { backOff } from "exponential-backoff";

import { sleep } from "../time";
import { CdsApiError, CdsError } from "./errors";

/** How many times a read is sent before its error is passed on. */
const READ_ATTEMPTS = 4;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;
/** A longer `Retry-After` is not waited for: the caller has a deadline of its own. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Sends a read again after a failure that may pass, with exponential back-off and full jitter.
 * Only for calls that change nothing: never send a create through here.
 */
export async function retryRead<T>(send: () => Promise<T>): Promise<T> {
  return backOff(send, {
    numOfAttempts: READ_ATTEMPTS,
    startingDelay: FIRST_DELAY_MS,
    maxDelay: MAX_DELAY_MS,
    jitter: "full",
    retry: async (error: unknown, attempt: number) => {
      // Asked after the last attempt too, when there is nothing to wait for.
      if (attempt >= READ_ATTEMPTS) return false;
      if (!(error instanceof CdsError) || !error.transient) return false;
      const waitMs = (error instanceof CdsApiError ? error.retryAfterMs : undefined) ?? 0;
      if (waitMs > MAX_RETRY_AFTER_MS) return false;
      if (waitMs > 0) await sleep(waitMs);
      return true;
    },
  });
}
