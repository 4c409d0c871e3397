import type { Fault } from "../../../emulator";
import { ORDER, VirtualEmulator } from "../virtualEmulator";

const PASSWORD = `p&<>"'/é`;

/** The message of an order that is hit, and its signature. */
function echoed(kind: Fault["kind"]): { readonly message: string; readonly signature: string } {
  const emulator = new VirtualEmulator();
  emulator.api.faults.add({ kind });
  const request = emulator.request("CreateDBInstance", { ...ORDER, Password: PASSWORD });
  const { status, code, message } = emulator.send("POST", request.url, request.body);
  expect([status, code]).toEqual([400, "InvalidParameter"]);
  expect(emulator.lines.join("\n")).not.toContain(PASSWORD);
  const signature = new URLSearchParams(request.url).get("Signature") ?? "";
  expect(signature).toMatch(/=$/);
  return { message, signature };
}

test.each<[Fault["kind"], string]>([
  ["echo-plain", `Password=p&<>"'/é `],
  ["echo-json", "Password=p\\u0026\\u003c\\u003e\\u0022\\u0027\\u002f\\u00e9 "],
  ["echo-html", "Password=p&amp;&lt;&gt;&quot;&#39;&#47;&#233; "],
  ["echo-percent", "Password=p%26%3C%3E%22%27%2F%C3%A9 "],
])("%s spells the password in its way", (kind, spelt) => {
  expect(echoed(kind).message).toContain(spelt);
});

test.each<[Fault["kind"], string]>([
  ["echo-json", "\\u003d"],
  ["echo-html", "&#61;"],
  ["echo-percent", "%3D"],
])("%s spells the signature in the same way", (kind, equalsSign) => {
  const { message } = echoed(kind);
  expect(message.endsWith(equalsSign)).toBe(true);
  expect(message.split("Signature=")[1]).not.toContain("/");
});

test("echo-signature is the bare signature", () => {
  const { message, signature } = echoed("echo-signature");
  expect(message).toBe(signature);
});

test("a call without a password echoes its signature alone", () => {
  const emulator = new VirtualEmulator();
  emulator.api.faults.add({ kind: "echo-plain" });
  const { message } = emulator.call("DescribeRegins");
  expect(message).toMatch(/^The request is not valid: Signature=.{28}$/);
});
