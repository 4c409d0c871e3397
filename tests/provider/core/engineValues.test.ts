import { runtime } from "@pulumi/pulumi";
import * as rpc from "@pulumi/pulumi/runtime/rpc";

import { isSecret, SECRET, SIGNATURE, UNKNOWN } from "../../../provider/core/engineValues";

test("the engine's fixed texts are those of Pulumi's own SDK", () => {
  expect(UNKNOWN).toBe(runtime.unknownValue);
  expect(SIGNATURE).toBe(rpc.specialSigKey);
  expect(SECRET).toBe(rpc.specialSecretSig);
});

test.each([
  [{ [SIGNATURE]: SECRET, value: "x" }, true],
  [{ [SIGNATURE]: SECRET, ciphertext: "v1:x" }, true],
  [{ [SIGNATURE]: "asset" }, false],
  [{ value: "x" }, false],
  ["x", false],
  [null, false],
])("%j is a secret: %s", (value, expected) => {
  expect(isSecret(value)).toBe(expected);
});
