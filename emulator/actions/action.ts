import type { EmulatorCatalog } from "../catalog";
import type { Parameters } from "../parameters";
import type { EmulatorStore, ListView } from "../store";

/** What the actions work with. */
export interface ActionContext {
  readonly store: EmulatorStore;
  readonly catalog: EmulatorCatalog;
  /** Whether CreateDBInstance tells the ids of what it made (`newer`) or not (`first`). */
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
  /** Some answers of the documents have no TaskId, some an empty one. Default: none. */
  readonly taskId?: string;
  /** Ids of what was made, for the log. */
  readonly made?: readonly string[];
}

/** One of the API's actions, in one file each. */
export interface Action {
  readonly name: string;
  readonly method: "GET" | "POST";
  /** Asked for before `run`, in the documents' order: 400 `ArgMissing`. */
  readonly required: readonly string[];
  readonly run: (parameters: Parameters, context: ActionContext) => ActionAnswer;
}
