import type { FaultKind } from "../../emulator";
import { isContentKind } from "../../emulator/faults/faultKinds";
import type { Cell } from "./cells";
import { BACKUP_LISTS, BACKUP_ORDER } from "./operations";

/** What must become of the operation that a fault hits. */
export type Outcome =
  /** It does what it is for: the call is sent again, or done without. */
  | "ends well"
  /** An error that names what may have been made; nothing is in the state. */
  | "is named"
  /** An error; what was made is kept in the state. */
  | "is partly made"
  /** An error; nothing was made. */
  | "is refused"
  /** An error; what was there stays in the state. */
  | "stays"
  /** An error; what was there stays in the state, and what was made is named. */
  | "is safeguarded";

type Class = "notSent" | "refusal" | "keyRefused" | "notFound" | "busy" | "limited" | "unclear";

const CLASSES: Readonly<Partial<Record<FaultKind, Class>>> = {
  dns: "notSent",
  refused: "notSent",
  tls: "notSent",
  "http-400": "refusal",
  // Nothing is wrong with the clock here, so that another timestamp is no remedy.
  "http-200-expired": "refusal",
  "http-400-expired": "refusal",
  "http-400-control": "refusal",
  "echo-plain": "refusal",
  "echo-json": "refusal",
  "echo-html": "refusal",
  "echo-percent": "refusal",
  "echo-signature": "refusal",
  "http-401": "keyRefused",
  "http-403": "keyRefused",
  "http-403-gateway": "keyRefused",
  "http-404": "notFound",
  "http-409": "busy",
  "http-429": "limited",
  "http-429-retry-after": "limited",
  "http-200-throttled": "limited",
  "http-400-throttled": "limited",
};

/** What the vendor or something before it says with a kind; the answer of most says nothing. */
export function classOf(kind: FaultKind): Class {
  return CLASSES[kind] ?? "unclear";
}

/** How that comes, for the name of a test. */
export function rule(cell: Cell): string {
  switch (expected(cell)) {
    case "ends well":
      return endsWellBy(cell);
    case "is named":
      return "not sent again, and named";
    case "is partly made":
      return "kept as partly made";
    case "is refused":
      return "an error, and nothing is made";
    case "stays":
      return "an error, and what is there stays";
    case "is safeguarded":
      return "an error, what is there stays, and what was made is named";
  }
}

function endsWellBy({ phase, kind, when }: Cell): string {
  if (phase.role === "order" && when === "after")
    return phase.action === BACKUP_ORDER ? "found by its mark" : "found by its name";
  if (phase.role === "delete" && when === "after") return "seen to be gone";
  if (phase.role === "order" || phase.role === "delete") return "sent again";
  return isContentKind(kind) ? "no reason to stop" : "asked again";
}

/** The table. */
export function expected(cell: Cell): Outcome {
  const outcome = cell.times === 1 ? once(cell) : lasting(cell);
  if (outcome !== "ends well" && cell.phase.safeguards === true) return "is safeguarded";
  return outcome === "stays" && cell.phase.prunes === true ? "is partly made" : outcome;
}

function once(cell: Cell): Outcome {
  const { kind, which, phase } = cell;
  switch (phase.role) {
    case "catalogue":
      // An empty catalogue sells nothing.
      if (kind === "empty-list") return "ends well";
      return isFinalForReads(cell) || kind === "no-id" ? "is refused" : "ends well";
    case "unneeded catalogue":
      return classOf(kind) === "keyRefused" ? "is refused" : "ends well";
    case "look":
      // It shows what was deleted for the replacement, and has the name.
      if (kind === "lagging-list" && phase.after !== undefined) return "is refused";
      return isFinalForReads(cell) ? "is refused" : "ends well";
    case "import":
      // The architecture is another word, as far as anybody can tell.
      return isFinalForReads(cell) || kind === "control-names" ? "is refused" : "ends well";
    case "read":
      return isFinalForReads(cell) ? "stays" : "ends well";
    case "wait":
      // The forged line in the status says error.
      return ["failed-status", "control-status"].includes(kind) &&
        which !== "last" &&
        !(which === "middle" && phase.isMostlyReady === true) &&
        phase.calls === "many"
        ? "is partly made"
        : "ends well";
    case "find":
    case "takeOver":
    case "gone":
    case "shards":
    case "network":
      return "ends well";
    case "order":
      return onceOrdered(cell);
    case "delete":
      return onceDeleted(cell);
  }
}

/** A read is sent again but after these. */
function isFinalForReads({ kind, phase }: Cell): boolean {
  // Of an instance that is gone there are no backups.
  if (classOf(kind) === "notFound") return phase.action !== BACKUP_LISTS;
  return ["refusal", "keyRefused", "busy"].includes(classOf(kind));
}

function onceOrdered({ kind, when }: Cell): Outcome {
  if (kind === "two-ids") return "is partly made";
  // What was carried out is found, whatever the answer says.
  if (when === "after") return "ends well";
  switch (classOf(kind)) {
    case "notSent":
    case "busy":
    case "limited":
      return "ends well";
    case "keyRefused":
      // The vendor accepted the key just before, so the refusal may be a gateway's, after the call.
      return "is named";
    case "refusal":
    case "notFound":
      return "is refused";
    case "unclear":
      return "is named";
  }
}

function onceDeleted({ kind, when }: Cell): Outcome {
  switch (classOf(kind)) {
    case "notSent":
    case "busy":
    case "limited":
      return "ends well";
    case "refusal":
    case "keyRefused":
      return "stays";
    case "notFound":
      return when === "after" ? "ends well" : "stays";
    case "unclear":
      // The vendor says that it took the delete, and did not.
      return ["null-data", "empty-list"].includes(kind) && when === "before"
        ? "stays"
        : "ends well";
  }
}

function lasting({ kind, phase }: Cell): Outcome {
  switch (phase.role) {
    case "catalogue":
    case "unneeded catalogue":
    case "look":
    case "import":
    case "takeOver":
      return "is refused";
    case "find":
      return "is named";
    case "wait":
      return "is partly made";
    case "order":
      return classOf(kind) === "limited" ? "is refused" : "is named";
    case "shards":
    case "network":
      return "ends well";
    case "read":
    case "delete":
    case "gone":
      return "stays";
  }
}
