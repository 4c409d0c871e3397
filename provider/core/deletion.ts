import { now } from "../time";
import { hasId, sameId } from "../vendor/actions/instances";
import { CdsApiError } from "../vendor/errors";
import { Absence, DELETED, LOST, lookUp, NEXT_LIST, type Needed } from "./absence";
import type { Operation } from "./operation";
import type { PollLoop } from "./pollLoop";
import { reportRetry, sendUntilTaken } from "./send";

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

/** Deletes them and waits until they are gone. Returns whether the vendor knew any of them. */
export async function deleteAll<T extends { readonly status: string }>(
  operation: Operation,
  deletion: Deletion<T>,
): Promise<boolean> {
  let wasTaken = false;
  for (const id of deletion.ids) wasTaken = (await deleteOne(operation, deletion, id)) || wasTaken;
  const wasListed = await waitAbsent(operation, deletion, wasTaken ? DELETED : LOST);
  return wasTaken || wasListed;
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
  const look = (things: readonly T[]): true | undefined => {
    const left = things.find((thing) => hasId(ids, idOf(thing)));
    goneAt = left === undefined ? (goneAt ?? now()) : undefined;
    status = left?.status ?? "gone";
    operation.report(left === undefined ? status : `${status}${others}`);
    wasListed ||= left !== undefined;
    return absence.isCertain(left !== undefined) ? true : undefined;
  };
  await loop.until(operation, look, {
    what: `waiting for ${what} to be gone`,
    kind,
    onFailedList: reportRetry(operation),
    lastSeen: () => `last status: ${status}`,
    isEnding: () => goneAt !== undefined,
  });
  if (goneAt !== undefined) account.noteDuration(kind, goneAt - since);
  await operation.shown();
  return wasListed;
}
