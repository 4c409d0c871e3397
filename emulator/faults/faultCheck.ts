import {
  actionsOfKind,
  FAULT_ACTIONS,
  FAULT_KINDS,
  isContentKind,
  isNotSentKind,
  type FaultKind,
} from "./faultKinds";
import { MOST_LAG_SECONDS } from "../recordHistory";
import { shown } from "../shown";

/** What goes wrong, and with which calls. */
export interface Fault {
  readonly kind: FaultKind;
  /** The action that is hit, `BackupFile` for the file of a backup. Default: any that the kind can hit. */
  readonly action?: string;
  /** The first matching call that is hit, counted from when the fault was added. Default: 1. */
  readonly call?: number;
  /** How many matching calls in a row are hit; `always` never ends. Default: 1. */
  readonly times?: number | "always";
  /**
   * `before`: the vendor never sees the call. `after`: the vendor carries out the call, and the answer is replaced. Kinds
   * that change the vendor's answer (such as `no-id`) can only be `after`, which is their default; the others have
   * `before`. For the file of a backup it makes no difference to `slow`, `truncated` and `huge`.
   */
  readonly when?: "before" | "after";
  /** Instead of `times`: every matching call is hit until so many seconds after the first hit. */
  readonly forSeconds?: number;
  /** How late lists are (`lagging-list`) or show new entries (`late-entry`), at most 600. Default: 60. */
  readonly seconds?: number;
  /** The InstanceUuid, BackupId or ShardId of the listed entry that is changed. Default: as the kind says. */
  readonly id?: string;
  /** Which of the new entries is late; 1 is the first. Default: all of them. */
  readonly shard?: number;
  /** Whether DescribeDBInstances lacks the instance even when it is asked for its InstanceUuid. Default: false. */
  readonly byId?: boolean;
}

/** A fault with its defaults filled in. */
export interface CheckedFault extends Omit<Fault, "action"> {
  /** Undefined: any action that the kind can hit. */
  readonly action: string | undefined;
  readonly call: number;
  readonly times: number | "always";
  readonly when: "before" | "after";
}

/** A fault is not valid. The message says what is wrong and which values are possible. */
export class EmulatorFaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EmulatorFaultError";
  }
}

/** The meaning of each field of a fault, as the control endpoint shows it. */
export const FAULT_FIELDS: Readonly<Record<keyof Fault, string>> = {
  kind: "What goes wrong.",
  action:
    "The action that is hit; BackupFile for the file of a backup. Default: any that the kind can hit.",
  call: "The first matching call that is hit. Default: 1.",
  times: "How many matching calls are hit in a row, or always. Default: 1.",
  when: "before or after the vendor carries the call out. Default: before, or after where nothing else is possible.",
  forSeconds:
    "Instead of times: for how many seconds from the first hit on every matching call is hit.",
  seconds: "How late lists are. Default: 60.",
  id: "The InstanceUuid, BackupId or ShardId of the listed entry that is changed.",
  shard: "Which of the new entries is late; 1 is the first. Default: all.",
  byId: "true: the instance is missing even when a list is asked for its InstanceUuid. Default: false.",
};

const FIELDS = Object.keys(FAULT_FIELDS);

/** The fields that only some kinds have. */
const KINDS_WITH: Readonly<Record<"seconds" | "id" | "shard" | "byId", readonly FaultKind[]>> = {
  seconds: ["lagging-list", "late-entry"],
  id: [
    "hidden-entries",
    "doubled-entries",
    "upper-case-ids",
    "odd-entry",
    "control-status",
    "control-names",
  ],
  shard: ["late-entry"],
  byId: ["lagging-list", "hidden-entries", "late-entry"],
};
const DEFAULT_SECONDS = 60;

/**
 * The fault with its defaults. It may come from another process.
 *
 * @param hasServer Whether the emulator listens, so that its clients always reach it.
 * @throws EmulatorFaultError
 */
export function checkFault(value: unknown, hasServer: boolean): CheckedFault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new EmulatorFaultError(`A fault must be an object with ${FIELDS.join(", ")}.`);
  }
  const unknown = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw new EmulatorFaultError(
      `A fault has no field ${shown(unknown)}: its fields are ${FIELDS.join(", ")}.`,
    );
  }
  const fault: Readonly<Record<string, unknown>> = { ...value };
  const kind = checkedKind(fault["kind"], hasServer);
  return {
    kind,
    action: checkedAction(kind, fault["action"]),
    call: checkedCount("call", fault["call"] ?? 1),
    times: checkedTimes(fault),
    when: checkedWhen(kind, fault["when"]),
    ...checkedDetails(kind, fault),
  };
}

function checkedKind(value: unknown, hasServer: boolean): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === value);
  if (kind === undefined) {
    const what = value === undefined ? "kind is missing" : `There is no kind ${quoted(value)}`;
    const possible = FAULT_KINDS.filter((known) => !(hasServer && isNotSentKind(known)));
    throw new EmulatorFaultError(`${what}: name one of ${possible.join(", ")}.`);
  }
  if (hasServer && isNotSentKind(kind)) {
    throw new EmulatorFaultError(
      `${kind} is not possible on an emulator that listens: it can't be out of reach for one call. ` +
        "Take reset, stop the emulator, or use an EmulatorApi without a server.",
    );
  }
  return kind;
}

function checkedAction(kind: FaultKind, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const possible = actionsOfKind(kind);
  const action = possible.find((known) => known === value);
  if (action !== undefined) return action;
  const reason = FAULT_ACTIONS.some((known) => known === value)
    ? `${kind} can't hit ${quoted(value)}`
    : `There is no action ${quoted(value)}`;
  throw new EmulatorFaultError(
    `${reason}: name one of ${possible.join(", ")}, or leave action out for any of them.`,
  );
}

function checkedWhen(kind: FaultKind, value: unknown): "before" | "after" {
  if (value !== undefined && value !== "before" && value !== "after") {
    throw new EmulatorFaultError(`when must be before or after, not ${quoted(value)}.`);
  }
  if (value === "before" && isContentKind(kind)) {
    throw new EmulatorFaultError(
      `${kind} can't be before: it changes what the vendor tells of a call that it carried out. ` +
        "Say after, or leave when out.",
    );
  }
  if (value === "after" && isNotSentKind(kind)) {
    throw new EmulatorFaultError(
      `${kind} can't be after: a call that is never sent is never carried out. ` +
        "Say before, or leave when out; reset can be after.",
    );
  }
  return value ?? (isContentKind(kind) ? "after" : "before");
}

function checkedTimes({ times, forSeconds }: Readonly<Record<string, unknown>>): number | "always" {
  if (forSeconds !== undefined && times !== undefined) {
    throw new EmulatorFaultError("times and forSeconds exclude each other: leave one out.");
  }
  if (forSeconds !== undefined || times === "always") return "always";
  return checkedCount("times", times ?? 1);
}

function checkedCount(name: "call" | "times" | "shard", value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  const always = name === "times" ? ", or always" : "";
  throw new EmulatorFaultError(
    `${name} must be a whole number, 1 or more${always}, not ${quoted(value)}.`,
  );
}

/** The fields that only some kinds have, as far as the fault gives them. */
function checkedDetails(
  kind: FaultKind,
  fault: Readonly<Record<string, unknown>>,
): Pick<Fault, "forSeconds" | "seconds" | "id" | "shard" | "byId"> {
  for (const [field, kinds] of Object.entries(KINDS_WITH)) {
    if (fault[field] === undefined || kinds.includes(kind)) continue;
    throw new EmulatorFaultError(
      `${kind} has no field ${field}: these kinds have it: ${kinds.join(", ")}.`,
    );
  }
  const { forSeconds, id, shard, byId } = fault;
  const seconds =
    fault["seconds"] ?? (KINDS_WITH.seconds.includes(kind) ? DEFAULT_SECONDS : undefined);
  if (id !== undefined && (typeof id !== "string" || id === "")) {
    throw new EmulatorFaultError(`id must be a text, not ${quoted(id)}.`);
  }
  if (byId !== undefined && typeof byId !== "boolean") {
    throw new EmulatorFaultError(`byId must be true or false, not ${quoted(byId)}.`);
  }
  return {
    ...(forSeconds === undefined ? {} : { forSeconds: checkedSeconds("forSeconds", forSeconds) }),
    ...(seconds === undefined ? {} : { seconds: checkedSeconds("seconds", seconds) }),
    ...(id === undefined ? {} : { id }),
    ...(shard === undefined ? {} : { shard: checkedCount("shard", shard) }),
    ...(byId === undefined ? {} : { byId }),
  };
}

function checkedSeconds(name: "seconds" | "forSeconds", value: unknown): number {
  const most = name === "seconds" ? MOST_LAG_SECONDS : Infinity;
  if (typeof value === "number" && value > 0 && value <= most) return value;
  const limit = name === "seconds" ? ` and at most ${MOST_LAG_SECONDS}` : "";
  throw new EmulatorFaultError(
    `${name} must be a number more than 0${limit}, not ${quoted(value)}.`,
  );
}

function quoted(value: unknown): string {
  if (typeof value === "number") return String(value);
  return shown(typeof value === "string" ? value : `a value of type ${typeof value}`);
}
