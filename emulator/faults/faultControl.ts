import {
  json,
  refusal,
  sentJson,
  wrongMethod,
  type ControlAnswer,
  type ControlRequest,
} from "../control/controlGuard";
import { EmulatorFaultError, FAULT_FIELDS } from "./faultCheck";
import { actionsOfKind, FAULT_KINDS, FAULT_MEANINGS, isNotSentKind } from "./faultKinds";
import type { FaultInjector } from "./faults";

/** The path of the control of faults, which is no part of the vendor's API. */
export const FAULTS_PATH = "/_emulator/faults";

const WHAT = "one fault, or an array of faults";

/** Lists (GET), adds (POST one or an array) or clears (DELETE) faults. `answeredControl` has let the request in. */
export function answerFaultControl(faults: FaultInjector, request: ControlRequest): ControlAnswer {
  switch (request.method) {
    case "GET":
      return json(200, {
        ...listed(faults),
        kinds: eachKind((kind) => FAULT_MEANINGS[kind]),
        actions: eachKind(actionsOfKind),
        fields: FAULT_FIELDS,
      });
    case "DELETE":
      faults.clear();
      return json(200, listed(faults));
    case "POST":
      return added(faults, request);
    default:
      return wrongMethod(
        "GET lists the faults, POST adds some, DELETE clears them.",
        "GET, POST, DELETE",
      );
  }
}

function added(faults: FaultInjector, request: ControlRequest): ControlAnswer {
  const sent = sentJson(request, WHAT);
  if ("refused" in sent) return sent.refused;
  const { value } = sent;
  try {
    faults.addAll(Array.isArray(value) ? value : [value]);
  } catch (error) {
    if (!(error instanceof EmulatorFaultError)) throw error;
    return refusal(400, error.message);
  }
  return json(200, listed(faults));
}

function listed({ faults, hits }: FaultInjector): object {
  return { faults, hits };
}

/** What is known of each kind that a server can do. */
function eachKind<T>(tell: (kind: (typeof FAULT_KINDS)[number]) => T): Record<string, T> {
  const possible = FAULT_KINDS.filter((kind) => !isNotSentKind(kind));
  return Object.fromEntries(possible.map((kind) => [kind, tell(kind)]));
}
