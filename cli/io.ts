import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";

import { codeOf } from "../provider/disk";

/** What a command needs of the process. Tests give their own. */
export interface CliIo {
  /** Writes the result of a command to standard output. */
  readonly out: (text: string) => void;
  /** Writes progress, notes and errors to standard error. */
  readonly err: (text: string) => void;
  /** Returns standard input. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /** Standard error when it is a terminal, for progress bars. */
  readonly errTerminal?: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settles when the person stops the command (Ctrl-C, SIGTERM). */
  readonly untilStopped: () => Promise<void>;
}

/** 1: the command did its work, and the answer is bad (stale, refused by the vendor). 2: it cannot do what was asked. */
type ErrorExitCode = 1 | 2;

/** The command failed. The person sees the message in one line, without a stack trace. */
export class CliError extends Error {
  readonly exitCode: ErrorExitCode;

  constructor(message: string, options: ErrorOptions & { exitCode?: ErrorExitCode } = {}) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = options.exitCode ?? 2;
  }
}

/** What an editor does not show, or shows in another place than it stands. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const UNSEEN_RUN = new RegExp(`${UNSEEN.source}+`, "gu");

/** Text from the vendor or a file as one line without control characters for the terminal. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN_RUN, " ").trim();
}

/** Such as `1 size` or `2 sizes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * The text of a file, or of standard input for `-`. `advice` says how to make a file that is not there.
 *
 * @throws CliError that shows nothing of the text.
 */
export async function readText(file: string, io: CliIo, advice: string): Promise<string> {
  const name = inputName(file);
  try {
    return file === "-" ? await text(Readable.from(io.input())) : readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(
      isMissing(error)
        ? `${name} does not exist. ${advice}`
        : `${name} can't be read: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
}

/** What messages call a file that {@link readText} reads. */
export function inputName(file: string): string {
  return file === "-" ? "standard input" : oneLine(file);
}

/** Whether the system says that the file does not exist. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** The words of the system, such as `EACCES: permission denied, open '…'`. */
export function reasonOf(error: unknown): string {
  return String(error).replace(/^Error: /, "");
}
