import { shown, withoutControls } from "./shown";

/** A longer text of the vendor's is not searched: so much is never shown. */
const MOST_SEARCHED = 8_192;

/** A text of the vendor's as it may be shown: without these secrets and any signature, in whatever spelling. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Before the search: a control character inside a secret would hide it.
  const line = withoutControls(text.slice(0, MOST_SEARCHED));
  // Every other spelling needs one of these characters. To search for secrets as they are is far quicker.
  const spell = /[%&\\+]/.test(line) ? anySpelling : literal;
  const patterns = secrets
    .filter((secret) => secret !== "")
    .toSorted((one, other) => other.length - one.length)
    .map((secret) => (secret.match(/\\+|[\p{Cc}\p{Cf}]+|[^\\]/gu) ?? []).map(spell).join(""));
  const signature = `(?<=Signature(?:"?\\s{0,3}[:=]\\s{0,3}"?|${spell("=")}))[^&\\s"]+`;
  return shown(line.replace(new RegExp([...patterns, signature].join("|"), "giu"), "[secret]"));
}

// No repetition below can match the same text in two ways: a search would take for ever.
const PERCENT = String.raw`(?:%|\\u0025|&#37;)(?:25){0,3}`;
const BACKSLASH = String.raw`(?:\\|${PERCENT}5c)`;
const AMPERSAND = String.raw`(?:&|${PERCENT}26|${BACKSLASH}{1,8}u0026)(?:amp;|#38;|#x26;){0,3}`;

/** A pattern for one character of a secret, or for a run of backslashes or control characters. */
function anySpelling(run: string): string {
  const each = [...new Set(run)].flatMap(spellings).join("|");
  if (run.startsWith("\\")) return `(?:${each}){1,32}`;
  // Control characters were left out of the text, or became a space.
  return isShown(run) ? `(?:${each})` : `(?:${each}| ){0,32}`;
}

/** Patterns for a character as it is, and escaped for JSON, HTML, a URL or a form, or for several of them. */
function spellings(character: string): string[] {
  if (character === "\\") return [`${BACKSLASH}(?:u005c|x5c)`, BACKSLASH, entity(character)];
  const short = JSON.stringify(character).slice(1, -1);
  // Any printed character may follow a backslash; of the others some have a letter in JSON, such as \n.
  const inJson = isShown(character)
    ? [`${BACKSLASH}{0,8}${literal(character)}`]
    : short.length === 2
      ? [`${BACKSLASH}{1,8}${short.slice(-1)}`]
      : [];
  const units = character.split("").map((unit) => unit.charCodeAt(0));
  return [
    ...inJson,
    units.map((unit) => `${BACKSLASH}{1,8}(?:u${hex(unit, 4)}|x${hex(unit, 2)})`).join(""),
    [...Buffer.from(character)].map((byte) => `${PERCENT}${hex(byte, 2)}`).join(""),
    entity(character),
    ...(character === " " ? [String.raw`\+`, `${PERCENT}2b`] : []),
  ];
}

/** `&#38;`, `&#x26;` or `&amp;`. */
function entity(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = /[a-z0-9]/i.test(character) ? "" : "|[a-z]{2,8}";
  return `${AMPERSAND}(?:#0{0,5}${code}|#x0{0,5}${hex(code, 1)}${name});`;
}

/** The characters as they are, by their code points. */
function literal(characters: string): string {
  if (!isShown(characters)) return " ?";
  return [...characters].map((one) => `\\u{${hex(one.codePointAt(0) ?? 0, 1)}}`).join("");
}

function isShown(characters: string): boolean {
  return withoutControls(characters) === characters;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}
