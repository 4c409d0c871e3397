import { createHmac } from "node:crypto";

/** The key that the emulated vendor lets in. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

// This file shares no code with the provider's signer: a mistake there must not be repeated here.

/** The parameters as the vendor signs them: sorted by name, percent-encoded, without `Signature`. */
export function canonicalQuery(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).filter(([name]) => name !== "Signature");
  // JavaScript compares texts by their code units, as the vendor does.
  pairs.sort(([one], [other]) => (one < other ? -1 : 1));
  return pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
}

export function stringToSign(method: string, canonical: string): string {
  return [method, encoded("/"), encoded(canonical)].join("&");
}

/** The signature that a request with these parameters must carry. */
export function expectedSignature(
  method: string,
  parameters: Readonly<Record<string, string>>,
  accessKeySecret: string,
): string {
  const text = stringToSign(method, canonicalQuery(parameters));
  return createHmac("sha1", Buffer.from(accessKeySecret)).update(text).digest("base64");
}

const UNRESERVED = new Set(
  Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"),
);

/** Percent-encodes every byte that RFC 3986 does not call unreserved. */
function encoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    UNRESERVED.has(byte)
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
