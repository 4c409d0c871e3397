import { isLoopback } from "../loopback";

/** The beginning of the paths that control the emulator, which are no part of the vendor's API. */
export const CONTROL_PATH = "/_emulator/";

export interface ControlRequest {
  readonly method: string;
  /** The address that the request comes from. */
  readonly remoteAddress: string | undefined;
  /** The header Host. */
  readonly host: string | undefined;
  /** The header Origin, which a browser sends with the requests of a page. */
  readonly origin?: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface ControlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or an `error` for a person. */
  readonly body: string;
}

/** Who asks, as far as it decides whether the control answers. */
type Asker = Pick<ControlRequest, "remoteAddress" | "host" | "origin">;

/**
 * The refusal of a request that does not come from this machine, or comes from another site's page that is open on it.
 * Undefined for the others, which need no signature.
 */
export function refusalOf({
  remoteAddress = "",
  host = "",
  origin,
}: Asker): ControlAnswer | undefined {
  if (!isLoopback(plainAddress(remoteAddress))) {
    return refusal(403, "The control of the emulator answers this machine alone.");
  }
  // A web site could point its own name to this address and then send requests from its pages.
  if (!isLoopback(hostName(host))) {
    return refusal(
      403,
      "The control of the emulator answers under a loopback address alone, such as 127.0.0.1.",
    );
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return refusal(403, "The control of the emulator answers no page of another site.");
  }
  return undefined;
}

/** The value that a request sends, or the refusal of one that is not JSON. `what` names what is sent. */
export function sentJson(
  { contentType, body }: ControlRequest,
  what: string,
): { readonly value: unknown } | { readonly refused: ControlAnswer } {
  // A browser asks before it sends this type to another site, and the emulator refuses.
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) {
    return { refused: refusal(415, `Send ${what} with Content-Type: application/json.`) };
  }
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return { refused: refusal(400, `The body is not JSON: send ${what}.`) };
  }
}

/** @param allow The methods that the path takes. */
export function wrongMethod(meaning: string, allow: string): ControlAnswer {
  return refusal(405, meaning, { Allow: allow });
}

export function refusal(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): ControlAnswer {
  const answer = json(status, { error });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function json(status: number, body: object): ControlAnswer {
  return {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
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
