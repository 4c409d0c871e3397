import { DELETED, LOST } from "../core/absence";
import { requireSameOwner, type Owner } from "../core/account";
import { defined } from "../core/arguments";
import { messageOf, PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { deleteUntilTaken } from "../core/send";
import { deleteBackup } from "../vendor/actions/backups";
import { hasId, sameId } from "../vendor/actions/instances";
import { summaryOf, type BackupFile, type BackupSummary } from "./entries";
import { mayInstanceHaveShards } from "./shards";
import { surplusBackups, type BackupState } from "./state";
import { EntryLostError, listBackups, waitBackupAbsent, waitBackupFinished } from "./wait";

export interface Work {
  readonly id: string;
  readonly inputs: BackupState;
  /** The entries of the backup, as far as they are listed. */
  readonly latest: readonly BackupFile[];
  /** The backups before it. Default: none. */
  readonly earlier?: readonly BackupSummary[] | undefined;
  /** The account that showed it last. Default: that of this run. */
  readonly owner?: Owner | undefined;
}

/** One backup that is under way: waits for it, then deletes what is too much before it. */
export class BackupWork {
  readonly #operation: Operation;
  readonly #id: string;
  readonly #inputs: BackupState;
  readonly #earlier: readonly BackupSummary[];
  #latest: readonly BackupFile[];
  #owner: Owner;

  constructor(operation: Operation, { id, inputs, latest, earlier = [], owner }: Work) {
    this.#operation = operation;
    this.#id = id;
    this.#inputs = inputs;
    this.#latest = latest;
    this.#earlier = earlier;
    this.#owner = owner ?? operation.account.owner;
  }

  /** Returns the state. Whatever stops the work leaves all there is in the state. */
  async finish(mayGrow: boolean): Promise<BackupState> {
    await this.#wait(mayGrow).catch((error: unknown) => {
      // Another account than the one that showed it proves nothing.
      if (error instanceof EntryLostError)
        requireSameOwner(this.#owner, this.#operation.account.owner, `the backup ${this.#id}`);
      throw this.#partlyMade("started and kept in the stack's state, but not finished", error);
    });
    const surplus = surplusBackups(this.#inputs, this.#earlier);
    await this.#prune(surplus).catch((error: unknown) => {
      throw this.#partlyMade("finished, but earlier ones that are to go are not gone", error);
    });
    return this.#state(this.#earlier.filter((backup) => !surplus.includes(backup)));
  }

  async #wait(mayGrow: boolean): Promise<void> {
    const operation = this.#operation;
    const { instanceId } = this.#inputs;
    const shards = mayGrow
      ? { mayBeMany: await mayInstanceHaveShards(operation, instanceId), leastQuietMs: 0 }
      : undefined;
    const known = new Set(this.#latest.map((entry) => entry.backupId));
    this.#latest = await waitBackupFinished(operation, this.#inputs, { known, shards }, (seen) => {
      if (seen.length > 0) this.#owner = operation.account.owner;
      // Keep entries that a single list leaves out: lists can lag.
      const ids = seen.map((entry) => entry.backupId);
      this.#latest = [...this.#latest.filter((one) => !hasId(ids, one.backupId)), ...seen];
    });
  }

  async #prune(surplus: readonly BackupSummary[]): Promise<void> {
    const ids = surplus.flatMap(({ entries }) => entries.map((entry) => entry.backupId));
    if (ids.length === 0) return;
    this.#operation.report(`deleting ${surplus.length} earlier`);
    await deleteEntries(this.#operation, this.#inputs.instanceId, new Set(ids));
  }

  #state(earlier: readonly BackupSummary[]): BackupState {
    const state = { ...this.#inputs, ...summaryOf(this.#latest), earlier, __owner: this.#owner };
    return defined(state);
  }

  #partlyMade(what: string, error: unknown): PartlyMadeError {
    const again =
      error instanceof WaitTimeoutError
        ? ". Run `pulumi up` again: it goes on"
        : error instanceof EntryLostError
          ? ". Run `pulumi refresh`, then `pulumi up`"
          : "";
    return new PartlyMadeError(
      this.#id,
      this.#state(this.#earlier),
      `the backup ${this.#id} is ${what}: ${messageOf(error)}${again}`,
    );
  }
}

/** Deletes these entries and waits until they are gone. Returns whether the vendor knew any of them. */
export async function deleteEntries(
  operation: Operation,
  instanceId: string,
  ids: ReadonlySet<string>,
): Promise<boolean> {
  const { client } = operation.account;
  const find = async (id: string): Promise<string | undefined> => {
    const ids = (await listBackups(operation, instanceId)).map(({ backupId }) => backupId);
    return ids.find((one) => sameId(one, id));
  };
  const send = (id: string): Promise<"taken" | "absent"> =>
    deleteUntilTaken(operation, {
      what: `deleting the backup ${id}`,
      send: (timeoutMs) => deleteBackup(client, instanceId, id, timeoutMs),
      isGone: async () => (await find(id)) === undefined,
    });
  let wasTaken = false;
  for (const id of ids) {
    let outcome = await send(id);
    const listed = outcome === "taken" ? id : ((await find(id)) ?? id);
    // An older list may have written the id in another case.
    if (listed !== id) outcome = await send(listed);
    wasTaken ||= outcome === "taken";
  }
  const wasListed = await waitBackupAbsent(operation, instanceId, ids, wasTaken ? DELETED : LOST);
  return wasTaken || wasListed;
}
