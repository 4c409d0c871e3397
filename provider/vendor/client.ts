import { randomUUID } from "node:crypto";

import type { AxiosAdapter } from "axios";
import type { z } from "zod";

import { now } from "../time";
import { decodeAnswer, type Asked } from "./answer";
import {
  CdsApiError,
  CdsTurnError,
  DEFAULT_SETTING_NAMES,
  type SettingNames,
  type Target,
} from "./errors";
import { NoTurnError, Pace } from "./pace";
import { retryRead } from "./retry";
import { formatTimestamp, signedQuery, type Credentials } from "./signer";
import { Transport, type HttpAnswer } from "./transport";

export { isLoopback } from "./transport";

const CALL_TIMEOUT_MS = 30_000;
const LEAST_TIMEOUT_MS = 1_000;
const READ_PATIENCE_MS = 90_000;
/** A write with less time left is not sent: whether it was carried out would not be known. */
const LEAST_WRITE_MS = 4_000;
const LEAST_PATIENCE_MS = 1_000;
/** Calls whose answer serves all resources of the account or the region. */
const SHARED: ReadonlySet<string> = new Set([
  "DescribeRegins",
  "DescribeAvailableDBConfig",
  "DescribeDBInstances",
]);
/** A refused call is signed anew when this machine's clock is off by more than this. */
const TOLERATED_SKEW_MS = 60_000;

export interface ClientOptions {
  /** Base URL, such as `https://cdsapi.capitalonline.net`. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** How errors name what configures this account. Default: the names of the default account. */
  readonly settingNames?: SettingNames;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

interface Call<T> {
  readonly action: string;
  readonly method: "GET" | "POST";
  readonly params: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string | number>>;
  readonly data: z.ZodType<T>;
}

/** Signs, sends and decodes the calls of one account at one endpoint. */
export class CdsClient {
  readonly endpoint: string;
  readonly #credentials: Credentials;
  readonly #target: Target;
  readonly #transport: Transport;
  readonly #pace = new Pace();
  /** How far the vendor's clock is ahead of ours. */
  #skewMs = 0;
  /** The skews with which calls were signed that the vendor accepted: each proves the key and the clock. */
  readonly #acceptedSkews = new Set<number>();

  constructor(options: ClientOptions) {
    this.endpoint = options.endpoint.replace(/\/+$/, "");
    this.#credentials = options.credentials;
    const { settingNames = DEFAULT_SETTING_NAMES } = options;
    this.#target = { endpoint: this.endpoint, settingNames };
    this.#transport = new Transport(this.#target, options.adapter);
  }

  /** Sends a call that changes nothing, and sends it again after failures that may pass. */
  async read<T>(
    action: string,
    params: Readonly<Record<string, string>>,
    data: z.ZodType<T>,
  ): Promise<T> {
    const call: Call<T> = { action, method: "GET", params, data };
    // A read is given its time from its turn on.
    const send = (): Promise<T> => this.#send(call, now() + CALL_TIMEOUT_MS);
    return retryRead(() => this.#inTurn(action, send, READ_PATIENCE_MS));
  }

  /** Sends a call that changes something: once, whatever becomes of it. */
  async write<T>(
    action: string,
    body: Readonly<Record<string, string | number>>,
    data: z.ZodType<T>,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    const deadline = now() + timeoutMs;
    const call: Call<T> = { action, method: "POST", params: {}, body, data };
    const patienceMs = Math.max(timeoutMs - LEAST_WRITE_MS, LEAST_PATIENCE_MS);
    return this.#inTurn(action, () => this.#send(call, deadline), patienceMs);
  }

  async #inTurn<T>(action: string, send: () => Promise<T>, patienceMs: number): Promise<T> {
    try {
      return await this.#pace.send(SHARED.has(action) ? "shared" : "own", send, patienceMs);
    } catch (error) {
      throw error instanceof NoTurnError ? new CdsTurnError(action, error.message) : error;
    }
  }

  /** Sends a call, and once more where this machine's clock was the reason of a refusal. */
  async #send<T>(call: Call<T>, deadline: number): Promise<T> {
    const skewMs = this.#skewMs;
    try {
      return await this.#request(call, skewMs, deadline);
    } catch (error) {
      const mayBeClock = error instanceof CdsApiError && error.mayBeClock;
      // The skew may have been learnt by this call or, in parallel, by another one.
      if (!mayBeClock || Math.abs(this.#skewMs - skewMs) <= TOLERATED_SKEW_MS) throw error;
      return this.#request(call, this.#skewMs, deadline);
    }
  }

  async #request<T>(call: Call<T>, skewMs: number, deadline: number): Promise<T> {
    const { action, method, params, body } = call;
    const sentAt = now();
    const timestamp = formatTimestamp(Date.now() + skewMs);
    const signing = { action, method, params, nonce: randomUUID(), timestamp };
    const query = signedQuery(signing, this.#credentials);
    const timeoutMs = Math.min(Math.max(deadline - sentAt, LEAST_TIMEOUT_MS), CALL_TIMEOUT_MS);
    const answer = await this.#transport.send({ action, method, query, body, timeoutMs });
    try {
      const data = decodeAnswer(this.#asked(call, query, skewMs), answer, call.data);
      this.#pace.taken(sentAt);
      this.#acceptedSkews.add(skewMs);
      return data;
    } catch (error) {
      if (error instanceof CdsApiError) this.#learn(error, answer, sentAt);
      throw error;
    }
  }

  #asked<T>({ action, method, body }: Call<T>, query: string, skewMs: number): Asked {
    const { accessKeyId, accessKeySecret } = this.#credentials;
    const signature = new URLSearchParams(query).get("Signature") ?? "";
    const password = String(body?.["Password"] ?? "");
    return {
      ...this.#target,
      action,
      isWrite: method === "POST",
      keyWasAccepted: this.#acceptedSkews.has(skewMs),
      secrets: [accessKeySecret, accessKeyId, password, signature],
    };
  }

  #learn(error: CdsApiError, { date }: HttpAnswer, sentAt: number): void {
    if (error.isThrottled) this.#pace.throttled(sentAt, error.retryAfterMs);
    const skewMs = date - Date.now();
    if (error.mayBeClock && Math.abs(skewMs - this.#skewMs) > TOLERATED_SKEW_MS)
      this.#skewMs = skewMs;
  }
}
