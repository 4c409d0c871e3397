import type { FaultKind } from "./faults/faultKinds";
import type { Parameters } from "./parameters";
import { shown } from "./shown";

/** One request, and the answer that the client got. */
export interface EmulatorRequest {
  /** The action that the request names; "" without one, `BackupFile` for a download. */
  readonly action: string;
  /** HTTP status of the answer; 0 when a fault of the connection cut the answer. */
  readonly status: number;
  /** The `Code` of the answer; "" when the answer has none. */
  readonly code: string;
  /** Milliseconds since 1970, by the emulator's clock. */
  readonly at: number;
  /** The kind of the fault that hit the request, if one did. */
  readonly fault?: FaultKind;
}

/** A request as the log shows it. */
export interface LogEntry extends EmulatorRequest {
  readonly method: string;
  readonly parameters?: Parameters | undefined;
  readonly made?: readonly string[] | undefined;
  /** The message of a refusal. */
  readonly message?: string | undefined;
  readonly milliseconds: number;
  /** The `Code` of the real answer that a fault replaced. */
  readonly replaced?: string | undefined;
}

/** A request as the page shows it. It holds no key, signature, nonce, password or download token. */
export interface ShownCall extends EmulatorRequest {
  /** 1 for the first request since the start. */
  readonly number: number;
  readonly method: string;
  readonly milliseconds: number;
  /** Such as `InstanceName=cache`. */
  readonly parameters: readonly string[];
  readonly made: readonly string[];
  readonly message?: string;
  readonly replaced?: string;
}

/** The parameters that are shown, and how their values may look. A new or misspelt parameter shows no secret. */
const SHOWN_PARAMETERS: ReadonlyMap<string, RegExp> = new Map([
  ["RegionId", /^\w*$/],
  ["InstanceUuid", /^/],
  ["InstanceName", /^/],
  ["IP", /^[\d.]*$/],
  ["TagName", /^/],
  ["PaasGoodsId", /^\d*$/],
  ["Amount", /^\d*$/],
  ["BackupId", /^/],
  ["Desc", /^/],
]);

const MOST_REQUESTS = 10_000;
const MOST_SHOWN = 50;
const SECOND_MS = 1_000;

/** Keeps the latest requests for tests to count, and writes a line about each. */
export class RequestLog {
  readonly #write: ((line: string) => void) | undefined;
  readonly requests: EmulatorRequest[] = [];
  /** The latest 50 requests for people, oldest first. */
  readonly shown: ShownCall[] = [];
  #count = 0;

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write;
  }

  add(entry: LogEntry): void {
    const { action, status, code, at, fault } = entry;
    this.requests.push({ action, status, code, at, ...(fault === undefined ? {} : { fault }) });
    // Halving the list now and then is cheaper than shifting it each time.
    if (this.requests.length > MOST_REQUESTS) this.requests.splice(0, MOST_REQUESTS / 2);
    this.#count += 1;
    this.shown.push(shownCall(entry, this.#count));
    if (this.shown.length > MOST_SHOWN) this.shown.shift();
    this.#write?.(logLine(entry, this.inSecondBefore(at)));
  }

  /** How many requests came in the second that ends at this moment. */
  inSecondBefore(at: number): number {
    const { requests } = this;
    let count = 0;
    for (let index = requests.length - 1; index >= 0; index -= 1) {
      if ((requests[index]?.at ?? 0) <= at - SECOND_MS) break;
      count += 1;
    }
    return count;
  }

  /** How many requests came in each of the last seconds, the present one last. */
  perSecond(now: number, seconds: number): number[] {
    const counts = new Array<number>(seconds).fill(0);
    const present = Math.floor(now / SECOND_MS);
    for (let index = this.requests.length - 1; index >= 0; index -= 1) {
      const ago = present - Math.floor((this.requests[index]?.at ?? 0) / SECOND_MS);
      if (ago >= seconds) break;
      // The clock may have been set back.
      if (ago >= 0) counts[seconds - 1 - ago] = (counts[seconds - 1 - ago] ?? 0) + 1;
    }
    return counts;
  }
}

function shownCall(entry: LogEntry, number: number): ShownCall {
  const { action, status, code, at, fault, method, milliseconds, made = [] } = entry;
  return {
    ...{ number, at, method: word(method), action: word(action), status, code: word(code) },
    ...{ milliseconds, parameters: shownParameters(entry), made },
    ...(fault === undefined ? {} : { fault }),
    ...(entry.replaced === undefined ? {} : { replaced: entry.replaced }),
    ...(entry.message === undefined ? {} : { message: entry.message }),
  };
}

function shownParameters({ parameters }: LogEntry): string[] {
  return [...SHOWN_PARAMETERS].flatMap(([name, pattern]) => {
    const value = parameters?.shown(name);
    return value === undefined || !pattern.test(value) ? [] : [`${name}=${plain(value)}`];
  });
}

/** For example `2026-11-21T08:30:00.000Z GET DescribeBackups 404 ResourceNotFound 0.3 ms 2/s InstanceUuid=… "There is no…"`. */
export function logLine(entry: LogEntry, callsInSecond: number): string {
  return [
    new Date(entry.at).toISOString(),
    word(entry.method),
    word(entry.action),
    entry.status,
    word(entry.code),
    `${entry.milliseconds.toFixed(1)} ms`,
    `${callsInSecond}/s`,
    ...shownParameters(entry),
    ...(entry.made ?? []).map((id) => `made=${id}`),
    ...(entry.fault === undefined ? [] : [`fault=${entry.fault}`]),
    ...(entry.replaced === undefined ? [] : [`after=${entry.replaced}`]),
    ...(entry.message === undefined ? [] : [`"${entry.message}"`]),
  ].join(" ");
}

function word(text: string): string {
  return text === "" ? "-" : plain(text);
}

/** A single word stays as it is; any other text is quoted. */
function plain(text: string): string {
  return /^[\p{L}\p{N}_.:-]{1,80}$/u.test(text) ? text : shown(text);
}
