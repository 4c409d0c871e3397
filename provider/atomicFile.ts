import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

const OWNER_ONLY = 0o600;
const TEMPORARY_NAME = /\.[0-9a-f]{16}\.tmp$/;
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/**
 * Writes a file so that a reader, or the disk after a loss of power, has the old text or the new one.
 * A link at the path is replaced and not followed. Throws the system's error and leaves nothing behind.
 */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  // "x" creates the file: a file or link of that name is an error, and stays as it is.
  const file = await open(temporary, "wx", OWNER_ONLY);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Brings the names in a folder to the disk, so that a loss of power does not take them back. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const file = await open(folder, "r");
    await file.sync().finally(() => file.close());
  } catch {
    // Some systems can't open a folder. The files themselves are on the disk.
  }
}

/** Deletes the temporary files that killed processes left in a folder more than an hour ago. */
export async function removeAbandonedFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => TEMPORARY_NAME.test(each))) {
    const path = join(folder, name);
    // The wall clock, since the times of files are.
    const isAbandoned = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs > ABANDONED_AFTER_MS,
      () => false,
    );
    if (isAbandoned) await rm(path, { force: true });
  }
}
