import { z } from "zod";

import type { Owner } from "./account";
import { Absence, NEVER_MADE } from "./absence";
import { messageOf, UnsettledOrderError, WaitTimeoutError } from "./errors";
import type { Operation } from "./operation";
import type { PollLoop } from "./pollLoop";
import {
  stackOf,
  type OrderNote,
  type OrderNotes,
  type ReadStackRecord,
  type RecordedResource,
  type StackRecord,
} from "./records";

/** The input in which the dynamic face hands over the option `import`: such a create orders nothing. */
const IMPORT_INPUT = "__import";

/** The mark by which an order is known again. `check` puts it into the inputs of every resource. */
export type MarkedInputs = Readonly<Record<"__token", string>>;

/** In the state: marks of settled orders that the engine goes on recording. */
export type SettledOrders = Readonly<Partial<Record<"__settled", readonly string[]>>>;

export interface UnfinishedOrder {
  readonly token: string;
  /** What was ordered, without anything secret. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where it was ordered, where that is noted. */
  readonly owner?: Owner | undefined;
}

/** What is known of the orders that earlier runs began for a resource and nobody settled. */
export interface Unfinished {
  /** Orders of this stack: its own record proves it. */
  readonly proven: readonly UnfinishedOrder[];
  /** Orders noted on this machine that may be those of another stack of the same name. */
  readonly doubtful: readonly UnfinishedOrder[];
  /** Why the stack's record can't be read; undefined where it was read. */
  readonly reason: string | undefined;
  /** Marks of the creates that the engine goes on recording. */
  readonly recorded: readonly string[];
  /** Whether the stack holds an instance, or an entry of a backup, with this id. */
  readonly inState: (id: string) => boolean;
}

interface OwnStack {
  readonly record: StackRecord;
  /** The engine's reference of the stack's provider resource. */
  readonly provider: string;
}

/**
 * Knows which orders of earlier runs are unfinished. The proof that an order is this stack's is the
 * engine's record of the stack. It is the right stack's record because the create under way stands
 * in it with its random mark.
 */
export class UnfinishedOrders {
  readonly #readStack: ReadStackRecord;
  readonly #notes: OrderNotes;
  #own: Promise<OwnStack> | undefined;
  #earlier: Promise<readonly OrderNote[]> | undefined;
  /** Marks of this process's own orders, and whether a note of them could be kept. */
  readonly #begun = new Map<string, boolean>();
  #hasWarned = false;

  constructor({ readStack, notes }: { readStack: ReadStackRecord; notes: OrderNotes }) {
    this.#readStack = readStack;
    this.#notes = notes;
  }

  /** The unfinished orders of the resource whose own order has this mark. */
  async of({ urn = "" }: Operation, token: string): Promise<Unfinished> {
    const noted = (await this.#earlierNotes()).filter(
      (order) => order.urn === urn && order.token !== token,
    );
    const own = await this.#ownStack(urn, token).catch((error: unknown) => reasonOf(error));
    if (typeof own === "string")
      return {
        proven: [],
        doubtful: noted,
        reason: own,
        recorded: [],
        inState: () => false,
      };
    const { resources, creating } = own.record;
    const begun = creating
      .filter((one) => one.urn === urn && one.inputs[IMPORT_INPUT] === undefined)
      .map(({ inputs }) => ({ token: String(inputs["__token"]), inputs }));
    const settled = new Set(resources.flatMap(settledMarks));
    // The note of an order is preferred: it is never encrypted.
    const mine = noted.filter((order) => order.provider === own.provider);
    const known = new Map([...begun, ...mine].map((order) => [order.token, order]));
    const ids = new Set(resources.flatMap(heldIds).map((id) => id.toLowerCase()));
    return {
      proven: [...known.values()].filter((one) => one.token !== token && !settled.has(one.token)),
      doubtful: noted.filter((order) => order.provider === ""),
      reason: undefined,
      recorded: begun.map((order) => order.token).filter((one) => one !== token),
      inState: (id) => ids.has(id.toLowerCase()),
    };
  }

  /**
   * Keeps a note of an order from before it is sent until the engine has its outcome. An
   * {@link UnsettledOrderError} leaves the note for the next run.
   */
  async noted<T>(
    operation: Operation,
    order: Pick<OrderNote, "token" | "inputs">,
    task: () => Promise<T>,
  ): Promise<T> {
    const { urn = "" } = operation;
    const { token, inputs } = order;
    const provider = (await this.#ownStack(urn, token).catch(() => undefined))?.provider ?? "";
    const { owner } = operation.account;
    try {
      await this.#notes.begin({ token, urn, provider, owner, inputs });
      this.#begun.set(token, true);
    } catch (error) {
      this.#begun.set(token, false);
      operation.warn(
        `no note of the order could be written (${reasonOf(error)}). If this process is killed, look in the console for what it ordered.`,
      );
    }
    let isSettled = true;
    try {
      return await task();
    } catch (error) {
      isSettled = !(error instanceof UnsettledOrderError);
      throw error;
    } finally {
      if (isSettled) await this.settle(token);
    }
  }

  /** Removes the note of an order that is in the state, or was certainly never carried out. */
  async settle(token: string): Promise<void> {
    // A note that stays is only ever a second proof.
    await this.#notes.end(token).catch(() => undefined);
  }

  /** Where the note of an order is, for people. */
  placeOf(token: string): string {
    return this.#notes.place(token);
  }

  /** Whether the next run from this machine finds a note of this order. */
  isNoted(token: string): boolean {
    return this.#begun.get(token) === true;
  }

  /** Marks of the orders that this machine noted for the resource and nobody settled. */
  async marksFor({ urn }: Operation): Promise<readonly string[]> {
    const noted = await this.#earlierNotes();
    return noted.filter((order) => order.urn === urn).map((order) => order.token);
  }

  /**
   * Names once in a process what interrupted runs began to order for the stack on this machine: only
   * a create of the same resource looks for it, and this run may have none.
   */
  async warnOnce(operation: Operation): Promise<void> {
    const { urn } = operation;
    if (this.#hasWarned || urn === undefined) return;
    this.#hasWarned = true;
    const stack = urn.split("::").slice(0, 2).join("::");
    for (const { urn: theirs, token, inputs } of await this.#earlierNotes()) {
      if (!theirs.startsWith(`${stack}::`) || this.#begun.has(token)) continue;
      const name =
        typeof inputs["instanceName"] === "string"
          ? inputs["instanceName"]
          : `a backup marked pulumi-${token}`;
      operation.warn(
        `an interrupted \`pulumi up\` had begun to order ${name}, and what became of it is not recorded. ` +
          `Run \`pulumi up\` first: it takes ${name} over if it makes ${theirs}. If the program has no such resource any more, ` +
          `look for ${name} in the console, delete it there if nobody needs it, and delete the note ${this.#notes.place(token)}.`,
      );
    }
  }

  /** Notes of earlier runs, read once: hundreds of creates would read them again and again. */
  async #earlierNotes(): Promise<readonly OrderNote[]> {
    return (this.#earlier ??= this.#notes.unsettled());
  }

  /** Read once, at the first create: what is older than this process does not change. */
  async #ownStack(urn: string, token: string): Promise<OwnStack> {
    const own = (this.#own ??= this.#readOwnStack(urn, token));
    // A failure is not remembered: the next create asks again.
    own.catch(() => {
      if (this.#own === own) this.#own = undefined;
    });
    return own;
  }

  async #readOwnStack(urn: string, token: string): Promise<OwnStack> {
    const record = await this.#readStack(stackOf(urn));
    const mine = record.creating.find((resource) => resource.inputs["__token"] === token);
    if (mine?.provider === undefined)
      throw new Error(`the stack ${stackOf(urn)} that the CLI shows is not the one in work`);
    return { record, provider: mine.provider };
  }
}

/** Throws where the stack holds the instance or backup already: a replacement would delete it after taking it over. */
export async function requireNewToStack(
  operation: Operation,
  token: string,
  id: string,
): Promise<void> {
  const unfinished = await operation.context.orders.of(operation, token);
  if (unfinished.reason !== undefined)
    throw new Error(
      `import: whether the stack has ${id} already can't be told (${unfinished.reason}). Nothing was done: put the pulumi CLI on PATH.`,
    );
  if (unfinished.inState(id) || !operation.account.claim(id))
    throw new Error(`import: the stack has ${id} already. Remove the option \`import\`.`);
}

/** The state's note of which recorded orders are settled, apart from those that are still open. */
export function settledBy(
  { recorded, reason }: Unfinished,
  open: readonly UnfinishedOrder[] = [],
): SettledOrders {
  const settled = recorded.filter((token) => !open.some((one) => one.token === token));
  return reason !== undefined || settled.length === 0 ? {} : { __settled: settled };
}

/** How the orders of one kind of resource are looked for. */
export interface OrderKind<T> {
  /** What people look for: the name of the instance, or the mark of the backup. */
  nameOf(order: UnfinishedOrder): string;
  /** Where what it made is listed. */
  listOf(order: UnfinishedOrder): PollLoop<T>;
  isMadeBy(thing: T, order: UnfinishedOrder): boolean;
  /** The id that the state would hold. */
  idOf(thing: T, order: UnfinishedOrder): string;
  describe(thing: T): string;
}

/** What an unfinished order made. */
export interface Made<T> {
  readonly order: UnfinishedOrder;
  readonly things: readonly T[];
}

/**
 * Looks for what the unfinished orders of a resource made, two minutes at most. Orders that made
 * nothing are settled. What this run can't see (another address, another access key) is named. Throws
 * where something is there that only a doubtful order explains: it is neither taken over nor ordered again.
 *
 * @returns what proven orders made, and the orders that stay open.
 */
export async function findUnfinished<T>(
  operation: Operation,
  unfinished: Unfinished,
  kind: OrderKind<T>,
): Promise<{ readonly made: readonly Made<T>[]; readonly open: readonly UnfinishedOrder[] }> {
  const { owner } = operation.account;
  const { proven, doubtful } = unfinished;
  const elsewhere = proven.filter((one) => isElsewhere(one, owner));
  const here = [...proven, ...doubtful].filter((one) => !isElsewhere(one, owner));
  for (const order of elsewhere) warnElsewhere(operation, kind.nameOf(order), order);
  if (here.length === 0) return { made: [], open: elsewhere };
  const names = here.map((one) => kind.nameOf(one)).join(", ");
  operation.report(`looking for ${names} of an interrupted run, two minutes at most`);
  const found = await Promise.all(here.map((order) => lookUp(operation, unfinished, kind, order)));
  const made = found.filter(({ things }) => things.length > 0);
  const doubt = made.filter(({ order }) => doubtful.includes(order));
  if (doubt.length > 0) throw doubtfulOrder(operation, unfinished, kind, doubt);
  const absent = proven.filter(
    (order) => here.includes(order) && !made.some((one) => one.order === order),
  );
  // Another key can't see it, so its absence proves nothing.
  const unseen = absent.filter(
    (order) => order.owner !== undefined && order.owner.key !== owner.key,
  );
  for (const order of unseen) warnElsewhere(operation, kind.nameOf(order), order);
  for (const { token } of absent.filter((order) => !unseen.includes(order)))
    await operation.context.orders.settle(token);
  return { made, open: [...elsewhere, ...unseen] };
}

async function lookUp<T>(
  operation: Operation,
  { inState }: Unfinished,
  kind: OrderKind<T>,
  order: UnfinishedOrder,
): Promise<Made<T>> {
  const absence = new Absence(NEVER_MADE);
  const what = `looking for ${kind.nameOf(order)}, which an interrupted \`pulumi up\` had begun to order`;
  const things = await kind
    .listOf(order)
    .until(
      operation,
      (listed) => {
        const ours = listed.filter(
          (thing) => kind.isMadeBy(thing, order) && !inState(kind.idOf(thing, order)),
        );
        return absence.isCertain(ours.length > 0) || ours.length > 0 ? ours : undefined;
      },
      { what },
    )
    .catch((error: unknown) => {
      if (!(error instanceof WaitTimeoutError)) throw error;
      throw new WaitTimeoutError(
        `${error.message}. Nothing was ordered. The search takes two minutes: give customTimeouts.create more.`,
      );
    });
  return { order, things };
}

function isElsewhere({ owner }: UnfinishedOrder, current: Owner): boolean {
  return owner !== undefined && owner.endpoint !== current.endpoint;
}

function warnElsewhere(
  operation: Operation,
  name: string,
  { token, owner }: UnfinishedOrder,
): void {
  const { endpoint } = operation.account.owner;
  const where =
    owner?.endpoint === endpoint ? "with another access key" : `at ${owner?.endpoint ?? ""}`;
  operation.warn(
    `an interrupted \`pulumi up\` had begun to order ${name} ${where}, where this run does not look. ` +
      `Look for it there, and delete it if nobody needs it. Then delete the note ${operation.context.orders.placeOf(token)}.`,
  );
}

function doubtfulOrder<T>(
  operation: Operation,
  { reason }: Unfinished,
  kind: OrderKind<T>,
  doubt: readonly Made<T>[],
): Error {
  const things = doubt.flatMap((one) => one.things.map((thing) => kind.describe(thing))).join(", ");
  const notes = doubt.map(({ order }) => operation.context.orders.placeOf(order.token)).join(", ");
  const why = reason === undefined ? "when it was ordered" : `(${reason})`;
  const first =
    reason === undefined ? "" : "Put the pulumi CLI on PATH and run `pulumi up` again. ";
  return new Error(
    `this machine had begun to order ${things}, and whether it was for this stack can't be told ${why}. Nothing was ordered. ` +
      `${first}To take it over, give the resource option \`import: "${idOfFirst(kind, doubt)}"\`; or delete it in the console if nobody needs it. ` +
      `Then, or if it is another stack's, delete the note ${notes}.`,
  );
}

function idOfFirst<T>(kind: OrderKind<T>, [first]: readonly Made<T>[]): string {
  const [thing] = first?.things ?? [];
  return first === undefined || thing === undefined ? "" : kind.idOf(thing, first.order);
}

function settledMarks({ inputs, outputs }: RecordedResource): unknown[] {
  const settled: unknown = outputs["__settled"];
  const marks: unknown[] = Array.isArray(settled) ? settled : [];
  return [inputs["__token"], outputs["__token"], ...marks];
}

const entryList = z.array(z.looseObject({ backupId: z.string() }));

const backupOutputs = z.looseObject({
  instanceId: z.string(),
  entries: entryList,
  earlier: z.array(z.looseObject({ entries: entryList })).default([]),
});

/** The id of a recorded resource, and those of all entries where it is a backup. */
function heldIds({ id, outputs }: RecordedResource): string[] {
  const own = id === undefined ? [] : [id];
  const backup = backupOutputs.safeParse(outputs);
  if (!backup.success) return own;
  const { instanceId, entries, earlier } = backup.data;
  const all = [entries, ...earlier.map((one) => one.entries)].flat();
  return [...own, ...all.map(({ backupId }) => `${instanceId}/${backupId}`)];
}

function reasonOf(error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  if (isMissing) return "there is no pulumi CLI on PATH";
  return messageOf(error).split("\n")[0] ?? "";
}
