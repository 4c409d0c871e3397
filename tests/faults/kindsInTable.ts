import { FAULT_KINDS, type FaultKind } from "../../emulator";

/**
 * Kinds of which nobody has said yet what the provider must do under them, so that the table of faults, the histories
 * and the search for secrets leave them out. To take one in: delete its line here, and give it its outcome in
 * expectations.ts.
 */
const WITHOUT_EXPECTATION: readonly FaultKind[] = [
  "http-403-gateway",
  "http-200-throttled",
  "http-400-throttled",
  "http-200-expired",
  "http-400-expired",
  "http-400-control",
  "echo-plain",
  "echo-json",
  "echo-html",
  "echo-percent",
  "echo-signature",
  "control-text",
  "doubled-request",
  "doubled-request-400",
  "refusal-under-200",
  "refusal-under-400",
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

/** The kinds that the table of faults and the histories go through. */
export const KINDS_IN_TABLE: readonly FaultKind[] = FAULT_KINDS.filter(
  (kind) => !WITHOUT_EXPECTATION.includes(kind),
);
