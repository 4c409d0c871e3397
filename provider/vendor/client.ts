import { randomUUID } from "node:crypto";

import axios, { type AxiosAdapter, type AxiosInstance, type AxiosResponse } from "axios";
import { backOff } from "exponential-backoff";
import { z } from "zod";

import { now } from "../time";
import { agentFor } from "./agent";
import { logged } from "./callLog";
import { withoutSecrets } from "./displayText";
import {
  CdsAnswerError,
  CdsApiError,
  CdsError,
  CdsGatewayError,
  type SettingNames,
} from "./errors";
import { connectionError } from "./failure";
import { MAX_RETRY_AFTER_MS, Pace } from "./pace";
import { formatTimestamp, signedQuery, type Credentials, type SigningRequest } from "./signer";
import { looseText, wireObject } from "./wire";

const CALL_TIMEOUT_MS = 30_000;
const LEAST_TIMEOUT_MS = 1_000;
const READ_PATIENCE_MS = 90_000;
/** A write with less time left is not sent: whether it was carried out would not be known. */
const LEAST_WRITE_MS = 4_000;
/** A refused call is signed anew when this machine's clock is off by more than this. */
const TOLERATED_SKEW_MS = 60_000;
/** Polls are up to 15 s apart. Node closes an unused connection after 5 s. */
const KEEP_OPEN_MS = 20_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface ClientOptions {
  /** Base URL without a slash at its end, such as `https://cdsapi.capitalonline.net`. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** How errors name what configures this account. */
  readonly settingNames: SettingNames;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

/** The vendor's APIs that are asked. */
type Service = "redis" | "network";

interface Call<T> extends Omit<SigningRequest, "nonce" | "timestamp"> {
  readonly service: Service;
  readonly body?: Readonly<Record<string, string | number>>;
  readonly data: z.ZodType<T>;
  /** How often the call was sent so far. */
  attempts: number;
  /** How often the vendor's gateway has failed at this call so far. */
  gatewayFailures: number;
}

const envelope = wireObject({
  code: ["Code", z.string()],
  message: ["Message", looseText],
  taskId: ["TaskId", looseText],
  data: ["Data", z.unknown().optional()],
});
/** A gateway before the vendor's API refuses in its own words; with any other status they may mean anything. */
const REFUSED_BY_GATEWAY: ReadonlySet<number> = new Set([401, 403, 429]);
const gatewayEnvelope = envelope.catch({ code: "refused", message: "", taskId: "", data: null });

type HttpAnswer = Pick<AxiosResponse<unknown>, "status" | "headers" | "data">;

/** An answer of the vendor, with the secrets that it echoes. */
interface Answer extends z.output<typeof envelope> {
  readonly httpStatus: number;
  readonly retryAfterMs: number | undefined;
  /** The server's clock by its `Date`, in milliseconds since the epoch; NaN where there is none. */
  readonly date: number;
}

/** A clock to sign with. */
interface Clock {
  /** How far it is ahead of this machine's. */
  readonly aheadMs: number;
  /** Whether the vendor accepted a call that was signed with it: that proves the key, too. */
  isAccepted: boolean;
}

/**
 * Signs, sends and decodes the calls of one account at one endpoint. A call passes these methods: `read`
 * or `write` waits for its turn, `#send` repeats it once for the clock, `#request` signs it and judges
 * the answer, `#exchange` reads Code and Message, `#receive` talks HTTP.
 */
export class CdsClient {
  readonly endpoint: string;
  readonly #options: Omit<ClientOptions, "adapter">;
  readonly #http: AxiosInstance;
  readonly #pace = new Pace();
  #clock: Clock = { aheadMs: 0, isAccepted: false };

  constructor(options: ClientOptions) {
    const { endpoint, adapter } = options;
    this.endpoint = endpoint;
    this.#options = options;
    // A proxy named in the environment can't reach this machine's loopback.
    const mayUseProxy = !isLoopback(new URL(endpoint).hostname);
    this.#http = axios.create({
      headers: { Accept: "application/json", "User-Agent": "pulumi-cds-redis" },
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      validateStatus: () => true,
      httpsAgent: agentFor(endpoint, mayUseProxy, { keepAlive: true, timeout: KEEP_OPEN_MS }),
      // The agent knows the proxy.
      proxy: false,
      ...(adapter === undefined ? {} : { adapter }),
    });
  }

  /** Sends a call that changes nothing, and up to three times more after failures that may pass. */
  async read<T>(
    action: string,
    params: SigningRequest["params"],
    data: z.ZodType<T>,
    service: Service = "redis",
  ): Promise<T> {
    const request = { service, action, method: "GET", params, data } as const;
    const call: Call<T> = { ...request, attempts: 0, gatewayFailures: 0 };
    // A read is given its time from its turn on.
    const send = (): Promise<T> => this.#send(call, now() + CALL_TIMEOUT_MS);
    return backOff(() => this.#pace.send(action, send, READ_PATIENCE_MS), {
      numOfAttempts: 4,
      startingDelay: 250,
      maxDelay: 5_000,
      jitter: "full",
      retry: mayPass,
    });
  }

  /**
   * Sends a call that changes something. Sends it once more only where the vendor certainly refused it
   * for this machine's clock.
   */
  async write<T>(
    action: string,
    body: Readonly<Record<string, string | number>>,
    data: z.ZodType<T>,
    timeoutMs: number,
  ): Promise<T> {
    const request = { service: "redis", action, method: "POST", params: {}, body, data } as const;
    const call: Call<T> = { ...request, attempts: 0, gatewayFailures: 0 };
    const deadline = now() + timeoutMs;
    const patienceMs = Math.max(timeoutMs - LEAST_WRITE_MS, LEAST_TIMEOUT_MS);
    return this.#pace.send(action, () => this.#send(call, deadline), patienceMs);
  }

  /** Sends a call, and once more where this machine's clock was the reason of a refusal. */
  async #send<T>(call: Call<T>, deadline: number): Promise<T> {
    const clock = this.#clock;
    return this.#request(call, clock, deadline).catch((error: unknown) => {
      if (!(error instanceof CdsApiError && error.mayBeClock)) throw error;
      // An order that a gateway refused in doubt is looked for, and not sent again.
      if (error.ambiguous) throw error;
      // The vendor's clock may have been learnt by this call or, in parallel, by another one.
      if (this.#clock === clock) throw error;
      return this.#request(call, this.#clock, deadline);
    });
  }

  async #request<T>(call: Call<T>, clock: Clock, deadline: number): Promise<T> {
    const sentAt = now();
    const timestamp = formatTimestamp(Date.now() + clock.aheadMs);
    const request = { ...call, nonce: randomUUID(), timestamp };
    const query = signedQuery(request, this.#options.credentials);
    const timeoutMs = Math.min(Math.max(deadline - sentAt, LEAST_TIMEOUT_MS), CALL_TIMEOUT_MS);
    const answer = await this.#exchange(call, query, timeoutMs);
    if (answer.code === "Success" && answer.httpStatus < 300) {
      this.#pace.taken(sentAt);
      clock.isAccepted = true;
      return dataOf(call, answer);
    }
    const refusal = this.#refusal(call, clock, query, answer);
    const { isThrottled, mayBeClock, transient, retryAfterMs = 0 } = refusal;
    if (isThrottled) this.#pace.throttled(sentAt);
    if (transient && retryAfterMs > 0) this.#pace.pause(retryAfterMs);
    const aheadMs = answer.date - Date.now();
    if (mayBeClock && Math.abs(aheadMs - this.#clock.aheadMs) > TOLERATED_SKEW_MS)
      this.#clock = { aheadMs, isAccepted: false };
    throw refusal;
  }

  /**
   * Sends a call with its signed query. It has this time from the first byte sent to the last byte read.
   * Throws a {@link CdsConnectionError} where no answer came, a {@link CdsGatewayError} where a gateway
   * failed, and a {@link CdsAnswerError} where the answer is cut off or not the vendor's.
   */
  async #exchange(call: Call<unknown>, query: string, timeoutMs: number): Promise<Answer> {
    const { status, headers, data } = await this.#receive(call, query, timeoutMs);
    const shape = REFUSED_BY_GATEWAY.has(status) ? gatewayEnvelope : envelope;
    const wire = shape.safeParse(data);
    if (!wire.success && status >= 500) {
      call.gatewayFailures += 1;
      throw new CdsGatewayError(call.action, status, call.gatewayFailures);
    }
    if (!wire.success) {
      const { endpoint, settingNames } = this.#options;
      const reason = "it is not JSON with a Code, as the vendor's";
      const remedy = `Check ${settingNames.endpoint}, ${endpoint}.`;
      throw new CdsAnswerError(call.action, status, reason, remedy);
    }
    const date = Date.parse(String(headers["date"]));
    const retryAfterMs = millisecondsOf(headers["retry-after"]);
    return { ...wire.data, httpStatus: status, date, retryAfterMs };
  }

  async #receive(call: Call<unknown>, query: string, timeoutMs: number): Promise<HttpAnswer> {
    const { service, action, method, body: data } = call;
    const url = `${this.endpoint}/${service}/?${query}`;
    call.attempts += 1;
    const attempt = { action, attempt: call.attempts, secrets: this.#secretsOf(call, query) };
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, timeoutMs);
    try {
      const request = { url, method, data, signal: timeout.signal };
      return await logged(attempt, () => this.#http.request<unknown>(request));
    } catch (error) {
      const lateness = timeout.signal.aborted ? `timed out after ${timeoutMs / 1000} s` : "";
      throw connectionError(action, error, lateness, this.#options);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the vendor may echo of a call and nobody may read. */
  #secretsOf(call: Call<unknown>, query: string): string[] {
    const { accessKeyId, accessKeySecret } = this.#options.credentials;
    const signature = new URLSearchParams(query).get("Signature") ?? "";
    const password = String(call.body?.["Password"] ?? "");
    return [accessKeySecret, accessKeyId, password, signature];
  }

  #refusal(call: Call<unknown>, clock: Clock, query: string, answer: Answer): CdsApiError {
    const secrets = this.#secretsOf(call, query);
    return new CdsApiError(call.action, {
      ...answer,
      code: withoutSecrets(answer.code, secrets),
      message: withoutSecrets(answer.message, secrets),
      taskId: withoutSecrets(answer.taskId, secrets),
      isWrite: call.method === "POST",
      keyWasAccepted: clock.isAccepted,
      settingNames: this.#options.settingNames,
    });
  }
}

/** Whether to send a read again. A long `Retry-After` is left to the caller, who knows a deadline. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof CdsError && error.transient)) return false;
  return !(error instanceof CdsApiError && (error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS);
}

/** What the call should bring. Throws a {@link CdsAnswerError} that says what can't be read. */
function dataOf<T>({ action, data }: Call<T>, answer: Answer): T {
  const decoded = data.safeParse(answer.data);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  const path = ["Data", ...(issue?.path ?? [])].join(".");
  const reason = `${path}: ${issue?.message ?? "not as expected"}`;
  throw new CdsAnswerError(action, answer.httpStatus, reason);
}

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
