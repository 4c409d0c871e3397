import { backOff } from "exponential-backoff";

import { now, sleep } from "../time";
import { CdsApiError, CdsConnectionError, CdsError } from "../vendor/errors";
import { hasId, sameId } from "../vendor/ids";
import {
  Absence,
  DELETED,
  LOST,
  lookUp,
  NEVER_MADE,
  NEXT_LIST,
  NOT_TAKEN,
  type Needed,
} from "./absence";
import {
  CancelledError,
  emptyOnVendorError,
  UnsettledOrderError,
  WaitTimeoutError,
} from "./errors";
import type { Operation } from "./operation";
import type { PollLoop } from "./pollLoop";

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
  if (isThrottled) await sleep(AFTER_LOOK_MS, signal);
  return done;
}

/** What the lists show of an order. */
export interface Found<T> {
  /** What it made. */
  readonly ours: readonly T[];
  /** What it or somebody else made. */
  readonly doubtful: readonly T[];
}

/** Something that must be ordered exactly once. */
export interface Order<T> {
  readonly what: string;
  /** Sends the order. Returns what it made, as far as the answer tells. */
  readonly send: (timeoutMs: number) => Promise<readonly T[]>;
  /** Looks for what it made until enough lists lack it. */
  readonly find: (needed: Needed) => Promise<Found<T>>;
  /** Throws where the lists show something for which a refused order must not be sent again. */
  readonly refuse?: (doubtful: T) => void;
  /** The message where nothing tells whether it was carried out. */
  readonly unsettled: (doubtful: readonly T[]) => string;
}

/**
 * Orders once, whatever the answer looks like, and returns what the order made: what the answer
 * tells, or what the lists show. Throws an {@link UnsettledOrderError} where neither tells it.
 */
export async function orderOnce<T>(operation: Operation, order: Order<T>): Promise<readonly T[]> {
  const { what, send, find, refuse, unsettled } = order;
  const sent: { once: boolean; unproven?: CdsError | undefined } = { once: false };
  const sending = sendUntilTaken(operation, {
    what,
    isHarmlessTwice: false,
    send: (timeoutMs) => {
      sent.once = true;
      return send(timeoutMs).catch((error: unknown) => {
        sent.unproven = isBusy(error) ? error : undefined;
        throw error;
      });
    },
    alreadyDone: async (refusal) => {
      // Too many calls are refused before anything is done; that the vendor is busy is less clear.
      const { ours, doubtful } = await find(isBusy(refusal) ? LOST : NOT_TAKEN);
      if (ours.length > 0) return ours;
      const [first] = doubtful;
      if (refuse !== undefined && first !== undefined) {
        if (isBusy(refusal)) throw unsettledOrder(unsettled(doubtful), refusal);
        refuse(first);
      }
      sent.unproven = undefined;
      return undefined;
    },
  });
  const outcome = await sending.catch((error: unknown) => {
    const isCancelled = sent.once && error instanceof CancelledError;
    if (isCancelled || error instanceof CdsError) return error;
    // The time was over before lists could prove that a busy vendor had not carried it out.
    if (error instanceof WaitTimeoutError && sent.unproven !== undefined)
      throw unsettledOrder(unsettled([]), sent.unproven);
    throw error;
  });
  if (!(outcome instanceof Error) && outcome.length > 0) return outcome;
  return lookAfterwards(operation, order, outcome instanceof Error ? outcome : undefined);
}

/** @param doubt The answer to the order; undefined where the vendor took it. */
async function lookAfterwards<T>(
  operation: Operation,
  { what, find, unsettled }: Order<T>,
  doubt: Error | undefined,
): Promise<readonly T[]> {
  const isRefusal = doubt instanceof CdsError && !doubt.ambiguous;
  // A refusal may come from a gateway behind the vendor's answer, so that one list is looked at.
  const needed = isRefusal ? NEXT_LIST : neededAfter(doubt);
  if (doubt !== undefined && !isRefusal)
    operation.report(`looking for what was ordered, ${needed.ms / 1_000} seconds at most`);
  const { ours, doubtful } = await find(needed).catch(nothingOnVendorError);
  if (ours.length > 0) return ours;
  if (isRefusal) {
    // Whoever has to look for it needs its name.
    doubt.message = `${what}: ${doubt.message}`;
    throw doubt;
  }
  throw unsettledOrder(unsettled(doubtful), doubt);
}

function unsettledOrder(text: string, doubt: Error | undefined): UnsettledOrderError {
  const answer = doubt === undefined ? "" : ` The answer to the order: ${doubt.message}`;
  return new UnsettledOrderError(`${text}${answer}`);
}

function isBusy(error: unknown): error is CdsApiError {
  return error instanceof CdsApiError && error.postponed && !error.isThrottled;
}

function neededAfter(doubt: Error | undefined): Needed {
  const isRefused = doubt instanceof CdsApiError && doubt.refusalInDoubt;
  return isRefused ? LOST : NEVER_MADE;
}

function nothingOnVendorError(error: unknown): Found<never> {
  return { ours: emptyOnVendorError(error), doubtful: [] };
}

/** What is deleted: an instance, or the entries of backups. */
export interface Deletion<T> {
  /** For messages. */
  readonly what: string;
  /** Those of a kind take about the same time. */
  readonly kind: "deletion" | "backup deletion";
  readonly ids: ReadonlySet<string>;
  /** Lists them while they are there. */
  readonly loop: PollLoop<T>;
  readonly idOf: (thing: T) => string;
  readonly send: (id: string, timeoutMs: number) => Promise<void>;
}

/** What showed that there was something to delete. */
export interface Deleted {
  /** Whether the vendor took a delete. */
  readonly wasTaken: boolean;
  /** Whether a list showed any of them meanwhile. */
  readonly wasListed: boolean;
}

/** Deletes them and waits until they are gone. */
export async function deleteAll<T extends { readonly status: string }>(
  operation: Operation,
  deletion: Deletion<T>,
): Promise<Deleted> {
  const taken: boolean[] = [];
  for (const id of deletion.ids) taken.push(await deleteOne(operation, deletion, id));
  const wasListed = await waitAbsent(operation, deletion, taken.every(Boolean) ? DELETED : LOST);
  return { wasTaken: taken.includes(true), wasListed };
}

/** Sends a delete until the vendor takes it. Returns false where there was nothing to delete. */
async function deleteOne<T>(
  operation: Operation,
  { what, loop, idOf, send }: Deletion<T>,
  id: string,
): Promise<boolean> {
  const search = { what: `deleting ${what}`, isWanted: (thing: T) => sameId(idOf(thing), id) };
  const find = async (needed: Needed): Promise<T | undefined> => {
    const found = await lookUp(operation, loop, { ...search, needed, onListError: "fail" });
    return found[0];
  };
  const isTaken = (spelt: string): Promise<boolean> =>
    sendUntilTaken(operation, {
      what: search.what,
      isHarmlessTwice: true,
      send: (timeoutMs) => send(spelt, timeoutMs).then(() => true, falseIfNotFound),
      alreadyDone: async () => ((await find(DELETED)) === undefined ? false : undefined),
    });
  if (await isTaken(id)) return true;
  const listed = await find(NEXT_LIST);
  // A list may have written the id in another case when it was taken over.
  return listed !== undefined && idOf(listed) !== id && isTaken(idOf(listed));
}

function falseIfNotFound(error: unknown): false {
  if (error instanceof CdsApiError && error.isNotFound) return false;
  throw error;
}

/** Waits until so many lists show none of them. Returns whether one showed any. */
async function waitAbsent<T extends { readonly status: string }>(
  operation: Operation,
  { what, kind, ids, loop, idOf }: Deletion<T>,
  needed: Needed,
): Promise<boolean> {
  const { account } = operation;
  const absence = new Absence(needed);
  const since = now();
  const others = account.othersTook(kind);
  let wasListed = false;
  let status = "";
  let goneAt: number | undefined;
  const look = (things: readonly T[]): "gone" | undefined => {
    const left = things.find((thing) => hasId(ids, idOf(thing)));
    goneAt = left === undefined ? (goneAt ?? now()) : undefined;
    status = left?.status ?? "gone";
    operation.report(left === undefined ? status : `${status}${others}`);
    wasListed ||= left !== undefined;
    return absence.isCertain(left !== undefined) ? "gone" : undefined;
  };
  await loop.until(operation, look, {
    what: `waiting for ${what} to be gone`,
    kind,
    onFailedList: reportRetry(operation),
    lastSeen: () => `last status: ${status}`,
    isEnding: () => goneAt !== undefined,
  });
  account.noteDuration(kind, (goneAt ?? now()) - since);
  await operation.shown();
  return wasListed;
}

/** Shows on the resource's row that a call failed and is sent again by itself, without the advice for people. */
export function reportRetry(operation: Operation): (error: Error) => void {
  return (error) => {
    operation.report(`trying again: ${error instanceof CdsError ? error.fact : error.message}`);
  };
}
