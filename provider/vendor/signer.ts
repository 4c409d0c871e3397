import { createHmac } from "node:crypto";

/** An access key pair of the vendor (AccessKeyId and AccessKeySecret of the console's "AccessKey" page). */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

export interface SigningRequest {
  readonly action: string;
  readonly method: "GET" | "POST";
  /** Parameters of the action that travel in the query; the JSON body of a POST is not signed. */
  readonly params: Readonly<Record<string, string>>;
  /** Fresh for every attempt: the vendor refuses a nonce it has seen. */
  readonly nonce: string;
  /** UTC, `yyyy-MM-ddTHH:mm:ssZ`. */
  readonly timestamp: string;
}

/** Percent-encodes as RFC 3986 asks: all but `A-Z a-z 0-9 - _ . ~`, as UTF-8. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The query in the form that is signed: sorted by name in code unit order, percent-encoded. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(query[name] ?? "")}`)
    .join("&");
}

export function stringToSign(method: string, canonical: string): string {
  return `${method}&%2F&${percentEncode(canonical)}`;
}

/** Base64 of HMAC-SHA1, keyed with the secret as it is. */
export function signature(text: string, accessKeySecret: string): string {
  return createHmac("sha1", accessKeySecret).update(text, "utf8").digest("base64");
}

/** The time as the vendor writes it in `Timestamp`. */
export function formatTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

export function unsignedQuery(
  request: SigningRequest,
  accessKeyId: string,
): Record<string, string> {
  return {
    ...request.params,
    Action: request.action,
    AccessKeyId: accessKeyId,
    SignatureMethod: "HMAC-SHA1",
    SignatureNonce: request.nonce,
    SignatureVersion: "1.0",
    Timestamp: request.timestamp,
    Version: "2019-08-08",
  };
}

export function signedQuery(request: SigningRequest, credentials: Credentials): string {
  const canonical = canonicalQuery(unsignedQuery(request, credentials.accessKeyId));
  const signed = signature(stringToSign(request.method, canonical), credentials.accessKeySecret);
  return `${canonical}&Signature=${percentEncode(signed)}`;
}
