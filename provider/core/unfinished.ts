import { z } from "zod";

import type { HiddenInputs } from "../dynamic/contract";
import type { BegunOrder, OrderJournal } from "./journal";
import type { Owner } from "./owner";
import type { Report } from "../dynamic/report";
import {
  stackOf,
  type ReadStackRecord,
  type RecordedResource,
  type StackRecord,
} from "./stackRecord";

/** What marks an order: the inputs of every resource of ours as `check` leaves them. */
export interface MarkedInputs extends HiddenInputs {
  readonly __token: string;
}

/** In the state: marks of orders that are not to be looked for again though the engine records them. */
export interface SettledOrders {
  readonly __settled?: readonly string[];
}

/** @param open Orders that are not settled all the same. */
export function settledBy(
  unfinished: Unfinished,
  open: readonly UnfinishedOrder[] = [],
): SettledOrders {
  if (!unfinished.proof) return {};
  const settled = unfinished.recorded.filter((token) => !open.some((one) => one.token === token));
  return settled.length === 0 ? {} : { __settled: settled };
}

export interface UnfinishedOrder {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where it was ordered, where that is noted. */
  readonly owner?: Owner | undefined;
}

/** What is known of the orders that earlier runs began for a resource and nobody settled. */
export type Unfinished =
  | {
      readonly proof: true;
      readonly orders: readonly UnfinishedOrder[];
      /** From this machine's journal, noted while the stack's record could not be had: perhaps another's. */
      readonly unidentified: readonly UnfinishedOrder[];
      /** Marks of the creates that the engine goes on recording, to be kept as settled in the state. */
      readonly recorded: readonly string[];
      /** Whether the stack holds a resource, or an entry of a backup, with this id already. */
      inState(id: string): boolean;
    }
  | {
      readonly proof: false;
      /** Why the stack's own record can't be had. */
      readonly reason: string;
      /** From this machine's journal: perhaps another stack's of the same name. */
      readonly orders: readonly UnfinishedOrder[];
    };

/** The order may have been carried out, but nothing shows it: it stays in the journal. */
export class UnsettledOrderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The stack's record as the engine keeps it, and the provider resource that tells it from others. */
interface OwnStack {
  readonly record: StackRecord;
  readonly provider: string;
}

/**
 * Knows which orders of earlier runs are unfinished. The proof that one is this stack's: the
 * engine's record of the stack, which is known to be the right one because the create that is being
 * worked on stands in it with its random mark.
 */
export class UnfinishedOrders {
  readonly #readStack: ReadStackRecord;
  readonly #journal: OrderJournal;
  readonly #report: Report;
  #own: Promise<OwnStack> | undefined;
  /** Marks of this process's own orders. */
  readonly #begun = new Set<string>();
  /** Of these no note could be kept. */
  readonly #unnoted = new Set<string>();
  #reminded = false;

  constructor(readStack: ReadStackRecord, journal: OrderJournal, report: Report) {
    this.#readStack = readStack;
    this.#journal = journal;
    this.#report = report;
  }

  async of(inputs: MarkedInputs): Promise<Unfinished> {
    const { __urn: urn = "", __token: token } = inputs;
    const written = (await this.#journal.unsettled()).filter(
      (order) => order.urn === urn && order.token !== token,
    );
    let own: OwnStack;
    try {
      own = await this.#ownStack(inputs);
    } catch (error) {
      return { proof: false, reason: reasonOf(error), orders: written };
    }
    const begun = own.record.creating
      // An import orders nothing.
      .filter((resource) => resource.urn === urn && resource.inputs["__import"] === undefined)
      .map(({ inputs: ordered }) => ({ token: String(ordered["__token"]), inputs: ordered }));
    const mine = written.filter((order) => order.provider === own.provider);
    const unidentified = written.filter((order) => order.provider === "");
    const settled = new Set(
      own.record.resources.flatMap(({ inputs: given, outputs }) => [
        given["__token"],
        outputs["__token"],
        ...(Array.isArray(outputs["__settled"]) ? (outputs["__settled"] as unknown[]) : []),
      ]),
    );
    // The note of an order is preferred: it is never encrypted.
    const known = new Map([...begun, ...mine].map((order) => [order.token, order]));
    const orders = [...known.values()].filter(
      (order) => order.token !== token && !settled.has(order.token),
    );
    const ids = new Set(own.record.resources.flatMap(idsOf));
    const recorded = begun.map((order) => order.token).filter((one) => one !== token);
    return { proof: true, orders, unidentified, recorded, inState: (id) => ids.has(id) };
  }

  /**
   * Keeps a note of an order from before it is sent until its outcome is told to the engine.
   * An {@link UnsettledOrderError} leaves the note for the next run.
   */
  async during<T>(
    inputs: MarkedInputs,
    ordered: Readonly<Record<string, unknown>>,
    owner: Owner,
    task: () => Promise<T>,
  ): Promise<T> {
    await this.#begin(inputs, ordered, owner);
    try {
      const result = await task();
      await this.settle(inputs.__token);
      return result;
    } catch (error) {
      if (!(error instanceof UnsettledOrderError)) await this.settle(inputs.__token);
      throw error;
    }
  }

  /**
   * Names, once in a process, what interrupted runs began to order for the stack on this machine: only
   * a create of the same resource looks for it, and this run may have none.
   */
  async remind(urn: string | undefined): Promise<void> {
    if (this.#reminded || urn === undefined) return;
    this.#reminded = true;
    const stack = urn.split("::").slice(0, 2).join("::");
    for (const { urn: theirs, token, inputs } of await this.#journal.unsettled()) {
      if (!theirs.startsWith(`${stack}::`) || this.#begun.has(token)) continue;
      const name =
        typeof inputs["instanceName"] === "string"
          ? inputs["instanceName"]
          : `a backup marked pulumi-${token}`;
      void this.#report(
        urn,
        `an interrupted \`pulumi up\` had begun to order ${name}, and what became of it is not recorded. ` +
          `The next \`pulumi up\` that makes ${theirs} takes it over if it exists; if there is to be none, look for it in the console and delete it there, and delete the note ${this.#journal.place(token)}.`,
        "warning",
      );
    }
  }

  /** Marks of the orders that this machine began for the resource, and knows no outcome of. */
  async begunFor(
    urn: string | undefined,
    isOurs: (token: string) => boolean,
  ): Promise<readonly string[]> {
    const noted = await this.#journal.unsettled();
    return noted
      .filter((order) => order.urn === urn && isOurs(order.token))
      .map((order) => order.token);
  }

  /** Where the note of an order of this process is, which the next run takes it over by; undefined without one. */
  noteOf(token: string): string | undefined {
    const isNoted = this.#begun.has(token) && !this.#unnoted.has(token);
    return isNoted ? this.#journal.place(token) : undefined;
  }

  /** Where the note of an order is, for people. */
  placeOf(token: string): string {
    return this.#journal.place(token);
  }

  /** The order is known to be in the state, or never to have been carried out. */
  async settle(token: string): Promise<void> {
    // The note is only ever a second proof: that it stays does no harm.
    await this.#journal.end(token).catch(() => undefined);
  }

  async #begin(inputs: MarkedInputs, ordered: BegunOrder["inputs"], owner: Owner): Promise<void> {
    const { __urn: urn = "", __token: token } = inputs;
    this.#begun.add(token);
    const provider = (await this.#ownStack(inputs).catch(() => undefined))?.provider ?? "";
    try {
      await this.#journal.begin({ token, urn, provider, owner, inputs: ordered });
    } catch (error) {
      this.#unnoted.add(token);
      void this.#report(
        urn,
        `no note of the order could be kept (${reasonOf(error)}): if this process is killed, look in the console for what it ordered.`,
        "warning",
      );
    }
  }

  /** Read once, at the first create: what is older than this process doesn't change. */
  async #ownStack(inputs: MarkedInputs): Promise<OwnStack> {
    const own = (this.#own ??= this.#readOwnStack(inputs));
    // A failure is not remembered: the next create asks again.
    own.catch(() => {
      if (this.#own === own) this.#own = undefined;
    });
    return own;
  }

  async #readOwnStack({ __urn: urn = "", __token: token }: MarkedInputs): Promise<OwnStack> {
    const record = await this.#readStack(stackOf(urn));
    const mine = record.creating.find((resource) => resource.inputs["__token"] === token);
    if (mine?.provider === undefined)
      throw new Error(`the stack ${stackOf(urn)} that the CLI shows is not the one in work`);
    return { record, provider: mine.provider };
  }
}

/** Of a resource, and of all entries where it is a backup. */
function idsOf({ id, outputs }: RecordedResource): string[] {
  const own = id === undefined ? [] : [id];
  const series = seriesOutputs.safeParse(outputs);
  if (!series.success) return own;
  const { instanceId, entries, earlier } = series.data;
  const all = [entries, ...earlier.map((backup) => backup.entries)].flat();
  return [...own, ...all.map(({ backupId }) => `${instanceId}/${backupId}`)];
}

const entryList = z.array(z.looseObject({ backupId: z.string() }));

const seriesOutputs = z.looseObject({
  instanceId: z.string(),
  entries: entryList,
  earlier: z.array(z.looseObject({ entries: entryList })).default([]),
});

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "ENOENT") return "there is no pulumi CLI on PATH";
  return String(message).split("\n")[0] ?? "";
}
