import type { EmulatorApiRequest } from "../api";
import type { EchoFaultKind } from "./faultKinds";

const SPELLINGS: Readonly<Record<EchoFaultKind, (text: string) => string>> = {
  "echo-plain": (text) => text,
  "echo-json": (text) =>
    text.replace(/[^a-z0-9]/gi, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "echo-html": (text) =>
    text.replace(/[^a-z0-9]/giu, (character) => ENTITIES[character] ?? numbered(character)),
  "echo-percent": (text) =>
    Array.from(Buffer.from(text), (byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9]/i.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    }).join(""),
  "echo-signature": (text) => text,
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** The message of an error that repeats the secrets of its request in the spelling of a kind. */
export function echoOf(kind: EchoFaultKind, { url, body }: EmulatorApiRequest): string {
  const spelt = SPELLINGS[kind];
  const signature = new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("Signature") ?? "";
  if (kind === "echo-signature") return signature;
  const password = passwordOf(body);
  const shown = password === undefined ? "" : `Password=${spelt(password)} `;
  return `The request is not valid: ${shown}Signature=${spelt(signature)}`;
}

function passwordOf(body: string): string | undefined {
  try {
    const { Password } = JSON.parse(body) as { readonly Password?: unknown };
    return typeof Password === "string" ? Password : undefined;
  } catch {
    return undefined;
  }
}

function numbered(character: string): string {
  return `&#${character.codePointAt(0) ?? 0};`;
}
