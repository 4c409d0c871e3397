import type { EmulatorCatalog } from "../catalog";
import type { EmulatorVdc } from "../networks";
import type { Parameters } from "../parameters";
import type { EmulatorStore, ListView } from "../store";

/** The account and the settings that actions use. */
export interface ActionContext {
  readonly store: EmulatorStore;
  readonly catalog: EmulatorCatalog;
  /** Undefined where orders may name any network. */
  readonly vdcs: readonly EmulatorVdc[] | undefined;
  /** Whether CreateDBInstance answers the ids of the new instances (`newer`) or not (`first`). */
  readonly edition: "first" | "newer";
  /** How this call's list looks at the store. */
  readonly view: ListView;
  readonly newTaskId: () => string;
  /** A URL that gives the backup's file for an hour. */
  readonly downloadUrl: (backupId: string) => string;
}

export interface ActionAnswer {
  readonly data: unknown;
  /** The vendor's text differs from action to action: `Success.`, `success`, `succes`. */
  readonly message: string;
  /** In the documents some answers have no TaskId, some an empty one. Default: none. */
  readonly taskId?: string;
  /** Ids of the new instances or backup entries, for the log. */
  readonly made?: readonly string[];
}

/** One action of the API. */
export interface Action {
  readonly name: string;
  /** The API that it is part of, whose name is the path. Default: `redis`. */
  readonly service?: "network";
  readonly method: "GET" | "POST";
  /** Parameters that must be there, in the order of the documents; without one: 400 `ArgMissing`. */
  readonly required: readonly string[];
  readonly run: (parameters: Parameters, context: ActionContext) => ActionAnswer;
}
