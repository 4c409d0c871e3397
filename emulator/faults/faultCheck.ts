import {
  actionsOfKind,
  FAULT_ACTIONS,
  FAULT_KINDS,
  isContentKind,
  isNotSentKind,
  type FaultKind,
} from "./faultKinds";
import { shown } from "../shown";

/** One way in which calls go wrong, and which calls. */
export interface Fault {
  readonly kind: FaultKind;
  /** The action it hits, `BackupFile` for the file of a backup. Default: any that the kind can hit. */
  readonly action?: string;
  /** Which matching call it hits first, counted from when it was added: 1 (the default) or more. */
  readonly call?: number;
  /** How many matching calls in a row. Default: 1; `always` never ends. */
  readonly times?: number | "always";
  /**
   * `before`: the vendor never sees the call; `after`: it carries the call out, and the answer is replaced. Default:
   * `before`; for the kinds that change what the vendor tells (such as `no-id`) `after`, which is all they can be.
   * The file of a backup is cut (`slow`, `truncated`, `huge`) in the same way before and after.
   */
  readonly when?: "before" | "after";
}

/** A fault with its defaults filled in. */
export interface CheckedFault {
  readonly kind: FaultKind;
  /** Undefined: any that the kind can hit. */
  readonly action: string | undefined;
  readonly call: number;
  readonly times: number | "always";
  readonly when: "before" | "after";
}

/** A fault that can't be: the message says what is wrong with it, and what can be said instead. */
export class EmulatorFaultError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EmulatorFaultError";
  }
}

const FIELDS = ["kind", "action", "call", "times", "when"];

/**
 * Checks a fault that may come from outside.
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
    times: fault["times"] === "always" ? "always" : checkedCount("times", fault["times"] ?? 1),
    when: checkedWhen(kind, fault["when"]),
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

function checkedCount(name: "call" | "times", value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  const always = name === "times" ? ", or always" : "";
  throw new EmulatorFaultError(
    `${name} must be a whole number, 1 or more${always}, not ${quoted(value)}.`,
  );
}

function quoted(value: unknown): string {
  if (typeof value === "number") return String(value);
  return shown(typeof value === "string" ? value : `a value of type ${typeof value}`);
}
