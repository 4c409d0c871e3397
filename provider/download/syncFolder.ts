import { open } from "node:fs/promises";

/** Brings the names in a folder to the disk, so that a loss of power doesn't take them back. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const file = await open(folder, "r");
    await file.sync().finally(() => file.close());
  } catch {
    // Not every system lets a folder be opened; the files themselves are on the disk.
  }
}
