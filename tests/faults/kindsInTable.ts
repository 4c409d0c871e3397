import { FAULT_KINDS, type FaultKind } from "../../emulator";

/** They change what the vendor refuses by itself; unusual.test.ts has such refusals. */
const NEED_A_REFUSAL: readonly FaultKind[] = ["refusal-under-200", "refusal-under-400"];

/** The kinds that the table of faults and the histories go through. */
export const KINDS_IN_TABLE: readonly FaultKind[] = FAULT_KINDS.filter(
  (kind) => !NEED_A_REFUSAL.includes(kind),
);
