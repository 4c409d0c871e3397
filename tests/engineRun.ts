import { BACKUP_TYPE, backupFace, instanceFace, type Context } from "./face";

/** Inputs or outputs as they cross the border to the engine. */
export type Bag = Record<string, unknown>;

/** A resource in the stack's state. */
export interface Held {
  readonly urn: string;
  readonly dependsOn: readonly string[];
  id: string;
  inputs: Bag;
  outputs: Bag;
  /** Why it is not ready: partly made. */
  initErrors: readonly string[];
  /** It was replaced, and is still to be deleted. */
  pendingDelete: boolean;
  /** It was deleted for a replacement that has not been made yet. */
  pendingReplacement: boolean;
}

export interface Step {
  readonly urn: string;
  readonly kind: "create" | "update" | "replace" | "delete" | "same" | "read" | "drop";
}

export interface Failure {
  readonly urn: string;
  readonly error: unknown;
}

/** What is kept of a resource that is not ready. */
export interface PartlyMade {
  readonly id: string;
  readonly properties: Bag;
  readonly reasons: readonly string[];
}

export interface Difference {
  readonly kind: "update" | "replace" | "same";
  readonly deleteFirst: boolean;
}

/** Sees each call that has a deadline. */
export type Watch = <T>(
  kind: "create" | "update" | "read" | "delete",
  urn: string,
  bag: Readonly<Bag>,
  task: () => Promise<T>,
) => Promise<T>;

/** One operation of the engine with its host process: calls the provider as the engine does. */
export class EngineRun {
  readonly steps: Step[] = [];
  readonly failures: Failure[] = [];
  died: "cli" | "host" | undefined;
  /** Settles when the CLI is killed. */
  readonly killed: Promise<void>;
  readonly #context: Context;
  readonly #watch: Watch;
  readonly #hostDied: Promise<never>;
  #endCli: () => void = () => undefined;
  #endHost: (error: Error) => void = () => undefined;

  constructor(context: Context, watch: Watch = (_kind, _urn, _bag, task) => task()) {
    this.#context = context;
    this.#watch = watch;
    this.killed = new Promise((resolve) => (this.#endCli = resolve));
    this.#hostDied = new Promise((_resolve, reject) => (this.#endHost = reject));
    this.#hostDied.catch(() => undefined);
  }

  kill(process: "cli" | "host"): void {
    this.died = process;
    if (process === "cli") this.#endCli();
    else this.#endHost(new Error("the dynamic provider process died"));
  }

  /** Runs a task; its failure is noted and ends nothing. */
  async attempt(urn: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.failures.push({ urn, error });
    }
  }

  async check(urn: string, olds: Bag, news: Bag): Promise<Bag> {
    const { inputs, failures = [] } = await this.#call(urn, (provider) =>
      provider.check(clone(olds), clone(news)),
    );
    const [failure] = failures;
    if (failure !== undefined) throw new Error(failure.reason);
    return clone(inputs ?? {});
  }

  async diff(old: Readonly<Held>, news: Bag): Promise<Difference> {
    const difference = await this.#call(old.urn, (provider) =>
      provider.diff(old.id, clone(old.outputs), clone(news)),
    );
    const deleteFirst = difference.deleteBeforeReplace === true;
    if ((difference.replaces ?? []).length > 0 || old.pendingReplacement)
      return { kind: "replace", deleteFirst };
    const changes = difference.changes === true || old.initErrors.length > 0;
    return { kind: changes ? "update" : "same", deleteFirst };
  }

  async create(urn: string, inputs: Bag): Promise<{ readonly id: string; readonly outputs: Bag }> {
    const { id, outs } = await this.#call(urn, (provider) =>
      this.#watch("create", urn, inputs, () => provider.create(clone(inputs))),
    );
    return { id, outputs: clone(outs ?? {}) };
  }

  async update({ urn, id, outputs }: Readonly<Held>, inputs: Bag): Promise<Bag> {
    const { outs } = await this.#call(urn, (provider) =>
      this.#watch("update", urn, inputs, () => provider.update(id, clone(outputs), clone(inputs))),
    );
    return clone(outs ?? {});
  }

  /** The id is "" when it is gone. */
  async read(held: Readonly<Held>): Promise<{ readonly id: string; readonly outputs: Bag }> {
    const { urn, outputs } = held;
    const { id = "", props } = await this.#call(urn, (provider) =>
      this.#watch("read", urn, outputs, () => provider.read(held.id, clone(outputs))),
    );
    return { id, outputs: clone(props ?? {}) };
  }

  async delete({ urn, id, outputs }: Readonly<Held>): Promise<void> {
    await this.#call(urn, (provider) =>
      this.#watch("delete", urn, outputs, () => provider.delete(id, clone(outputs))),
    );
  }

  /** What a killed CLI was waiting for never comes. */
  async #call<T>(urn: string, task: (provider: Provider) => Promise<T>): Promise<T> {
    const outcome = Promise.race([task(providerOf(this.#context, urn)), this.#hostDied]);
    await outcome.catch(() => undefined);
    return this.died === "cli" ? new Promise(() => undefined) : outcome;
  }
}

type Provider = ReturnType<typeof instanceFace>;

function providerOf(context: Context, urn: string): Provider {
  const isBackup = urn.includes(`::${BACKUP_TYPE}::`);
  return isBackup ? backupFace(context) : instanceFace(context);
}

/** What an error says that keeps the resource in the state. */
export function partlyMade(error: unknown): PartlyMade | undefined {
  const { id, properties, reasons } = error as Partial<PartlyMade>;
  return id === undefined || properties === undefined
    ? undefined
    : { id, properties: clone(properties), reasons: reasons ?? [] };
}

/** As it comes out of the state: nothing is shared, and nothing is undefined. */
export function clone<T>(bag: T): T {
  return JSON.parse(JSON.stringify(bag)) as T;
}
