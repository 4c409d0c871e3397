/** What a command needs of the process; a test gives its own. */
export interface CliIo {
  /** Writes to standard output: what a command is asked for. */
  readonly out: (text: string) => void;
  /** Writes to standard error: logs and errors. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settles when the person stops the command (Ctrl-C, SIGTERM). */
  readonly untilStopped: () => Promise<void>;
}

/** The command can't do what was asked. One line for the person; exit code 2, without a stack trace. */
export class CliError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
  }
}
