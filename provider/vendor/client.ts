import { randomUUID } from "node:crypto";

import type { AxiosAdapter } from "axios";
import { backOff } from "exponential-backoff";
import type { z } from "zod";

import { now } from "../time";
import { withoutSecrets } from "./displayText";
import {
  CdsAnswerError,
  CdsApiError,
  CdsError,
  DEFAULT_SETTING_NAMES,
  type SettingNames,
} from "./errors";
import { MAX_RETRY_AFTER_MS, Pace } from "./pace";
import { formatTimestamp, signedQuery, type Credentials } from "./signer";
import { Transport, type Answer, type HttpCall } from "./transport";

export { isLoopback } from "./transport";

const CALL_TIMEOUT_MS = 30_000;
const LEAST_TIMEOUT_MS = 1_000;
const READ_PATIENCE_MS = 90_000;
/** A write with less time left is not sent: whether it was carried out would not be known. */
const LEAST_WRITE_MS = 4_000;
/** A refused call is signed anew when this machine's clock is off by more than this. */
const TOLERATED_SKEW_MS = 60_000;

export interface ClientOptions {
  /** Base URL without a slash at its end, such as `https://cdsapi.capitalonline.net`. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** How errors name what configures this account. Default: the names of the default account. */
  readonly settingNames?: SettingNames;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

type Params = Readonly<Record<string, string>>;

interface Call<T> extends HttpCall {
  readonly params: Params;
  readonly data: z.ZodType<T>;
}

/** A clock to sign with. */
interface Clock {
  /** How far it is ahead of this machine's. */
  readonly aheadMs: number;
  /** Whether the vendor accepted a call that was signed with it: that proves the key, too. */
  isAccepted: boolean;
}

/** Signs, sends and decodes the calls of one account at one endpoint. */
export class CdsClient {
  readonly endpoint: string;
  readonly #credentials: Credentials;
  readonly #settingNames: SettingNames;
  readonly #transport: Transport;
  readonly #pace = new Pace();
  #clock: Clock = { aheadMs: 0, isAccepted: false };

  constructor(options: ClientOptions) {
    const { endpoint, credentials, settingNames = DEFAULT_SETTING_NAMES, adapter } = options;
    this.endpoint = endpoint;
    this.#credentials = credentials;
    this.#settingNames = settingNames;
    this.#transport = new Transport({ endpoint, settingNames }, adapter);
  }

  /** Sends a call that changes nothing, and up to three times more after failures that may pass. */
  async read<T>(action: string, params: Params, data: z.ZodType<T>): Promise<T> {
    const call: Call<T> = { action, method: "GET", params, data };
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

  /** Sends a call that changes something: once, whatever becomes of it. */
  async write<T>(
    action: string,
    body: Readonly<Record<string, string | number>>,
    data: z.ZodType<T>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    const call: Call<T> = { action, method: "POST", params: {}, body, data };
    const deadline = now() + timeoutMs;
    const patienceMs = Math.max(timeoutMs - LEAST_WRITE_MS, LEAST_TIMEOUT_MS);
    return this.#pace.send(action, () => this.#send(call, deadline), patienceMs);
  }

  /** Sends a call, and once more where this machine's clock was the reason of a refusal. */
  async #send<T>(call: Call<T>, deadline: number): Promise<T> {
    const clock = this.#clock;
    return this.#request(call, clock, deadline).catch((error: unknown) => {
      const mayBeClock = error instanceof CdsApiError && error.mayBeClock;
      // The vendor's clock may have been learnt by this call or, in parallel, by another one.
      if (!mayBeClock || this.#clock === clock) throw error;
      return this.#request(call, this.#clock, deadline);
    });
  }

  async #request<T>(call: Call<T>, clock: Clock, deadline: number): Promise<T> {
    const sentAt = now();
    const timestamp = formatTimestamp(Date.now() + clock.aheadMs);
    const query = signedQuery({ ...call, nonce: randomUUID(), timestamp }, this.#credentials);
    const timeoutMs = Math.min(Math.max(deadline - sentAt, LEAST_TIMEOUT_MS), CALL_TIMEOUT_MS);
    const answer = await this.#transport.send(call, query, timeoutMs);
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

  #refusal(call: Call<unknown>, clock: Clock, query: string, answer: Answer): CdsApiError {
    const { accessKeyId, accessKeySecret } = this.#credentials;
    const signature = new URLSearchParams(query).get("Signature") ?? "";
    const password = String(call.body?.["Password"] ?? "");
    const secrets = [accessKeySecret, accessKeyId, password, signature];
    return new CdsApiError(call.action, {
      ...answer,
      code: withoutSecrets(answer.code, secrets),
      message: withoutSecrets(answer.message, secrets),
      taskId: withoutSecrets(answer.taskId, secrets),
      isWrite: call.method === "POST",
      keyWasAccepted: clock.isAccepted,
      settingNames: this.#settingNames,
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
