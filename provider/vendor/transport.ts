import type { ClientRequest } from "node:http";
import { Agent } from "node:https";

import axios, { type AxiosAdapter, type AxiosInstance } from "axios";
import { z } from "zod";

import { CdsAnswerError, CdsConnectionError, type Target } from "./errors";
import { looseText, wireObject } from "./wire";

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Polls are up to 15 s apart. Node closes an unused connection after 5 s. */
const KEEP_OPEN_MS = 20_000;

export interface HttpCall {
  /** The vendor's name of the call. */
  readonly action: string;
  readonly method: "GET" | "POST";
  readonly body?: Readonly<Record<string, string | number>>;
}

const envelope = wireObject({
  code: ["Code", z.string()],
  message: ["Message", looseText],
  taskId: ["TaskId", looseText],
  data: ["Data", z.unknown().optional()],
});

/** An answer of the vendor, with the secrets that it echoes. */
export interface Answer extends z.output<typeof envelope> {
  readonly httpStatus: number;
  readonly retryAfterMs: number | undefined;
  /** The server's clock by its `Date`, in milliseconds since the epoch; NaN where there is none. */
  readonly date: number;
}

/** A gateway before the vendor's API refuses in its own words; with any other status they may mean anything. */
const REFUSED_BY_GATEWAY: ReadonlySet<number> = new Set([401, 403, 429]);
const gatewayEnvelope = envelope.catch({ code: "refused", message: "", taskId: "", data: null });

/** Sends calls to one endpoint over HTTP. */
export class Transport {
  readonly #target: Target;
  readonly #http: AxiosInstance;

  constructor(target: Target, adapter?: AxiosAdapter) {
    this.#target = target;
    this.#http = axios.create({
      headers: { Accept: "application/json", "User-Agent": "pulumi-cds-redis" },
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      validateStatus: () => true,
      httpsAgent: new Agent({ keepAlive: true, timeout: KEEP_OPEN_MS }),
      // A proxy named in the environment can't reach this machine's loopback.
      ...(isLoopback(new URL(target.endpoint).hostname) ? { proxy: false as const } : {}),
      ...(adapter === undefined ? {} : { adapter }),
    });
  }

  /**
   * Sends a call with its signed query. It has this time from the first byte sent to the last byte read.
   * Throws a {@link CdsConnectionError} where no answer came, and a {@link CdsAnswerError} where the
   * answer is cut off or not the vendor's.
   */
  async send(call: HttpCall, query: string, timeoutMs: number): Promise<Answer> {
    const { action, method, body: data } = call;
    const { endpoint, settingNames } = this.#target;
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, timeoutMs);
    const url = `${endpoint}/redis/?${query}`;
    const { status, headers, ...answer } = await this.#http
      .request<unknown>({ url, method, data, signal: timeout.signal })
      .catch((error: unknown) => {
        const isLate = timeout.signal.aborted;
        throw this.#failure(action, error, isLate ? `timed out after ${timeoutMs / 1000} s` : "");
      })
      .finally(() => {
        clearTimeout(timer);
      });
    const shape = REFUSED_BY_GATEWAY.has(status) ? gatewayEnvelope : envelope;
    const wire = shape.safeParse(answer.data);
    if (!wire.success) {
      const reason = `it is not JSON with a Code, as the vendor's: check ${settingNames.endpoint}, ${endpoint}`;
      throw new CdsAnswerError(action, status, reason);
    }
    const date = Date.parse(String(headers["date"]));
    const retryAfterMs = millisecondsOf(headers["retry-after"]);
    return { ...wire.data, httpStatus: status, date, retryAfterMs };
  }

  #failure(action: string, error: unknown, lateness: string): Error {
    // Nothing of the axios error is kept: its config holds the signed URL and the body.
    const { code, message, cause, request } = error as HttpFailure;
    if (code === "ERR_BAD_RESPONSE" || message?.includes("maxContentLength"))
      return new CdsAnswerError(action, 0, "it is cut off or larger than 8 MiB");
    const reason = lateness || (code ?? "failed");
    const isConnected = cause?.syscall !== "connect" && request?.reusedSocket !== false;
    const isSent = !NOT_SENT.test(reason) && (isConnected || !UNCONNECTED.test(reason));
    return new CdsConnectionError(action, reason, isSent, this.#target);
  }
}

/** What is read of an error of axios. */
interface HttpFailure extends Partial<NodeJS.ErrnoException> {
  readonly cause?: NodeJS.ErrnoException;
  readonly request?: ClientRequest;
}

/** Failures before a connection stands, so that the vendor can't have seen the call. */
const NOT_SENT =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/;
/** Failures of a new connection, or of one that stands. */
const UNCONNECTED = /^(EHOSTUNREACH|ENETUNREACH|EPROTO)/;

/** Whether a host is this machine's loopback, the only place where plain `http://` is allowed. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** What `Retry-After` says, as a number of seconds or a date. */
function millisecondsOf(retryAfter: unknown): number | undefined {
  if (typeof retryAfter !== "string" || retryAfter === "") return undefined;
  const seconds = Number(retryAfter);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
