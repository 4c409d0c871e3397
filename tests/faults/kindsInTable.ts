import { FAULT_KINDS, type FaultKind } from "../../emulator";

/**
 * Kinds of which nobody has said yet what the provider must do under them, so that the table of faults, the histories
 * and the search for secrets leave them out. To take one in: delete its line here, and give it its outcome in
 * expectations.ts.
 */
const WITHOUT_EXPECTATION: readonly FaultKind[] = [
  "other-size",
  "other-version",
  "other-port",
  "late-entry",
  "lagging-list",
  "hidden-entries",
  "doubled-entries",
  "upper-case-ids",
  "odd-entry",
  "control-status",
  "control-names",
  "null-empty-list",
];

/** They change what the vendor refuses by itself; unusual.test.ts has such refusals. */
const NEED_A_REFUSAL: readonly FaultKind[] = ["refusal-under-200", "refusal-under-400"];

/** The kinds that the table of faults and the histories go through. */
export const KINDS_IN_TABLE: readonly FaultKind[] = FAULT_KINDS.filter(
  (kind) => ![...WITHOUT_EXPECTATION, ...NEED_A_REFUSAL].includes(kind),
);
