import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import axios, { type AxiosAdapter, type AxiosInstance } from "axios";
import { z } from "zod";

import { CdsAnswerError, CdsConnectionError, type CdsError, type Target } from "./errors";

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface HttpRequest {
  /** The vendor's name of the call. */
  readonly action: string;
  readonly method: "GET" | "POST";
  /** Signed. */
  readonly query: string;
  readonly body: object | undefined;
  /** From the first byte sent to the last byte read. */
  readonly timeoutMs: number;
}

/** An answer as it came, whoever wrote it. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The server's clock by its `Date`, in milliseconds since the epoch; NaN where there is none. */
  readonly date: number;
  readonly retryAfterMs: number | undefined;
}

/** Sends requests to one endpoint over HTTP, without looking into the answers. */
export class Transport {
  readonly #target: Target;
  readonly #http: AxiosInstance;

  /** The adapter replaces the network; for tests in one process. */
  constructor(target: Target, adapter?: AxiosAdapter) {
    this.#target = target;
    this.#http = axios.create({
      headers: { Accept: "application/json", "User-Agent": "pulumi-cds-redis" },
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: "text",
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
      // A proxy named in the environment can't reach this machine's loopback.
      ...(isLoopback(new URL(target.endpoint).hostname) ? { proxy: false as const } : {}),
      ...(adapter === undefined ? {} : { adapter }),
    });
  }

  /** Throws a {@link CdsConnectionError} where no answer came, and a {@link CdsAnswerError} where only a part did. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { method, query, body, timeoutMs } = request;
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, timeoutMs);
    try {
      const { status, data, headers } = await this.#http.request<string>({
        url: `${this.#target.endpoint}/redis/?${query}`,
        method,
        signal: timeout.signal,
        ...(body && {
          data: JSON.stringify(body),
          headers: { "Content-Type": "application/json" },
        }),
      });
      const date = Date.parse(String(headers["date"]));
      return { status, text: data, date, retryAfterMs: retryAfterMs(headers["retry-after"]) };
    } catch (error) {
      throw this.#failure(request, error, timeout.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  #failure({ action, timeoutMs }: HttpRequest, error: unknown, timedOut: boolean): CdsError {
    // Nothing of the axios error is kept: its config holds the signed URL and the body.
    const { code, message, cause, request } = axiosFailure.catch({}).parse(error);
    if (code === "ERR_BAD_RESPONSE" || message?.includes("maxContentLength"))
      return new CdsAnswerError(action, 0, "it is cut off or larger than 8 MiB");
    const reason = timedOut ? `timed out after ${timeoutMs / 1000} s` : (code ?? "failed");
    const isConnected = cause?.syscall !== "connect" && request?.reusedSocket !== false;
    const isUnsent = NOT_SENT.test(reason) && !(MAY_BE_SENT.test(reason) && isConnected);
    return new CdsConnectionError(action, reason, !isUnsent, this.#target);
  }
}

const axiosFailure = z.looseObject({
  code: z.string().optional(),
  message: z.string().optional(),
  cause: z.looseObject({ syscall: z.string().optional() }).optional().catch(undefined),
  request: z.looseObject({ reusedSocket: z.boolean().optional() }).optional().catch(undefined),
});

/** Failures before a connection stands, so that the vendor can't have seen the call. */
const NOT_SENT =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;
/** Those of them that a connection which stands may report, too. */
const MAY_BE_SENT = /^(EHOSTUNREACH|ENETUNREACH|EPROTO)/;

/** Whether a host is this machine's loopback, the only place where plain `http://` is allowed. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function retryAfterMs(header: unknown): number | undefined {
  if (typeof header !== "string" || header === "") return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
