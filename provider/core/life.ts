import type { Checked } from "./arguments";
import type { Operation } from "./operation";

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
