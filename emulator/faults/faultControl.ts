import { EmulatorFaultError, FAULT_FIELDS } from "./faultCheck";
import { FAULT_KINDS, FAULT_MEANINGS, isNotSentKind } from "./faultKinds";
import type { FaultInjector } from "./faults";
import { isLoopback } from "../loopback";

/** The path of the control of faults, which is no part of the vendor's API. */
export const FAULTS_PATH = "/_emulator/faults";

export interface ControlRequest {
  readonly method: string;
  /** The address that the request comes from. */
  readonly remoteAddress: string | undefined;
  /** The header Host. */
  readonly host: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON: the faults and hits, or an `error` for a person. */
  readonly body: string;
}

/**
 * Lists (GET), adds (POST one or an array) or clears (DELETE) faults. Requests are not signed. Instead they must
 * come from this machine, but not from a web page that is open on it.
 */
export function answerControl(faults: FaultInjector, request: ControlRequest): ControlAnswer {
  if (!isLoopback(plainAddress(request.remoteAddress ?? ""))) {
    return refusal(403, "Faults are taken from this machine alone.");
  }
  // A web site could point its own name to this address and then send requests from its pages.
  if (!isLoopback(hostName(request.host ?? ""))) {
    return refusal(403, "Faults are taken under a loopback address alone, such as 127.0.0.1.");
  }
  switch (request.method) {
    case "GET":
      return json(200, { ...listed(faults), kinds: possibleKinds(), fields: FAULT_FIELDS });
    case "DELETE":
      faults.clear();
      return json(200, listed(faults));
    case "POST":
      return added(faults, request);
    default:
      return refusal(405, "GET lists the faults, POST adds some, DELETE clears them.", {
        Allow: "GET, POST, DELETE",
      });
  }
}

function added(faults: FaultInjector, { contentType, body }: ControlRequest): ControlAnswer {
  // A browser asks before it sends this type to another site, and the emulator refuses.
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) {
    return refusal(415, "Send faults with Content-Type: application/json.");
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return refusal(400, "The body is not JSON: send one fault, or an array of faults.");
  }
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

function possibleKinds(): object {
  const possible = FAULT_KINDS.filter((kind) => !isNotSentKind(kind));
  return Object.fromEntries(possible.map((kind) => [kind, FAULT_MEANINGS[kind]]));
}

function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): ControlAnswer {
  const answer = json(status, { error });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function json(status: number, body: object): ControlAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json" },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}

/** Removes the prefix that an IPv4 address has on an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:/i, "");
}

function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
}
