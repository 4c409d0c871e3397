import { actionsOfKind, isContentKind, isNotSentKind } from "../../emulator/faults/faultKinds";
import type { FaultKind } from "../../emulator";
import { KINDS_IN_TABLE } from "./kindsInTable";
import type { Operation, Phase } from "./operations";

/** One call of an operation, counted in its phase. */
export interface Site {
  readonly operation: Operation;
  readonly phase: Phase;
  readonly which: "1st" | "2nd" | "middle" | "last";
}

/** A fault at a site. */
export interface Cell extends Site {
  readonly kind: FaultKind;
  readonly when: "before" | "after";
  readonly times: 1 | "always";
}

/** A fault that can't be at a site, or is the same as another one. */
export interface Inapplicable extends Cell {
  readonly reason: string;
}

/** A process that dies at a site. */
export interface KillCell extends Site {
  readonly process: "cli" | "host";
  readonly when: "before" | "after";
}

/** Those that can last. */
const LASTING: readonly FaultKind[] = ["hang", "http-429", "html", "http-500", "reset"];
/** Of these one for each way: no answer, a refusal, an answer of no use. */
const LASTING_POLLS: readonly FaultKind[] = LASTING.slice(0, 3);
/**
 * Those that the client or the decoding of an answer meets in one place, whatever the call is for. At
 * reads they are at the first call of each loop alone.
 */
const MET_IN_ONE_PLACE: readonly FaultKind[] = [
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
];
/** Those that pass a part of the real answer on. */
const PASSING_ON: readonly FaultKind[] = ["slow", "truncated", "huge", "truncated-json", "no-code"];

export function isWrite({ action }: Phase): boolean {
  return /^(Create|Delete)/.test(action);
}

function isOwn({ asIn }: Phase): boolean {
  return asIn === undefined;
}

export function sitesOf(operation: Operation): Site[] {
  return operation.phases
    .filter(isOwn)
    .flatMap((phase) => whichOf(phase).map((which) => ({ operation, phase, which })));
}

function whichOf({ calls, like }: Phase): readonly Site["which"][] {
  if (calls !== "many") return calls === 1 ? ["1st"] : ["1st", "2nd"];
  return like === undefined ? ["1st", "2nd", "middle", "last"] : ["1st", "last"];
}

function lastingKinds({ calls }: Phase): readonly FaultKind[] {
  return calls === "many" ? LASTING_POLLS : LASTING;
}

/** Every kind at every site once; and from the first call of each phase on for ever those that can last. */
export function cellsOf(operations: readonly Operation[]): {
  readonly cells: readonly Cell[];
  readonly inapplicable: readonly Inapplicable[];
} {
  const sites = operations.flatMap(sitesOf);
  const once = sites.flatMap((site) =>
    KINDS_IN_TABLE.flatMap((kind) =>
      (["before", "after"] as const).map((when): Cell => ({ ...site, kind, when, times: 1 })),
    ),
  );
  const lasting = sites
    .filter(({ which }) => which === "1st")
    .flatMap((site) =>
      lastingKinds(site.phase).map((kind): Cell => ({
        ...site,
        kind,
        when: "before",
        times: "always",
      })),
    );
  const judged = once.map((cell) => ({ cell, reason: obstacle(cell) }));
  return {
    cells: [
      ...judged.flatMap(({ cell, reason }) => (reason === undefined ? [cell] : [])),
      ...lasting,
    ],
    inapplicable: judged.flatMap(({ cell, reason }) =>
      reason === undefined ? [] : [{ ...cell, reason }],
    ),
  };
}

export function killsOf(operations: readonly Operation[]): readonly KillCell[] {
  return operations.flatMap(sitesOf).flatMap((site) =>
    (["cli", "host"] as const).flatMap((process) =>
      // Whether the vendor has seen a read makes no difference to anybody.
      (isWrite(site.phase) ? (["before", "after"] as const) : (["before"] as const)).map(
        (when): KillCell => ({ ...site, process, when }),
      ),
    ),
  );
}

/** Why a fault can't be at a site. */
function obstacle({ operation, kind, when, which, phase }: Cell): string | undefined {
  const actions = actionsOfKind(kind);
  if (!actions.includes(phase.action))
    return actions.every((action) => action.startsWith("Create"))
      ? `${kind}: only ${actions.join(" and ")} can meet it`
      : `${kind}: ${phase.action} answers no list`;
  if (isContentKind(kind) && when === "before")
    return `${kind}: it changes the answer of a call that was carried out`;
  if (isNotSentKind(kind) && when === "after")
    return `${kind}: what is never sent is never carried out`;
  if (kind === "control-names" && operation.name === "import" && phase.role === "wait")
    return `${kind}: the list tells another architecture than the one before, which is drift`;
  if (
    kind === "upper-case-ids" &&
    phase.role === "wait" &&
    phase.safeguards === true &&
    which === "last"
  )
    return `${kind}: the file is asked for by the id of the last list, and the emulator matches ids exactly`;
  const isFirst = which === "1st" && phase.like === undefined;
  if (MET_IN_ONE_PLACE.includes(kind) && !isWrite(phase) && !isFirst)
    return `${kind}: the first call of a loop stands for the others`;
  if (isWrite(phase) || isContentKind(kind) || isNotSentKind(kind)) return undefined;
  const wanted = PASSING_ON.includes(kind) ? "after" : "before";
  return when === wanted ? undefined : `a read changes nothing: ${wanted} stands for both`;
}

export function nameOf({ operation, phase, which }: Site): string {
  return `${operation.name}, ${phase.role}: ${phase.action} ${which} call`;
}
