import type { Fault, FaultKind } from "../../emulator";
import { sleep, type BegunOrder, type Context } from "../face";
import type { Run } from "../stackModel";
import type { Coverage } from "./coverage";
import { dueTo } from "./deeds";
import {
  deniesOrderBriefly,
  lies,
  type Deed,
  type History,
  type Mishaps,
  type Side,
  type Step,
} from "./history";
import { isOrder, Judge, orderName } from "./judge";
import { StackSide, urnOf } from "./stackSide";
import { WatchedVendor, type SeenCall } from "./watchedVendor";

const TELLS_OTHERWISE: readonly FaultKind[] = ["control-names", "odd-entry", "lagging-list"];

/** A vendor's account, the stacks that use it, and somebody else. */
export class World {
  readonly history: History;
  readonly vendor: WatchedVendor;
  readonly judge: Judge;
  readonly coverage: Coverage;
  /** Of one project and one name, on two backends. */
  readonly sides: readonly [StackSide, StackSide];
  /** Whether a stack may hold what was changed or deleted: only a refresh shows it. */
  tampered = false;
  /** For which resource an order was. */
  readonly #urns = new Map<SeenCall, string>();
  /** Orders whose notes the operation under way has dropped. */
  #settled: BegunOrder[] = [];
  #noted = 0;

  constructor(history: History, coverage: Coverage) {
    this.history = history;
    this.vendor = new WatchedVendor(history);
    this.coverage = coverage;
    this.judge = new Judge(this.vendor, () => this.sides);
    const { onCall } = this.vendor;
    this.vendor.onCall = (call) => {
      const urn = isOrder(call) ? this.sides[call.side].ordering(orderName(call)) : undefined;
      if (urn !== undefined) this.#urns.set(call, urn);
      onCall(call);
    };
    const one = new StackSide(0, this.judge.watch);
    const journal = history.sameMachine ? one.stack.noted : undefined;
    this.sides = [one, new StackSide(1, this.judge.watch, journal)];
    for (const name of history.first) one.wishes.set(name, history.wish);
  }

  /** Does one step, and holds what came of it against the invariants. */
  async perform(step: Step): Promise<void> {
    await this.judged(() => this.#do(step));
  }

  async judged(task: () => Promise<void>): Promise<void> {
    const before = new Map(this.sides.map((side) => [side, side.ids()]));
    await task();
    this.judge.noteMade(this.#noted, this.#urns);
    this.#noted = this.vendor.calls.length;
    this.judge.afterStep(before);
  }

  async up(side: Side, mishaps: Mishaps = {}, replace: readonly string[] = []): Promise<Run> {
    const { model } = this.sides[side];
    this.coverage.ups += 1;
    const program = this.sides[side].program();
    return this.#operate(side, mishaps, (context) => model.up(context, program, replace));
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case "want":
        this.sides[step.side].wishes.set(step.what, step.wish);
        return;
      case "drop":
        this.sides[step.side].wishes.delete(step.what);
        return;
      case "up":
        await this.up(step.side, step, step.replace === undefined ? [] : [urnOf(step.replace)]);
        return;
      case "refresh":
        await this.refresh(step.side, step);
        return;
      case "destroy": {
        const targets = step.target === undefined ? undefined : [urnOf(step.target)];
        await this.destroy(step.side, step, targets);
        return;
      }
      case "forget":
        this.sides[step.side].model.clearPendingCreates();
        return;
      case "elsewhere":
        this.#act(step.deed);
        return;
      case "pass":
        await sleep(step.minutes * 60_000);
        return;
      case "mend":
        this.vendor.api.faults.clear();
    }
  }

  async refresh(side: Side, mishaps: Mishaps = {}): Promise<Run> {
    const { model } = this.sides[side];
    return this.#operate(side, mishaps, (context) => model.refresh(context));
  }

  async destroy(side: Side, mishaps: Mishaps = {}, targets?: readonly string[]): Promise<Run> {
    const { model } = this.sides[side];
    return this.#operate(side, mishaps, (context) => model.destroy(context, targets));
  }

  /** A host for one operation. */
  host(side: Side, { death, meanwhile }: Mishaps = {}): Context {
    const { stack, model, warned } = this.sides[side];
    return this.vendor.host({
      side,
      stack,
      death,
      onDeath: (process) => {
        model.kill(process);
      },
      onCall: (call) => {
        if (call === meanwhile?.call) this.#act(meanwhile.deed);
      },
      onSettled: (token) => {
        const order = stack.noted.get(token);
        if (order !== undefined) this.#settled.push(order);
      },
      onWarning: (text) => warned.push(text),
    });
  }

  async #operate(
    side: Side,
    mishaps: Mishaps,
    task: (context: Context) => Promise<Run>,
  ): Promise<Run> {
    for (const fault of mishaps.faults ?? []) this.#inject(fault);
    const { vendor } = this;
    const from = vendor.calls.length;
    this.#settled = [];
    const run = await task(this.host(side, mishaps));
    const deletes = vendor.calls.slice(from).some(({ action }) => action.startsWith("Delete"));
    // The engine keeps what it doesn't know to be deleted, until a refresh.
    this.tampered ||= deletes && (run.died !== undefined || run.failures.length > 0);
    // So it keeps what a list told otherwise.
    this.tampered ||= vendor.api.faults.hits.some(({ kind }) => TELLS_OTHERWISE.includes(kind));
    this.coverage.count(run);
    if (run.died !== undefined) this.judge.pardon(this.#settled);
    for (const { error } of run.failures)
      // A mistake of the program's, not something to tell its user.
      if (error instanceof TypeError || error instanceof RangeError) throw error;
    return run;
  }

  /** What is not fair together is left out: what nobody can see through. */
  #inject(fault: Fault): void {
    const { faults } = this.vendor.api;
    const isLied = lies(fault) || (this.history.listLagSeconds ?? 0) > 0;
    // Lists that lie don't add up to a proof: one such fault at a time.
    if (lies(fault) && faults.faults.some(lies)) return;
    if (isLied && faults.faults.some(deniesOrderBriefly)) return;
    if (deniesOrderBriefly(fault) && (isLied || faults.faults.some(lies))) return;
    faults.add(fault);
  }

  #act(deed: Deed): void {
    const { judge, vendor } = this;
    const held = this.sides.flatMap(({ model }) => model.held);
    const delivered = held.filter(({ outputs }) => outputs["__delivered"] !== undefined);
    const { made, changedOurs } = dueTo(deed, vendor.api.store, judge.others, {
      delivered: new Set(delivered.map(({ id }) => id)),
      shown: vendor.shown,
    });
    for (const id of made) judge.others.add(id);
    this.tampered ||= changedOurs;
    this.coverage.deeds += 1;
  }
}
