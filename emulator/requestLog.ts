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
const SECOND_MS = 1_000;

/** Keeps the latest requests for tests to count, and writes a line about each. */
export class RequestLog {
  readonly #write: ((line: string) => void) | undefined;
  readonly requests: EmulatorRequest[] = [];

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write;
  }

  add(entry: LogEntry): void {
    const { action, status, code, at, fault } = entry;
    this.requests.push({ action, status, code, at, ...(fault === undefined ? {} : { fault }) });
    // Halving the list now and then is cheaper than shifting it each time.
    if (this.requests.length > MOST_REQUESTS) this.requests.splice(0, MOST_REQUESTS / 2);
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
}

/** For example `2026-11-21T08:30:00.000Z GET DescribeBackups 404 ResourceNotFound 0.3 ms 2/s InstanceUuid=… "There is no…"`. */
export function logLine(entry: LogEntry, callsInSecond: number): string {
  const { parameters } = entry;
  const shownParameters = [...SHOWN_PARAMETERS].flatMap(([name, pattern]) => {
    const value = parameters?.shown(name);
    return value === undefined || !pattern.test(value) ? [] : [`${name}=${plain(value)}`];
  });
  return [
    new Date(entry.at).toISOString(),
    plain(entry.method),
    entry.action === "" ? "-" : plain(entry.action),
    entry.status,
    entry.code === "" ? "-" : plain(entry.code),
    `${entry.milliseconds.toFixed(1)} ms`,
    `${callsInSecond}/s`,
    ...shownParameters,
    ...(entry.made ?? []).map((id) => `made=${id}`),
    ...(entry.fault === undefined ? [] : [`fault=${entry.fault}`]),
    ...(entry.replaced === undefined ? [] : [`after=${entry.replaced}`]),
    ...(entry.message === undefined ? [] : [`"${entry.message}"`]),
  ].join(" ");
}

/** A single word stays as it is; any other text is quoted. */
function plain(text: string): string {
  return /^[\p{L}\p{N}_.:-]{1,80}$/u.test(text) ? text : shown(text);
}
