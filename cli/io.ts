/** What a command needs of the process; a test gives its own. */
export interface CliIo {
  /** Writes to standard output: what a command is asked for. */
  readonly out: (text: string) => void;
  /** Writes to standard error: logs and errors. */
  readonly err: (text: string) => void;
  /** Standard error itself where it is a terminal, for what moves. */
  readonly errTerminal?: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settles when the person stops the command (Ctrl-C, SIGTERM). */
  readonly untilStopped: () => Promise<void>;
}

/** 1: the command did its work and the answer is bad (stale, refused by the vendor); 2: it can't do what was asked. */
export type ErrorExitCode = 1 | 2;

/** The command failed. One line for the person and an exit code, without a stack trace. */
export class CliError extends Error {
  readonly exitCode: ErrorExitCode;

  constructor(message: string, options: ErrorOptions & { exitCode?: ErrorExitCode } = {}) {
    super(message, options);
    this.name = "CliError";
    this.exitCode = options.exitCode ?? 2;
  }
}

/** Text of others (the vendor, a file) as one line that does nothing to a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
