import { timingSafeEqual } from "node:crypto";
import { ApiError, argMissing, invalidParameter } from "./apiError";
import { expectedSignature, type AccessKey } from "./signature";

const COMMON_PARAMETERS = [
  "Action",
  "AccessKeyId",
  "Signature",
  "SignatureMethod",
  "SignatureNonce",
  "SignatureVersion",
  "Timestamp",
  "Version",
] as const;

const FIXED_VALUES: Readonly<Record<string, string>> = {
  SignatureMethod: "HMAC-SHA1",
  SignatureVersion: "1.0",
  Version: "2019-08-08",
};

/**
 * The parameters of a query. The query is form-encoded, so `+` is a space. The vendor's own Python example sends the
 * parameters of a GET twice (in the signed URL and as `params=`), so a repeated parameter counts once.
 *
 * @throws ApiError 400 `InvalidParameter` when one parameter has two values.
 */
export function decodeQuery(query: string): Readonly<Record<string, string>> {
  const decoded = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = decoded.get(name);
    if (before !== undefined && before !== value) {
      throw invalidParameter("A parameter of the query has two values.");
    }
    decoded.set(name, value);
  }
  return Object.fromEntries(decoded);
}

/**
 * Checks the key, the signature, the timestamp and the nonce of a request.
 *
 * The vendor documents no error for a wrong key, signature, timestamp or nonce; the codes here (`InvalidAccessKeyId`,
 * `SignatureDoesNotMatch`, `TimestampExpired`, `SignatureNonceUsed`) are the emulator's own.
 */
export class RequestVerifier {
  readonly #credentials: AccessKey;
  readonly #windowMs: number;
  /** By nonce, the time after which the request would be refused as expired anyway. */
  readonly #usedNonces = new Map<string, number>();
  #sweepAt = -Infinity;

  constructor(credentials: AccessKey, windowMs: number) {
    this.#credentials = credentials;
    this.#windowMs = windowMs;
  }

  /** How many nonces are remembered: at most those of three windows. */
  get rememberedNonces(): number {
    return this.#usedNonces.size;
  }

  /** @throws ApiError when the request must be refused. */
  verify(method: string, query: Readonly<Record<string, string>>, now: number): void {
    for (const name of COMMON_PARAMETERS) if (!query[name]) throw argMissing(name);
    for (const [name, expected] of Object.entries(FIXED_VALUES)) {
      if (query[name] !== expected) throw invalidParameter(`${name} must be ${expected}.`);
    }
    const timestamp = parseTimestamp(query["Timestamp"] ?? "");
    if (query["AccessKeyId"] !== this.#credentials.accessKeyId) {
      throw new ApiError(401, "InvalidAccessKeyId", "The AccessKeyId is not known.");
    }
    this.#verifySignature(method, query);
    if (Math.abs(now - timestamp) > this.#windowMs) {
      throw new ApiError(
        403,
        "TimestampExpired",
        `The Timestamp is more than ${this.#windowMs / 1000} s away from this server's time.`,
      );
    }
    this.#useNonce(query["SignatureNonce"] ?? "", timestamp, now);
  }

  #verifySignature(method: string, query: Readonly<Record<string, string>>): void {
    const expected = expectedSignature(method, query, this.#credentials.accessKeySecret);
    const [left, right] = [Buffer.from(query["Signature"] ?? ""), Buffer.from(expected)];
    if (left.length !== right.length || !timingSafeEqual(left, right)) {
      throw new ApiError(403, "SignatureDoesNotMatch", "The Signature does not match the request.");
    }
  }

  #useNonce(nonce: string, timestamp: number, now: number): void {
    if (now >= this.#sweepAt) {
      for (const [used, until] of this.#usedNonces) if (until < now) this.#usedNonces.delete(used);
      this.#sweepAt = now + this.#windowMs;
    }
    if (this.#usedNonces.has(nonce)) {
      throw new ApiError(403, "SignatureNonceUsed", "The SignatureNonce was used before.");
    }
    this.#usedNonces.set(nonce, timestamp + this.#windowMs);
  }
}

function parseTimestamp(text: string): number {
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds)) {
    throw invalidParameter("Timestamp must be UTC, yyyy-MM-ddTHH:mm:ssZ.");
  }
  return milliseconds;
}
