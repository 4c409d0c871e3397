import { now, sleep } from "../time";
import { withoutControls } from "../vendor/displayText";
import type { Account } from "./account";
import type { Checked } from "./arguments";
import type { Context, RandomHex } from "./context";
import { UNKNOWN } from "./engineValues";
import { CancelledError } from "./errors";

/** How long an operation may take that names no other limit: the reads of a check or a refresh. */
const READ_TIMEOUT_MS = 120_000;

/** When work has to end. */
export interface Limit {
  /** On the clock of `now()`. */
  readonly deadline: number;
  /** Aborted when somebody cancels the work. */
  readonly signal: AbortSignal;
}

/**
 * Settles as the task does. Rejects with a {@link CancelledError} as soon as somebody cancels, or
 * with `tooLate()` at the deadline.
 */
export async function withinLimit<T>(
  { deadline, signal }: Limit,
  task: Promise<T>,
  tooLate: () => Error,
): Promise<T> {
  const end = new AbortController();
  const stop = (): void => {
    end.abort();
  };
  signal.addEventListener("abort", stop, { signal: end.signal });
  const ended = sleep(deadline - now(), end.signal).then(() => {
    throw signal.aborted ? new CancelledError() : tooLate();
  });
  try {
    if (signal.aborted) throw new CancelledError();
    return await Promise.race([ended, task]);
  } finally {
    stop();
    // Nobody waits for what lost the race.
    for (const loser of [ended, task]) loser.catch(() => undefined);
  }
}

export interface OperationOptions {
  /** The resource's URN. Default: none, so that nothing is reported. */
  readonly urn?: string | undefined;
  /** Name of the resource's account. Default: the account of `cds:`. */
  readonly account?: string | undefined;
  /** The id of an existing instance or backup to take over instead of ordering one. */
  readonly importId?: string | undefined;
  /** The user's limit for this operation (`customTimeouts`). Default: that of the resource. */
  readonly limitMs?: number | undefined;
  /** Cancels the operation. Default: never. */
  readonly signal?: AbortSignal;
  /** Makes names and marks. Default: that of the context. */
  readonly randomHex?: RandomHex | undefined;
  /** Whether random values stay open, because the run after a preview makes others. Default: false. */
  readonly isPreview?: boolean;
}

/**
 * What one call of the engine (check, diff, create, read, update, delete) knows beside the inputs
 * of the resource: what the stack's resources share, where to report, when to end.
 */
export class Operation implements Limit {
  readonly context: Context;
  readonly urn: string | undefined;
  readonly importId: string | undefined;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly randomHex: RandomHex;
  readonly #options: OperationOptions;
  #lastReport = "";
  #lastShown: Promise<void> | void = undefined;

  constructor(context: Context, options: OperationOptions = {}) {
    this.context = context;
    this.urn = options.urn;
    this.importId = options.importId;
    this.signal = options.signal ?? new AbortController().signal;
    this.randomHex = options.randomHex ?? context.randomHex;
    this.deadline = now() + (options.limitMs ?? READ_TIMEOUT_MS);
    this.#options = options;
  }

  /** The same operation, which may take this long from now on unless the user set a limit. */
  within(defaultMs: number): Operation {
    const { limitMs = defaultMs } = this.#options;
    return new Operation(this.context, { ...this.#options, limitMs });
  }

  /** The name of the resource's account; undefined for that of `cds:`, and for any of the plugin. */
  get accountName(): string | undefined {
    return this.#options.account;
  }

  /** The account of the resource. Throws a {@link CdsConfigError} that names the key to set. */
  get account(): Account {
    return this.context.account(this.#options.account);
  }

  /** The resource's name in the program; it may hold `::` itself. */
  get resourceName(): string | undefined {
    return this.urn?.split("::").slice(3).join("::");
  }

  get projectName(): string | undefined {
    return this.urn?.split("::")[1];
  }

  /** Shows the resource's status on its row. The same text is shown once. */
  report(text: string): void {
    if (text !== this.#lastReport) this.#show(text, "status");
    this.#lastReport = text;
  }

  /** Tells something about the resource that people should read after the run, too. */
  warn(text: string): void {
    this.#show(text, "warning");
  }

  /** Tells what went well and is worth keeping. */
  inform(text: string): void {
    this.#show(text, "info");
  }

  /** The vendor's texts may hold what moves a terminal's cursor. */
  #show(text: string, kind: "status" | "info" | "warning"): void {
    this.#lastShown = this.context.report(this.urn, withoutControls(text), kind);
  }

  /** Resolves when the engine has every report: one that comes after its own "created" is shown twice. */
  async shown(): Promise<void> {
    await this.#lastShown;
  }

  /** A random value for a new resource. An update plan accepts every value where the preview left it open. */
  random(make: (randomHex: RandomHex) => string): string {
    return this.#options.isPreview === true ? UNKNOWN : make(this.randomHex);
  }

  throwIfCancelled(): void {
    if (this.signal.aborted) throw new CancelledError();
  }

  /** Settles as the task does, or rejects with a {@link CancelledError} as soon as somebody cancels. */
  async unlessCancelled<T>(task: Promise<T>): Promise<T> {
    const limit = { deadline: Number.POSITIVE_INFINITY, signal: this.signal };
    return withinLimit(limit, task, () => new CancelledError());
  }
}

/** What is different between a state and new inputs. */
export interface Difference {
  /** Arguments whose change orders another instance or backup. */
  readonly replaces: readonly string[];
  /** Arguments whose change only updates the state. */
  readonly updates: readonly string[];
  /** Whether the old one must be deleted before the new one is ordered. */
  readonly deleteBeforeReplace: boolean;
}

/**
 * The life of a resource, as the engine drives it. It knows nothing of how the engine is spoken to:
 * a face translates. A `create` or `update` that throws a {@link PartlyMadeError} keeps its state.
 */
export interface Life<Inputs, State> {
  /** @param olds The inputs of before; empty for a new resource and for a replacement. */
  check(
    operation: Operation,
    olds: Partial<Inputs>,
    news: Partial<Inputs>,
  ): Promise<Checked<Inputs>>;
  diff(operation: Operation, id: string, olds: State, news: Inputs): Promise<Difference>;
  create(
    operation: Operation,
    inputs: Inputs,
  ): Promise<{ readonly id: string; readonly state: State }>;
  /** @returns undefined where it is proven to be gone. */
  read(operation: Operation, id: string, state: State): Promise<State | undefined>;
  update(operation: Operation, id: string, olds: State, news: Inputs): Promise<State>;
  delete(operation: Operation, id: string, state: State): Promise<void>;
}
