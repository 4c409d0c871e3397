import { UNSEEN } from "../io";
import type { Language } from "./program";

/**
 * A text as a literal of the language in double quotes. Whatever stands in the text ends neither the
 * literal nor the line, and means nothing but itself.
 */
export function quoted(text: string, language: Language): string {
  const literal = JSON.stringify(text.replace(/\p{Cs}/gu, "\ufffd")).replace(UNSEEN, (character) =>
    escaped(character.codePointAt(0) ?? 0, language),
  );
  // Pulumi's YAML reads `${…}` in a text, and `$$` as one dollar sign.
  return language === "yaml" ? literal.replaceAll("$", "$$$$") : literal;
}

function escaped(codePoint: number, language: Language): string {
  const digits = codePoint.toString(16);
  if (codePoint <= 0xffff) return `\\u${digits.padStart(4, "0")}`;
  return language === "typescript" ? `\\u{${digits}}` : `\\U${digits.padStart(8, "0")}`;
}
