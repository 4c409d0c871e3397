import { oneLine, UNSEEN } from "./io";

/** What a plain terminal shows side by side. */
export const COLUMNS = 80;
const GAP = "  ";

export interface TableRow {
  readonly cells: readonly string[];
  /** What stands below the row, such as ids: each from a line of its own on. */
  readonly details?: readonly string[];
}

/**
 * Rows below a head, in aligned columns. Nothing is cut: where a row has more than 80 columns, its
 * first cell takes a line of its own.
 */
export function tableText(head: readonly string[], rows: readonly TableRow[], indent = ""): string {
  const lines = rows.map(({ cells }) => cells.map(oneLine));
  const others = widthsOf([head, ...lines]);
  const taken = others.slice(1).reduce((sum, width) => sum + GAP.length + width, indent.length);
  const room = COLUMNS - taken;
  const [heading = ""] = head;
  // A name as long as the room, or longer, would put all other rows' cells far from their names.
  const first = widthsOf([[heading], ...lines.filter(([name = ""]) => columnsOf(name) <= room)])[0];
  const widths = [first ?? 0, ...others.slice(1)];
  const text = rowLines(head, widths).map((line) => indent + line);
  for (const [index, { details = [] }] of rows.entries()) {
    text.push(...rowLines(lines[index] ?? [], widths).map((line) => indent + line));
    text.push(...details.flatMap((detail) => wrapped(detail, indent + GAP)));
  }
  return text.map((line) => `${line}\n`).join("");
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => columnsOf(row[column] ?? ""))),
  );
}

function rowLines(cells: readonly string[], widths: readonly number[]): string[] {
  const [first = "", ...others] = cells;
  if (columnsOf(first) > (widths[0] ?? 0)) return [first, ...rowLines(["", ...others], widths)];
  const line = cells
    .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - columnsOf(cell)))
    .join(GAP);
  return [line.trimEnd()];
}

/** A text in lines of 80 columns at most, each after the indent. A word that is longer stays whole. */
export function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || columnsOf(`${indent}${last} ${word}`) > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => indent + line);
}

/** Characters that take two columns of a terminal, as Chinese ones do. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;

/** How many columns of a terminal a line takes. */
export function columnsOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (/\p{M}/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

/** A value as indented JSON that moves no terminal's cursor, whatever texts stand in it. */
export function jsonText(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split("\n");
  return `${lines.map(withoutUnseen).join("\n")}\n`;
}

/** The same as one line. */
export function jsonLine(value: unknown): string {
  return `${withoutUnseen(JSON.stringify(value))}\n`;
}

function withoutUnseen(json: string): string {
  return json.replace(UNSEEN, (text) =>
    text
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
