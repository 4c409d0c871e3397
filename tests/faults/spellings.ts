import { echoOf } from "../../emulator/faults/echoes";

/** A secret as an answer may write it: in clear, or with the escapes of JSON, HTML or a URL. */
export function spellingsOf(secret: string): string[] {
  const url = `?Signature=${encodeURIComponent(secret)}`;
  return (["echo-plain", "echo-json", "echo-html", "echo-percent"] as const)
    .map((kind) => echoOf(kind, { method: "GET", url, body: "" }))
    .map((text) => text.replace(/^.*Signature=/, ""));
}
