import { randomUUID } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import axios, { type AxiosAdapter, type AxiosInstance, type AxiosResponse } from "axios";
import { z } from "zod";

import { CdsAnswerError, CdsApiError, CdsConnectionError, CdsTurnError } from "./errors";
import { NoTurnError, Pace } from "./pace";
import { retryRead, type Sleep } from "./retry";
import { withoutSecrets } from "./secrets";
import { formatTimestamp, signedQuery, type Credentials } from "./signer";
import { wireText } from "./wire";

/** From the first byte sent to the last byte read. */
const CALL_TIMEOUT_MS = 30_000;
const LEAST_TIMEOUT_MS = 1_000;
const READ_PATIENCE_MS = 90_000;
/** A write that would be given less is not sent: whether it was carried out would not be known. */
const LEAST_WRITE_MS = 4_000;
const LEAST_PATIENCE_MS = 1_000;
/** Calls whose answer serves all resources of the account or the region. */
const SHARED: ReadonlySet<string> = new Set([
  "DescribeRegins",
  "DescribeAvailableDBConfig",
  "DescribeDBInstances",
]);
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** A refused call is signed anew when this machine's clock is off by more than this. */
const TOLERATED_SKEW_MS = 60_000;

export interface ClientOptions {
  /** Base URL, such as `https://cdsapi.capitalonline.net`. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly now: () => number;
  readonly sleep: Sleep;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

type Params = Readonly<Record<string, string>>;
type Body = Readonly<Record<string, string | number>>;

interface Call {
  readonly action: string;
  readonly method: "GET" | "POST";
  readonly params: Params;
  readonly body?: Body;
  /** Less than the usual limit where an operation has less time left. */
  readonly timeoutMs?: number;
  readonly onSent?: () => void;
}

const envelope = z.looseObject({
  Code: z.string(),
  // What became of the call doesn't hang on these.
  Message: wireText.catch(""),
  TaskId: wireText.catch(""),
  Data: z.unknown().optional(),
});

/** Signs, sends and decodes the calls of one account at one endpoint. */
export class CdsClient {
  readonly endpoint: string;
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #http: AxiosInstance;
  readonly #pace: Pace;
  /** How far the vendor's clock is ahead of ours. */
  #skewMs = 0;

  constructor(options: ClientOptions) {
    this.endpoint = options.endpoint.replace(/\/+$/, "");
    this.#credentials = options.credentials;
    this.#now = options.now;
    this.#sleep = options.sleep;
    this.#pace = new Pace(options.now, options.sleep);
    this.#http = axios.create({
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: "text",
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
      // A proxy named in the environment can't reach this machine's loopback.
      ...(isLoopback(new URL(this.endpoint).hostname) ? { proxy: false as const } : {}),
      ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
    });
  }

  /**
   * Sends a call that changes nothing; sent again after failures that may pass.
   *
   * @param onSent Told when the call leaves, each time.
   */
  async read<T>(
    action: string,
    params: Params,
    data: z.ZodType<T>,
    onSent?: () => void,
  ): Promise<T> {
    const call: Call = { action, method: "GET", params, ...(onSent && { onSent }) };
    return retryRead(() => this.#send(call, data), this.#sleep);
  }

  /** Sends a call that changes something: once, whatever becomes of it. */
  async write<T>(
    action: string,
    body: Body,
    data: z.ZodType<T>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    return this.#send({ action, method: "POST", params: {}, body, timeoutMs }, data);
  }

  async #send<T>(call: Call, data: z.ZodType<T>): Promise<T> {
    const skewMs = this.#skewMs;
    try {
      return this.#decode(call, await this.#attempt(call), data);
    } catch (error) {
      const refused = error instanceof CdsApiError && error.isUnauthorized;
      // The skew may have been learnt by this call or, in parallel, by another one.
      if (!refused || Math.abs(this.#skewMs - skewMs) <= TOLERATED_SKEW_MS) throw error;
      return this.#decode(call, await this.#attempt(call), data);
    }
  }

  /** Waits for its turn, and sends once. */
  async #attempt(call: Call): Promise<AxiosResponse<string>> {
    const { action, method, timeoutMs = CALL_TIMEOUT_MS, onSent } = call;
    const start = this.#now();
    const isRead = method === "GET";
    // A read is given its time from its turn on; a write only what its operation has left.
    const patienceMs = isRead
      ? READ_PATIENCE_MS
      : Math.max(timeoutMs - LEAST_WRITE_MS, LEAST_PATIENCE_MS);
    const send = (): Promise<AxiosResponse<string>> => {
      onSent?.();
      const waitedMs = isRead ? 0 : this.#now() - start;
      return this.#request(call, Math.max(timeoutMs - waitedMs, LEAST_TIMEOUT_MS));
    };
    try {
      return await this.#pace.send(SHARED.has(action) ? "shared" : "own", send, patienceMs);
    } catch (error) {
      if (!(error instanceof NoTurnError)) throw error;
      throw new CdsTurnError(action, error.message);
    }
  }

  async #request(call: Call, mostMs: number): Promise<AxiosResponse<string>> {
    const timeout = new AbortController();
    const timeoutMs = Math.min(mostMs, CALL_TIMEOUT_MS);
    const timer = setTimeout(() => {
      timeout.abort();
    }, timeoutMs);
    try {
      const sentAt = this.#now();
      const query = signedQuery(
        {
          action: call.action,
          method: call.method,
          params: call.params,
          nonce: randomUUID(),
          timestamp: formatTimestamp(this.#now() + this.#skewMs),
        },
        this.#credentials,
      );
      const response = await this.#http.request<string>({
        url: `${this.endpoint}/redis/?${query}`,
        method: call.method,
        signal: timeout.signal,
        headers: { Accept: "application/json", "User-Agent": "pulumi-cds-redis" },
        ...(call.body === undefined
          ? {}
          : {
              data: JSON.stringify(call.body),
              headers: { "Content-Type": "application/json", "User-Agent": "pulumi-cds-redis" },
            }),
      });
      this.#learnSkew(response);
      this.#learnPace(response, sentAt);
      return response;
    } catch (error) {
      throw this.#connectionError(call, error, timeout.signal.aborted ? timeoutMs : undefined);
    } finally {
      clearTimeout(timer);
    }
  }

  #connectionError(call: Call, error: unknown, timedOutMs: number | undefined): Error {
    // Nothing of the axios error is kept: its config holds the signed URL and the body.
    const { code, message, cause, request } = axiosFailure.catch({}).parse(error);
    if (code === "ERR_BAD_RESPONSE" || message?.includes("maxContentLength"))
      return new CdsAnswerError(call.action, 0, "it is cut off or larger than 8 MiB");
    const reason =
      timedOutMs === undefined ? (code ?? "failed") : `timed out after ${timedOutMs / 1000} s`;
    const isConnected = cause?.syscall !== "connect" && request?.reusedSocket !== false;
    const isUnsent = NOT_SENT.test(reason) && !(MAY_BE_SENT.test(reason) && isConnected);
    return new CdsConnectionError(call.action, this.endpoint, reason, !isUnsent);
  }

  #learnPace({ status, headers }: AxiosResponse<string>, sentAt: number): void {
    if (status === 429)
      this.#pace.throttled(sentAt, retryAfter(headers["retry-after"], this.#now()));
    else if (status < 400) this.#pace.taken(sentAt);
  }

  #learnSkew(response: AxiosResponse<string>): void {
    if (response.status !== 401 && response.status !== 403) return;
    const date = Date.parse(String(response.headers["date"] ?? ""));
    if (Number.isNaN(date)) return;
    const skewMs = date - this.#now();
    if (Math.abs(skewMs - this.#skewMs) > TOLERATED_SKEW_MS) this.#skewMs = skewMs;
  }

  #decode<T>(call: Call, response: AxiosResponse<string>, data: z.ZodType<T>): T {
    const { status } = response;
    const parsed = envelope.safeParse(parseJson(response.data));
    const retryAfterMs = retryAfter(response.headers["retry-after"], this.#now());
    if (!parsed.success) {
      // A gateway before the vendor's API refuses in its own words; any other status may mean anything.
      if (status === 401 || status === 403 || status === 429)
        throw new CdsApiError(call.action, {
          httpStatus: status,
          code: "refused",
          vendorMessage: "",
          taskId: undefined,
          retryAfterMs,
        });
      throw new CdsAnswerError(
        call.action,
        status,
        `it is not JSON with a Code, as the vendor's: check cds:endpoint, ${this.endpoint}`,
      );
    }
    const { Code: code, Message: message, TaskId: taskId, Data } = parsed.data;
    if (code !== "Success" || status >= 300)
      throw new CdsApiError(call.action, {
        httpStatus: status,
        code: this.#withoutSecrets(code, call),
        vendorMessage: this.#withoutSecrets(message, call),
        taskId: taskId === "" ? undefined : this.#withoutSecrets(taskId, call),
        retryAfterMs,
      });
    const decoded = data.safeParse(Data);
    if (!decoded.success) {
      const [issue] = decoded.error.issues;
      const path = ["Data", ...(issue?.path ?? [])].join(".");
      throw new CdsAnswerError(
        call.action,
        status,
        `${path}: ${issue?.message ?? "not as expected"}`,
      );
    }
    return decoded.data;
  }

  /** The vendor's text may echo what was sent. */
  #withoutSecrets(text: string, call: Call): string {
    const { accessKeyId, accessKeySecret } = this.#credentials;
    const secrets = [accessKeySecret, accessKeyId, String(call.body?.["Password"] ?? "")];
    return withoutSecrets(text, secrets);
  }
}

const axiosFailure = z.looseObject({
  code: z.string().optional(),
  message: z.string().optional(),
  cause: z.looseObject({ syscall: z.string().optional() }).optional().catch(undefined),
  request: z.looseObject({ reusedSocket: z.boolean().optional() }).optional().catch(undefined),
});

/** Of these some come on a connection that stands, too. */
const MAY_BE_SENT = /^(EHOSTUNREACH|ENETUNREACH|EPROTO)/;
/** Failures before a connection stands, so that the vendor can't have seen the call. */
const NOT_SENT =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;

/** Whether a host is this machine's loopback, the only place where plain `http://` is allowed. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

function retryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== "string" || header === "") return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
