import type { ProgramArgument } from "./program";
import { oneLine } from "../io";

const COLUMNS = 80;

/** A text in lines of 80 columns at most, each after this prefix. A word that is longer stays whole. */
export function wrapped(text: string, prefix: string): string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    const isFull = last === undefined || prefix.length + last.length + 1 + word.length > COLUMNS;
    if (isFull) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => prefix + line);
}

/** The comments above an argument, each line after this prefix. */
export function argumentComments({ fillIn, remark }: ProgramArgument, prefix: string): string[] {
  return [
    ...(fillIn === undefined ? [] : wrapped(`FILL IN: ${fillIn}`, prefix)),
    ...(remark === undefined ? [] : wrapped(remark, prefix)),
  ];
}
