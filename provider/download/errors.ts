/** What a person does when a later run may succeed. */
export const RUN_AGAIN = "Run the same command again: it goes on where it stopped.";

/** A backup was not downloaded. The message says what, where and how to mend it, and never holds the URL. */
export class BackupDownloadError extends Error {
  /** Whether more time would have helped. */
  readonly isLate: boolean;

  constructor(message: string, options: ErrorOptions & { isLate?: boolean } = {}) {
    super(message, options);
    this.name = "BackupDownloadError";
    this.isLate = options.isLate ?? false;
  }
}

/** One try ended early, and another try may succeed. */
export class DroppedError extends Error {
  /** Whether the next try needs another URL. */
  readonly isUrlRefused: boolean;

  constructor(reason: string, isUrlRefused = false) {
    super(reason);
    this.name = "DroppedError";
    this.isUrlRefused = isUrlRefused;
  }
}

/** The system's word for a failure, such as `ECONNRESET`, and nothing else of the error. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^\w+$/.test(error.code) ? error.code : undefined;
}

/** The error of a file or folder that can't be read or written. */
export function fileError(path: string, error: unknown): BackupDownloadError {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT")
    return new BackupDownloadError(
      `${path}: the disk is full. What was received is kept: make room there, then run the same command again.`,
    );
  if (code === "EEXIST" || code === "ENOTDIR")
    return new BackupDownloadError(
      `${path} is a file where a folder is needed: name another folder.`,
    );
  return new BackupDownloadError(
    `${path} can't be used: ${code ?? "failed"}. Check the folder and its rights, then run the same command again.`,
  );
}
