import { wrapped } from "../table";
import type { ProgramArgument } from "./program";

/** The comments above an argument, each line after this prefix. */
export function argumentComments({ fillIn, remark }: ProgramArgument, prefix: string): string[] {
  return [
    ...(fillIn === undefined ? [] : wrapped(`FILL IN: ${fillIn}`, prefix)),
    ...(remark === undefined ? [] : wrapped(remark, prefix)),
  ];
}
