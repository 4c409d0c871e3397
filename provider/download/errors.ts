/** An error whose message and causes hold no URL and no data. */
export class CleanError extends Error {}

/** A backup was not downloaded. The message says what, where and how to mend it. */
export class BackupDownloadError extends CleanError {
  override readonly name = "BackupDownloadError";
  /** Whether more time would have helped. */
  readonly isLate: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isLate?: boolean } = {}) {
    super(message, options);
    this.isLate = options.isLate ?? false;
  }
}

/** One try ended early. The next try may succeed. */
export class DroppedError extends CleanError {
  override readonly name = "DroppedError";
}

/** The system's word for a failure, such as `ECONNRESET`, and nothing else of the error. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^\w+$/.test(error.code) ? error.code : undefined;
}

/**
 * Does the work on a file or folder.
 *
 * @throws BackupDownloadError instead of the system's error.
 */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const reason = ["ENOSPC", "EDQUOT"].includes(code)
      ? "can't be written: the disk is full. Make room there"
      : ["EEXIST", "ENOTDIR"].includes(code)
        ? "is a file where a folder is needed. Name another folder"
        : `can't be used: ${code}. Check the folder and its rights`;
    throw new BackupDownloadError(`${path} ${reason}, then run the same command again.`);
  }
}

/** Does the work. Undefined when it fails with this code of the system's. */
export async function unless<T>(code: string, work: () => Promise<T>): Promise<T | undefined> {
  return work().catch((error: unknown) => {
    if (codeOf(error) === code) return undefined;
    throw error;
  });
}
