import { runtime } from "@pulumi/pulumi";

import type { Context } from "./face";
import {
  clone,
  EngineRun,
  partlyMade,
  type Bag,
  type Difference,
  type Failure,
  type Held,
  type Step,
  type Watch,
} from "./engineRun";
import { FakeStack } from "./fakeStack";

/** A resource as a program registers it. */
export interface Declared {
  readonly urn: string;
  /** URNs of those it takes values from: they are registered before it, and deleted after it. */
  readonly dependsOn?: readonly string[];
  /** What its class hands over; `idOf` gives the id of one that it depends on, perhaps unknown. */
  readonly args: (idOf: (urn: string) => string) => Bag;
}

export type Program = readonly Declared[];

/** What became of an operation. */
export interface Run {
  readonly steps: readonly Step[];
  readonly failures: readonly Failure[];
  /** Which process was killed in it. */
  readonly died: "cli" | "host" | undefined;
}

/**
 * What the Pulumi engine does with a stack, as far as a provider can see it. Kept in the record that
 * the hosts of the stack read. One operation at a time, each with a host of its own.
 */
export class StackModel {
  /** The record that hosts read: give it to `vendor.host`, unless it is the vendor's own. */
  readonly stack: FakeStack;
  /** All that was told as an error so far. */
  readonly said: string[] = [];
  #held: Held[] = [];
  #run: EngineRun | undefined;
  readonly #watch: Watch | undefined;

  /** @param held A state to begin with. */
  constructor(
    stack: FakeStack = new FakeStack(),
    watch?: Watch,
    held: readonly Readonly<Held>[] = [],
  ) {
    this.stack = stack;
    this.#watch = watch;
    this.#held = clone([...held]);
    if (held.length > 0) this.#record();
  }

  /** The state, those that are still to be deleted among it. */
  get held(): readonly Readonly<Held>[] {
    return this.#held;
  }

  /** The one that stands for the resource now. */
  current(urn: string): Readonly<Held> | undefined {
    return this.#find(urn);
  }

  /** `pulumi up` without the preview before it, `--replace` for the given URNs. */
  async up(context: Context, program: Program, replace: readonly string[] = []): Promise<Run> {
    return this.#operate(context, async (run) => {
      await inOrder(program, (declared) =>
        run.failures.length > 0
          ? Promise.resolve()
          : run.attempt(declared.urn, () =>
              this.#register(run, declared, replace.includes(declared.urn)),
            ),
      );
      await this.#deleteAll(run, this.#unwanted(program));
    });
  }

  /** What `pulumi up` would do; empty when there is nothing to do. Throws what check or diff throws. */
  async preview(context: Context, program: Program): Promise<readonly Step[]> {
    const { steps, failures } = await this.#operate(context, async (run) => {
      const unknown = new Set<string>();
      for (const { urn, args } of program)
        await run.attempt(urn, async () => {
          const news = args((other) => this.#id(other, unknown));
          const old = this.#find(urn);
          const inputs = await run.check(urn, old?.inputs ?? {}, news);
          const kind = old === undefined ? "create" : (await run.diff(old, inputs)).kind;
          if (kind === "create" || kind === "replace") unknown.add(urn);
          if (kind !== "same") run.steps.push({ urn, kind });
        });
      for (const { urn } of this.#unwanted(program)) run.steps.push({ urn, kind: "delete" });
    });
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
    return steps;
  }

  /** `pulumi refresh`. */
  async refresh(context: Context): Promise<Run> {
    return this.#operate(context, async (run) => {
      const read = this.#held.filter((held) => !held.pendingReplacement);
      await Promise.all(read.map((held) => run.attempt(held.urn, () => this.#refresh(run, held))));
    });
  }

  /** `pulumi destroy`; with targets of these and what depends on them. */
  async destroy(context: Context, targets?: readonly string[]): Promise<Run> {
    const isDoomed = ({ urn, dependsOn }: Held): boolean =>
      targets?.some((target) => urn === target || dependsOn.includes(target)) ?? true;
    return this.#operate(context, (run) => this.#deleteAll(run, this.#held.filter(isDoomed)));
  }

  /** `pulumi refresh --clear-pending-creates`, without the refresh. */
  clearPendingCreates(): void {
    this.stack.creating.splice(0);
  }

  /** `pulumi state delete`. */
  forget(urn: string): void {
    for (const held of this.#held.filter((one) => one.urn === urn)) this.#drop(held);
    this.#record();
  }

  /**
   * Ends the operation under way as `kill -9` does: of the CLI, which leaves the record of what it
   * had begun; or of the host alone, and the engine forgets that.
   */
  kill(process: "cli" | "host"): void {
    if (this.#run === undefined) throw new Error("nothing is under way");
    this.#run.kill(process);
  }

  async #operate(context: Context, task: (run: EngineRun) => Promise<void>): Promise<Run> {
    const run = new EngineRun(context, this.#watch);
    this.#run = run;
    this.stack.updating.splice(0);
    await Promise.race([task(run), run.killed]);
    this.#run = undefined;
    for (const { error } of run.failures)
      this.said.push(String(error), ...(partlyMade(error)?.reasons ?? []));
    return { steps: [...run.steps], failures: [...run.failures], died: run.died };
  }

  async #register(run: EngineRun, declared: Declared, mustReplace: boolean): Promise<void> {
    const { urn, args } = declared;
    const news = args((other) => this.#id(other));
    const old = this.#find(urn);
    // Of one that must be replaced the engine asks neither about the old inputs nor for a diff.
    const inputs = await run.check(urn, mustReplace ? {} : (old?.inputs ?? {}), news);
    if (old === undefined) {
      run.steps.push({ urn, kind: "create" });
      await this.#create(run, declared, inputs, undefined);
      return;
    }
    const { kind, deleteFirst } = mustReplace ? REPLACEMENT : await run.diff(old, inputs);
    run.steps.push({ urn, kind });
    if (kind === "same") old.inputs = inputs;
    else if (kind === "update") await this.#update(run, old, inputs);
    else {
      // As for a new one.
      const anew = await run.check(urn, {}, news);
      if (deleteFirst && !old.pendingReplacement) await this.#deleteFirst(run, old);
      await this.#create(run, declared, anew, old);
    }
    this.#record();
  }

  async #create(
    run: EngineRun,
    { urn, dependsOn = [] }: Declared,
    inputs: Bag,
    old: Held | undefined,
  ): Promise<void> {
    const keep = (id: string, outputs: Bag, initErrors: readonly string[]): void => {
      if (old?.pendingReplacement === true) this.#drop(old);
      else if (old !== undefined) old.pendingDelete = true;
      const isCurrent = { pendingDelete: false, pendingReplacement: false };
      this.#held.push({ urn, dependsOn, id, inputs, outputs, initErrors, ...isCurrent });
    };
    // Secrets stay encrypted in the record.
    const ended = this.stack.begin({ ...inputs, password: "[secret]" });
    try {
      const { id, outputs } = await run.create(urn, inputs);
      keep(id, outputs, []);
    } catch (error) {
      const made = partlyMade(error);
      if (made !== undefined) keep(made.id, made.properties, made.reasons);
      throw error;
    } finally {
      ended();
      this.#record();
    }
  }

  async #update(run: EngineRun, old: Held, inputs: Bag): Promise<void> {
    const ended = this.stack.begin({ ...inputs, password: "[secret]" }, this.stack.updating);
    try {
      const outputs = await run.update(old, inputs);
      Object.assign(old, { inputs, outputs, initErrors: [] });
    } catch (error) {
      const made = partlyMade(error);
      if (made !== undefined)
        Object.assign(old, { inputs, outputs: made.properties, initErrors: made.reasons });
      throw error;
    } finally {
      ended();
      this.#record();
    }
  }

  async #refresh(run: EngineRun, held: Held): Promise<void> {
    const { id, outputs } = await run.read(held);
    run.steps.push({ urn: held.urn, kind: id === "" ? "drop" : "read" });
    if (id === "") this.#drop(held);
    else Object.assign(held, { id, outputs, initErrors: [] });
    this.#record();
  }

  /** Those that depend on it go before it, and are made anew after it. */
  async #deleteFirst(run: EngineRun, old: Held): Promise<void> {
    const dependents = this.#held.filter(
      (held) => held.dependsOn.includes(old.urn) && !held.pendingDelete && !held.pendingReplacement,
    );
    for (const held of [...dependents, old]) {
      run.steps.push({ urn: held.urn, kind: "delete" });
      await run.delete(held);
      held.pendingReplacement = true;
      this.#record();
    }
  }

  async #deleteAll(run: EngineRun, doomed: readonly Held[]): Promise<void> {
    const left = new Set(doomed);
    while (left.size > 0 && run.failures.length === 0) {
      const needed = new Set([...left].flatMap(({ dependsOn }) => dependsOn));
      const free = [...left].filter(({ urn }) => !needed.has(urn));
      await Promise.all(free.map((held) => run.attempt(held.urn, () => this.#delete(run, held))));
      for (const held of free) left.delete(held);
    }
  }

  async #delete(run: EngineRun, held: Held): Promise<void> {
    // What was deleted for its replacement is only forgotten.
    if (!held.pendingReplacement) {
      run.steps.push({ urn: held.urn, kind: "delete" });
      await run.delete(held);
    }
    this.#drop(held);
    this.#record();
  }

  /** What an `up` of the program deletes at its end. */
  #unwanted(program: Program): Held[] {
    const urns = program.map(({ urn }) => urn);
    return this.#held.filter((held) => held.pendingDelete || !urns.includes(held.urn));
  }

  #find(urn: string): Held | undefined {
    return this.#held.find((held) => held.urn === urn && !held.pendingDelete);
  }

  #id(urn: string, unknown: ReadonlySet<string> = new Set()): string {
    return (unknown.has(urn) ? undefined : this.#find(urn)?.id) ?? runtime.unknownValue;
  }

  #drop(held: Held): void {
    this.#held = this.#held.filter((other) => other !== held);
  }

  /** Writes the state where the hosts read it. */
  #record(): void {
    const { resources, provider } = this.stack;
    const records = this.#held.map(({ urn, id, inputs, outputs }) => {
      return { urn, id, inputs, outputs, provider };
    });
    resources.splice(0, resources.length, ...clone(records));
  }
}

const REPLACEMENT: Difference = { kind: "replace", deleteFirst: false };

/** Runs a task for each declared one, after those that it depends on. */
async function inOrder(
  program: Program,
  task: (declared: Declared) => Promise<void>,
): Promise<void> {
  const tasks = new Map<string, Promise<void>>();
  for (const declared of program) {
    const before = (declared.dependsOn ?? []).map((urn) => tasks.get(urn) ?? Promise.resolve());
    tasks.set(
      declared.urn,
      Promise.all(before).then(() => task(declared)),
    );
  }
  await Promise.all(tasks.values());
}
