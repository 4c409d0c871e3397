import {
  canonicalQuery,
  formatTimestamp,
  signature,
  signedQuery,
  stringToSign,
  unsignedQuery,
  type SigningRequest,
} from "../../../provider/vendor/signer";
import vectors from "./signature-vectors.json";

describe.each(vectors)("signature: $name", (vector) => {
  const request: SigningRequest = {
    action: vector.action,
    method: vector.method === "POST" ? "POST" : "GET",
    params: Object.fromEntries(
      Object.entries(vector.params).filter((entry): entry is [string, string] => {
        return typeof entry[1] === "string";
      }),
    ),
    nonce: vector.nonce,
    timestamp: vector.timestamp,
  };
  const { accessKeyId, accessKeySecret } = vector;

  test("the canonical query is the vendor's", () => {
    expect(canonicalQuery(unsignedQuery(request, accessKeyId))).toBe(vector.canonicalQuery);
  });

  test("the string to sign is the vendor's", () => {
    expect(stringToSign(request.method, vector.canonicalQuery)).toBe(vector.stringToSign);
  });

  test("the signature is the vendor's", () => {
    expect(signature(vector.stringToSign, accessKeySecret)).toBe(vector.signature);
    const query = new URLSearchParams(signedQuery(request, { accessKeyId, accessKeySecret }));
    expect(query.get("Signature")).toBe(vector.signature);
  });
});

test("a timestamp has no fraction of a second", () => {
  expect(formatTimestamp(Date.UTC(2026, 10, 21, 8, 30, 0, 987))).toBe("2026-11-21T08:30:00Z");
});
