import { checkFault, type CheckedFault, type Fault } from "./faultCheck";
import { actionsOfKind, type FaultKind } from "./faultKinds";

/** A fault that may still hit. */
export interface PendingFault extends Fault {
  readonly call: number;
  readonly times: number | "always";
  readonly when: "before" | "after";
  /** How many matching calls came since the fault was added. */
  readonly seen: number;
}

/** A call that a fault hit. */
export interface FaultHit {
  readonly kind: FaultKind;
  /** The action of the call. */
  readonly action: string;
  readonly when: "before" | "after";
  /** Milliseconds since 1970, by the emulator's clock. */
  readonly at: number;
}

/** A call that faults may match. */
export interface MetCall {
  /** "" when the request names none. */
  readonly action: string;
  /** Whether a list is asked for one InstanceUuid. */
  readonly isById: boolean;
}

interface Counted {
  readonly fault: CheckedFault;
  seen: number;
  /** When a fault with `forSeconds` ends; undefined before its first hit. */
  endsAt?: number;
}

const MOST_HITS = 10_000;
/** A list that lags or hides shows what it is asked for by id, unless the fault says `byId`. */
const SPARE_QUERIES_BY_ID: readonly FaultKind[] = ["lagging-list", "hidden-entries"];

/**
 * Decides which fault hits a call. Nothing is random, and no timer runs. Each fault counts every call that it matches,
 * even if another fault hits that call. When several faults match, the one that was added first hits.
 */
export class FaultInjector {
  readonly #hasServer: boolean;
  readonly #hits: FaultHit[] = [];
  #pending: Counted[] = [];

  /** @param hasServer Whether the emulator listens: then `dns`, `refused` and `tls` are not possible. */
  constructor(hasServer = false) {
    this.#hasServer = hasServer;
  }

  /**
   * Adds a fault behind the others.
   *
   * @throws EmulatorFaultError when the fault is not valid.
   */
  add(fault: Fault): void {
    this.#pending.push({ fault: checkFault(fault, this.#hasServer), seen: 0 });
  }

  /**
   * Adds several faults in their order: all of them, or none.
   *
   * @throws EmulatorFaultError when one of them is not valid.
   */
  addAll(faults: readonly unknown[]): void {
    const checked = faults.map((fault) => checkFault(fault, this.#hasServer));
    this.#pending.push(...checked.map((fault) => ({ fault, seen: 0 })));
  }

  /** Removes all faults that may still hit. {@link hits} stay. */
  clear(): void {
    this.#pending = [];
  }

  /** The faults that may still hit, in the order they were added. */
  get faults(): readonly PendingFault[] {
    return this.#pending.map(({ fault: { action, ...fault }, seen }) => ({
      ...fault,
      ...(action === undefined ? {} : { action }),
      seen,
    }));
  }

  /** The calls that were hit, the latest 5,000 at least, oldest first. */
  get hits(): readonly FaultHit[] {
    return this.#hits;
  }

  /** Counts a call, and returns the fault that hits it. A request without an action is none of the API's calls. */
  meet(call: MetCall, at: number): CheckedFault | undefined {
    if (call.action === "" || this.#pending.length === 0) return undefined;
    this.#pending = this.#pending.filter(({ endsAt = Infinity }) => at < endsAt);
    let first: Counted | undefined;
    for (const counted of this.#pending) {
      if (!matches(counted.fault, call)) continue;
      counted.seen += 1;
      if (counted.seen >= counted.fault.call) first ??= counted;
    }
    this.#pending = this.#pending.filter(mayStillHit);
    if (first === undefined) return undefined;
    const { kind, when, forSeconds } = first.fault;
    if (forSeconds !== undefined) first.endsAt ??= at + forSeconds * 1000;
    this.#hits.push({ kind, action: call.action, when, at });
    if (this.#hits.length > MOST_HITS) this.#hits.splice(0, MOST_HITS / 2);
    return first.fault;
  }
}

function matches(
  { kind, action, byId = false }: CheckedFault,
  { action: called, isById }: MetCall,
): boolean {
  if (isById && SPARE_QUERIES_BY_ID.includes(kind) && !byId) return false;
  return action === undefined ? actionsOfKind(kind).includes(called) : action === called;
}

function mayStillHit({ fault: { call, times }, seen }: Counted): boolean {
  return times === "always" || seen < call + times - 1;
}
