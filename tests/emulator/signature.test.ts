import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalQuery, expectedSignature, stringToSign } from "../../emulator/signature";
import vectors from "../provider/vendor/signature-vectors.json";

const EMULATOR = join(__dirname, "../../emulator");

/** What travels in the query of a vector's request. */
function parametersOf(vector: (typeof vectors)[number]): Record<string, string> {
  return {
    // Not in the order of the alphabet, as a client may send them.
    Version: "2019-08-08",
    ...(vector.params as Record<string, string>),
    Timestamp: vector.timestamp,
    SignatureVersion: "1.0",
    SignatureNonce: vector.nonce,
    SignatureMethod: "HMAC-SHA1",
    Signature: "what the client sent",
    Action: vector.action,
    AccessKeyId: vector.accessKeyId,
  };
}

test.each(vectors.map((vector) => [vector.name, vector] as const))(
  "the vendor's vector: %s",
  (_name, vector) => {
    const parameters = parametersOf(vector);
    const canonical = canonicalQuery(parameters);
    expect(canonical).toBe(vector.canonicalQuery);
    expect(stringToSign(vector.method, canonical)).toBe(vector.stringToSign);
    expect(expectedSignature(vector.method, parameters, vector.accessKeySecret)).toBe(
      vector.signature,
    );
  },
);

test("the emulator imports nothing from the provider", () => {
  const files = readdirSync(EMULATOR, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts"));
  expect(sources.length).toBeGreaterThan(30);
  for (const file of sources) {
    expect(readFileSync(join(EMULATOR, file), "utf8")).not.toMatch(/from "[./]*\/provider\//);
  }
});
