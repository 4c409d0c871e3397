import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { BackupDownloadError, codeOf, fileError } from "./downloadErrors";

const FILE_NAME = ".downloading";
const MODE = 0o600;

/** Of this process. */
const taken = new Set<string>();

/**
 * Does the work while no other download is at work in the folder: two would write into one file.
 *
 * @throws BackupDownloadError when there is another one.
 */
export async function aloneIn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, FILE_NAME);
  await take(path, folder);
  taken.add(path);
  try {
    return await work();
  } finally {
    taken.delete(path);
    await rm(path, { force: true });
  }
}

async function take(path: string, folder: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(path, "wx", MODE);
      await file.writeFile(String(process.pid)).finally(() => file.close());
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw fileError(path, error);
    }
    const pid = Number(await readFile(path, "utf8").catch(() => ""));
    if (isAtWork(pid, path))
      throw new BackupDownloadError(
        `another download into ${folder} is under way, in process ${pid}: wait for it, or name another folder. If there is none, delete ${path}.`,
      );
    // Its process was killed.
    await rm(path, { force: true });
  }
}

function isAtWork(pid: number, path: string): boolean {
  // In containers a process often has the id of the one before it.
  if (pid === process.pid) return taken.has(path);
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is at work, too.
    return codeOf(error) === "EPERM";
  }
}
