import { stripVTControlCharacters } from "node:util";

const MOST_CHARACTERS = 300;
/** A longer text of the vendor's is not searched: so much is never shown. */
const MOST_SEARCHED = 8_192;

/** A text of the vendor's for a message: one line of 300 characters at most, without control characters. */
export function oneLineText(text: string): string {
  const line = withoutControls(text);
  return line.length > MOST_CHARACTERS
    ? `${line.slice(0, MOST_CHARACTERS).replace(/\p{Cs}$/u, "")}…`
    : line;
}

/**
 * The text in one line, without what moves a terminal's cursor, turns the direction of text, or is half
 * a character, which the engine's protocol can't send.
 */
export function withoutControls(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\n\v\f\r\u2028\u2029]+/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "");
}

/** The text with a full stop at its end, where it has no end of a sentence. */
export function sentence(text: string): string {
  return /[.!?…。！？]$/.test(text) ? text : `${text}.`;
}

/** Names for a message, six at most. */
export function namesText(names: readonly string[]): string {
  const more = names.length > 6 ? ` and ${names.length - 6} more` : "";
  return `${names.slice(0, 6).join(", ") || "none"}${more}`;
}

/** A text of the vendor's as it may be shown: without these secrets and any signature, in whatever spelling. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Before the search: a control character inside a secret would hide it.
  const line = withoutControls(text.slice(0, MOST_SEARCHED));
  const parts = secrets.flatMap((secret) => secret.split(/[\p{Cc}\p{Cf}\p{Cs}]+/u)).filter(Boolean);
  // Every other spelling needs one of these characters. Most texts have none of them and no secret.
  const patternOf = /[%&\\+]/.test(line) ? anySpelling : literal;
  const lowerCase = line.toLowerCase();
  const mayHold = (part: string): boolean => lowerCase.includes(part.toLowerCase());
  if (patternOf === literal && ![...parts, "signature"].some(mayHold)) return oneLineText(line);
  const patterns = parts.toSorted((one, other) => other.length - one.length).map(patternOf);
  const signature = `(?<=Signature(?:"?\\s{0,3}[:=]\\s{0,3}"?|${patternOf("=")}))[^&\\s"]+`;
  return oneLineText(
    line.replace(new RegExp([...patterns, signature].join("|"), "giu"), "[secret]"),
  );
}

// A search that fails tries each way through these patterns: hardly any text may match in two ways.
const PERCENT = "%(?:25){0,3}";
const BACKSLASH = String.raw`(?:\\|${PERCENT}5c)`;

/** A pattern for a secret as it is, or escaped for JSON, HTML, a URL or a form, or for several of them. */
function anySpelling(secret: string): string {
  const units = secret.matchAll(/(\\*)([^\\]|$)/gu);
  return Array.from(units, ([, backslashes = "", character = ""]) => {
    if (backslashes === "") return spellings(character, `${BACKSLASH}{1,8}`);
    const run = `(?:${BACKSLASH}(?:u005c|x5c)|${BACKSLASH}|${entity("\\", BACKSLASH)}){1,32}`;
    // The run has matched the backslashes that escape the next character, too.
    return run + spellings(character, "");
  }).join("");
}

/** A pattern for one character, where an escape for JSON begins with these backslashes. */
function spellings(character: string, backslashes: string): string {
  if (character === "") return "";
  const units = character.split("").map((unit) => unit.charCodeAt(0));
  const inUrl = [...Buffer.from(character)].map((byte) => PERCENT + hex(byte, 2)).join("");
  const escape = /["'`/]/.test(character) && backslashes !== "" ? `(?:${backslashes})?` : "";
  const all = [
    `${escape}(?:${literal(character)}|${inUrl})`,
    units.map((unit) => `${backslashes}(?:u${hex(unit, 4)}|x${hex(unit, 2)})`).join(""),
    entity(character, backslashes),
    ...(character === " " ? [String.raw`\+`, `${PERCENT}2b`] : []),
  ];
  return `(?:${all.join("|")})`;
}

/** `&#38;`, `&#x26;` or `&amp;`, whose own ampersand may be escaped. */
function entity(character: string, backslashes: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = /[a-z0-9]/i.test(character) ? "" : "|[a-z]{2,8}";
  const ampersand = `(?:&|${PERCENT}26|${backslashes}u0026)(?:amp;|#38;|#x26;){0,3}`;
  return `${ampersand}(?:#0{0,5}${code}|#x0{0,5}${hex(code, 1)}${name});`;
}

/** A pattern for a text as it is, by its code points. */
function literal(text: string): string {
  return Array.from(text, (one) => `\\u{${hex(one.codePointAt(0) ?? 0, 1)}}`).join("");
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}
