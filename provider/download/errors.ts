import { codeOf } from "../disk";

/** A backup was not downloaded. The message says why and how to mend it, and holds no URL and no data. */
export class BackupDownloadError extends Error {
  /** Whether more time would have helped. */
  readonly isLate: boolean;

  constructor(message: string, { isLate = false }: { readonly isLate?: boolean } = {}) {
    super(message);
    this.name = new.target.name;
    this.isLate = isLate;
  }
}

/** One try ended early. The next try may succeed. */
export class DroppedError extends BackupDownloadError {}

/** What a person does when a later run may succeed, as the end of a message. */
export function again({ isResumable = true }: { readonly isResumable?: boolean }): string {
  return isResumable ? " Run the same command again: it goes on where it stopped." : "";
}

/**
 * Settles as the work on a file or folder does.
 *
 * @throws BackupDownloadError instead of the system's error.
 */
export async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const code = codeOf(error);
    if (code === undefined) throw error;
    let reason = `can't be used: ${code}. Check the folder and its rights`;
    if (code === "ENOSPC" || code === "EDQUOT")
      reason = "can't be written: the disk is full. Make room there";
    if (code === "EEXIST" || code === "ENOTDIR")
      reason = "is a file where a folder is needed. Name another folder";
    throw new BackupDownloadError(`${path} ${reason}, then run the same command again.`);
  });
}
