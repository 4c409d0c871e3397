import { sentence } from "../vendor/displayText";
import { lookUp, NEVER_MADE } from "./absence";
import { isSameOwner, type Owner } from "./account";
import { errorOf, PartlyMadeError, UnsettledOrderError, WaitTimeoutError } from "./errors";
import type { Operation } from "./operation";
import type { PollLoop } from "./pollLoop";
import { readOwnStack, unreadStack, type Held, type OwnStack } from "./ownStack";
import type { OrderNote, OrderNotes, ReadStackRecord, StackRecord } from "./records";
import { CdsConfigError } from "../vendor/errors";

const UNKNOWN_OWNER: Owner = { endpoint: "", key: "" };

/** The mark by which an order is known again. `check` puts it into the inputs of every resource. */
export type MarkedInputs = Readonly<Record<"__token", string>>;

export interface UnfinishedOrder {
  readonly token: string;
  /** What was ordered, without anything secret. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where it was ordered, where that is noted. */
  readonly owner?: Owner | undefined;
}

/** How the orders of one kind of resource are known again. */
export interface OrderKind<T> {
  /** What people look for: the name of the instance, or the mark of the backup. */
  nameOf(order: UnfinishedOrder): string;
  /** Where what it made is listed. */
  listOf(order: UnfinishedOrder): PollLoop<T>;
  isMadeBy(thing: T, order: UnfinishedOrder): boolean;
  /** The id that the state would hold. */
  idOf(thing: T, order: UnfinishedOrder): string;
}

/** What an unfinished order made. */
export interface Made<T> {
  readonly order: UnfinishedOrder;
  readonly things: readonly T[];
}

/** What is known of the orders that earlier runs began for a resource and nobody settled. */
interface Unfinished extends Held {
  /** Orders of this stack: its own record, or the mark, proves it. */
  readonly proven: readonly UnfinishedOrder[];
  /** Orders noted on this machine that may be those of another stack of the same name. */
  readonly doubtful: readonly UnfinishedOrder[];
  /** Marks of the creates that the engine goes on recording as begun. */
  readonly recorded: readonly string[];
}

/** What earlier runs left for a resource, and what its stack holds. */
export interface Left<T> extends Unfinished {
  readonly made: readonly Made<T>[];
  /** For the state: what the engine goes on recording, and needs no search any more. */
  readonly settled: SettledOrders;
}

export type SettledOrders = Readonly<Partial<Record<"__settled", readonly string[]>>>;

/**
 * Knows which orders of earlier runs are unfinished. The engine's record of the stack proves which
 * of them are this stack's.
 */
export class UnfinishedOrders {
  readonly #readStack: ReadStackRecord;
  readonly #notes: OrderNotes;
  #own: Promise<OwnStack> | undefined;
  #earlier: Promise<readonly OrderNote[]> | undefined;
  #hasWarned = false;

  constructor({ readStack, notes }: { readStack: ReadStackRecord; notes: OrderNotes }) {
    this.#readStack = readStack;
    this.#notes = notes;
  }

  /**
   * Orders something for a resource, or takes over what earlier runs ordered for it. A note of the
   * order stands on disk from before it is sent until the engine has its outcome. An
   * {@link UnsettledOrderError} leaves the note for the next run.
   */
  async settling<T, R>(
    operation: Operation,
    order: Pick<OrderNote, "token" | "inputs">,
    kind: OrderKind<T>,
    obtain: (left: Left<T>) => Promise<R>,
  ): Promise<R> {
    const unfinished = await this.#unfinished(operation, order.token);
    const { made, open } = await this.#findMade(operation, unfinished, kind);
    const all = [order, ...made.map((one) => one.order)];
    const __settled = unfinished.recorded.filter(
      (token) => !open.some((one) => one.token === token),
    );
    const isNoted = await this.#begin(operation, order);
    try {
      const settled = __settled.length === 0 ? {} : { __settled };
      const obtained = await obtain({ ...unfinished, made, settled });
      await this.#settle(all);
      return obtained;
    } catch (error) {
      if (error instanceof PartlyMadeError) await this.#settle(all);
      else if (!(error instanceof UnsettledOrderError)) await this.#settle([order]);
      else if (isNoted)
        error.message +=
          " Run `pulumi up` again first: from this machine it takes over what the order made, or names it.";
      throw error;
    }
  }

  /** What the stack holds, as far as its record can be read. */
  async held(operation: Operation, token: string): Promise<Held> {
    return this.#ownStack(operation, token);
  }

  /** Whether an earlier run began to order the resource and nobody settled it. */
  async hasBegun({ urn }: Operation, { creating }: StackRecord): Promise<boolean> {
    const begun = [...creating, ...(await this.#earlierNotes())];
    return begun.some((one) => isSameResource(one.urn, urn));
  }

  /**
   * Names once in a process what interrupted runs began to order for the stack on this machine: only
   * a create of the same resource looks for it, and this run may have none.
   */
  async warnOnce(operation: Operation): Promise<void> {
    const { urn, context } = operation;
    if (this.#hasWarned || urn === undefined) return;
    this.#hasWarned = true;
    const stack = urn.split("::").slice(0, 2).join("::");
    const all = await this.#earlierNotes().catch((error: unknown) => {
      operation.warn(errorOf(error).message);
      return [];
    });
    const notes = all.filter((one) => one.urn.startsWith(`${stack}::`));
    // An instance of the user's name that the stack holds by now is what the note is about.
    const record = notes.length === 0 ? undefined : await context.stackBefore(urn);
    const held = (record?.resources ?? []).map(({ outputs }) => outputs["instanceName"]);
    for (const { urn: theirs, token, inputs } of notes) {
      const { instanceName } = inputs;
      if (typeof instanceName === "string" && held.includes(instanceName)) continue;
      const name =
        typeof instanceName === "string" ? instanceName : `a backup marked pulumi-${token}`;
      operation.warn(
        `an interrupted \`pulumi up\` had begun to order ${name}, and what became of it was not recorded so far. ` +
          `Run \`pulumi up\` first, where this is another command: the one that makes ${theirs} takes ${name} over or names it. If the program has no such resource any more, ` +
          `look for ${name} in the console, delete it there if no stack holds it and nobody needs it, and delete the note ${this.#notes.place(token)}.`,
      );
    }
  }

  async #unfinished(operation: Operation, token: string): Promise<Unfinished> {
    const { urn } = operation;
    const noted = (await this.#earlierNotes()).filter((order) => isSameResource(order.urn, urn));
    const own = await this.#ownStack(operation, token);
    const { providers, reason, inState, begun, marks } = own;
    const isProven = (order: OrderNote): boolean =>
      providers.has(order.provider) || rootOf(order.token) === rootOf(token);
    const others = begun.filter((one) => isSameResource(one.urn, urn) && one.token !== token);
    // The note of an order is preferred: it is never encrypted.
    const known = new Map([...others, ...noted.filter(isProven)].map((one) => [one.token, one]));
    const isDoubtful = (order: OrderNote): boolean =>
      !isProven(order) && (reason !== undefined || order.provider === "");
    return {
      reason,
      inState,
      proven: [...known.values()].filter((one) => !marks.has(one.token)),
      doubtful: noted.filter(isDoubtful),
      recorded: others.map((one) => one.token),
    };
  }

  /** Looks for what unfinished orders made, and names those that can't be looked for from here. */
  async #findMade<T>(
    operation: Operation,
    unfinished: Unfinished,
    kind: OrderKind<T>,
  ): Promise<{ readonly made: readonly Made<T>[]; readonly open: readonly UnfinishedOrder[] }> {
    const { owner } = operation.account;
    const { proven, doubtful } = unfinished;
    const all = [...proven, ...doubtful];
    const here = all.filter((one) => (one.owner ?? owner).endpoint === owner.endpoint);
    if (here.length > 0) {
      const names = here.map((one) => kind.nameOf(one)).join(", ");
      operation.report(`looking for ${names} of an interrupted run, two minutes at most`);
    }
    const found = await Promise.all(
      here.map((one) => lookForMade(operation, unfinished, kind, one)),
    );
    const made = found.filter(({ things }) => things.length > 0);
    const doubt = made.filter(({ order }) => doubtful.includes(order));
    if (doubt.length > 0) throw this.#doubtful(unfinished, kind, doubt);
    const absent = all.filter((order) => !made.some((one) => one.order === order));
    // Another key, endpoint or account can't see it, so that its absence proves nothing.
    const open = absent.filter((order) => !isSameOwner(ownerOf(order, operation), owner));
    for (const order of open) this.#warnElsewhere(operation, kind.nameOf(order), order);
    await this.#settle(absent.filter((order) => proven.includes(order) && !open.includes(order)));
    return { made, open: open.filter((order) => proven.includes(order)) };
  }

  #warnElsewhere(
    operation: Operation,
    name: string,
    { token, owner, inputs }: UnfinishedOrder,
  ): void {
    const { endpoint } = operation.account.owner;
    // Only the engine's own record names no owner.
    const [where, last] =
      owner === undefined
        ? [
            `in another account (${typeof inputs["account"] === "string" ? inputs["account"] : "cds"})`,
            "`pulumi refresh --clear-pending-creates --yes` ends this warning",
          ]
        : [
            owner.endpoint === endpoint ? "with another access key" : `at ${owner.endpoint}`,
            `delete the note ${this.#notes.place(token)}`,
          ];
    operation.warn(
      `an interrupted \`pulumi up\` had begun to order ${name} ${where}, where this run does not look. ` +
        `Look for it there, and delete it if nobody needs it. Then ${last}.`,
    );
  }

  #doubtful<T>({ reason }: Unfinished, kind: OrderKind<T>, doubt: readonly Made<T>[]): Error {
    const ids = doubt.flatMap(({ order, things }) => things.map((one) => kind.idOf(one, order)));
    const names = doubt.map(({ order }) => kind.nameOf(order)).join(", ");
    const notes = doubt.map(({ order }) => this.#notes.place(order.token)).join(", ");
    const why = reason === undefined ? "when it was ordered" : `(${reason})`;
    const first =
      reason === undefined ? "" : "Put the pulumi CLI on PATH and run `pulumi up` again. ";
    return new Error(
      `this machine had begun to order ${names} (${ids.join(", ")}), and whether it was for this stack can't be told ${why}. Nothing was ordered. ` +
        `${first}To take it over, give the resource option \`import: "${ids[0] ?? ""}"\`; or delete it in the console if nobody needs it. ` +
        `Then, or if it is another stack's, delete the note ${notes}.`,
    );
  }

  /** Writes the note of an order. Returns whether the next run from this machine finds it. */
  async #begin(
    operation: Operation,
    { token, inputs }: Pick<OrderNote, "token" | "inputs">,
  ): Promise<boolean> {
    const { urn = "", account } = operation;
    const { provider } = await this.#ownStack(operation, token);
    const note = { token, urn, provider, owner: account.owner, inputs };
    try {
      await this.#notes.begin(note);
      return true;
    } catch (error) {
      operation.warn(
        `no note of the order could be written (${errorOf(error).message}). If this process is killed, look in the console for what it ordered.`,
      );
      return false;
    }
  }

  /** Removes the notes of orders that are in the state, or were certainly never carried out. */
  async #settle(orders: readonly Pick<UnfinishedOrder, "token">[]): Promise<void> {
    // A note that stays is only ever a second proof.
    for (const { token } of orders) await this.#notes.end(token).catch(() => undefined);
  }

  /** Notes of earlier runs, read once, before this run writes any. */
  async #earlierNotes(): Promise<readonly OrderNote[]> {
    return (this.#earlier ??= this.#notes.unsettled().catch((error: unknown) => {
      throw new CdsConfigError(
        `the notes of earlier orders can't be read (${errorOf(error).message}). Until they can, nothing is ordered: mend the rights of that file or folder.`,
      );
    }));
  }

  /** Read once, at the first create: what is older than this process does not change. */
  async #ownStack({ urn = "" }: Operation, token: string): Promise<OwnStack> {
    try {
      return await (this.#own ??= readOwnStack(this.#readStack, urn, token));
    } catch (error) {
      // A failure is not remembered: the next create asks again.
      this.#own = undefined;
      return unreadStack(error);
    }
  }
}

/** The face of the provider is no part of what a resource is: a stack may move between the two. */
export function isSameResource(one: string, other: string | undefined): boolean {
  const faceless = (urn: string): string =>
    urn.replace(/(pulumi-nodejs:dynamic\/cds|cds-redis:index):(\w+)::/, "$2::");
  return other !== undefined && faceless(one) === faceless(other);
}

/** Whose an order is, as far as is known. The engine's record tells the name of the account only, and none of the plugin. */
function ownerOf({ owner, inputs }: UnfinishedOrder, { account, accountName }: Operation): Owner {
  return owner ?? (inputs["account"] === accountName ? account.owner : UNKNOWN_OWNER);
}

async function lookForMade<T>(
  operation: Operation,
  { inState }: Held,
  kind: OrderKind<T>,
  order: UnfinishedOrder,
): Promise<Made<T>> {
  const search = {
    what: `looking for ${kind.nameOf(order)}, which an interrupted \`pulumi up\` had begun to order`,
    isWanted: (thing: T) => kind.isMadeBy(thing, order) && !inState(kind.idOf(thing, order)),
    needed: NEVER_MADE,
  };
  try {
    return { order, things: await lookUp(operation, kind.listOf(order), search) };
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw new WaitTimeoutError(
      `${sentence(error.message)} Nothing was ordered. The search takes two minutes, and lists must answer: run \`pulumi up\` again, with longer customTimeouts if they are shorter.`,
    );
  }
}

/** The random part that all marks of one resource begin with. */
export function rootOf(token: string): string {
  return token.split("-")[0] ?? token;
}
