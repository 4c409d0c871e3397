import { stripVTControlCharacters } from "node:util";

const MOST_CHARACTERS = 300;

/** A text of the vendor's for a message: one line of 300 characters at most, without control characters. */
export function shown(text: string): string {
  const line = withoutControls(text);
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

/** The text in one line, without what moves a terminal's cursor or turns the direction of text. */
export function withoutControls(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\n\v\f\r\u2028\u2029]+/g, " ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "");
}
