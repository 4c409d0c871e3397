/** Files and folders that several processes, kills and losses of power may meet at any time. */
import { randomBytes, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
const OWNER_ONLY = 0o600;
const TEMPORARY_NAME = /\.[0-9a-f]{16}\.tmp$/;
const ABANDONED_AFTER_MS = 60 * 60 * 1000;
/** This process in a lock: its id, and what tells it from later ones with the same id. */
const THIS_PROCESS = `${process.pid} ${randomUUID()}`;

/** The system's word for a failure, such as `ENOENT`, and nothing else of the error. */
export function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" && /^\w+$/.test(code) ? code : undefined;
}

/** A handler for `catch`: returns undefined for an error with one of these codes, and rethrows every other. */
export function undefinedFor(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? "")) throw error;
    return undefined;
  };
}

/**
 * Writes a file so that a reader, or the disk after a loss of power, has the old text or the new one.
 * A link at the path is replaced and not followed. Throws the system's error and leaves nothing behind.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  mode = OWNER_ONLY,
): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx", mode, flush: true });
    await rename(temporary, path);
  } catch (error) {
    // A file or link that was there before is not ours.
    if (codeOf(error) !== "EEXIST") await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Opens a file to add to its end, a new one where there is none. Throws where the path is a link of any kind. */
export async function openForAppend(path: string): Promise<FileHandle> {
  const file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, OWNER_ONLY);
  const { nlink } = await file.stat();
  if (nlink === 1) return file;
  await file.close();
  throw Object.assign(new Error("a hard link"), { code: "EMLINK" });
}

/** Makes the folder and those above it, for their owner alone and on the disk to stay. */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made !== dirname(first); made = dirname(made))
    await syncFolder(dirname(made));
}

/** Brings the names in a folder to the disk, so that a loss of power does not take them back. */
async function syncFolder(folder: string): Promise<void> {
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
    const file = await stat(path).catch(() => undefined);
    // The wall clock, since the times of files are.
    const ageMs = Date.now() - (file?.mtimeMs ?? Date.now());
    if (ageMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

/**
 * Creates a lock, or takes over that of a killed process. Delete the file to release it. No link is followed.
 *
 * @returns undefined when the lock is this caller's, else the file that is in the way.
 */
export async function takeLock(lock: string): Promise<string | undefined> {
  while (!(await createLock(lock))) {
    const owner = await ownerOf(lock);
    if (owner === undefined) continue;
    if (isAtWork(owner)) return lock;
    // The owner was killed. Several processes may find that out at once. Only the one that creates
    // the claim may replace the lock, if the lock is still the killed owner's after that.
    const claim = `${lock}.${parseInt(owner)}`;
    if (!(await createLock(claim))) return claim;
    if ((await ownerOf(lock)) === owner) {
      await rename(claim, lock);
      break;
    }
    await rm(claim, { force: true });
  }
  return undefined;
}

/** False when there is a file or link of that name. */
async function createLock(path: string): Promise<boolean> {
  const created = writeFile(path, THIS_PROCESS, { flag: "wx", mode: OWNER_ONLY });
  return (await created.then(() => true).catch(undefinedFor("EEXIST"))) ?? false;
}

/** The process in a lock, "" in one that is being created; undefined when the lock is gone. */
async function ownerOf(lock: string): Promise<string | undefined> {
  return readFile(lock, { encoding: "utf8", flag: O_RDONLY | O_NOFOLLOW }).catch(
    undefinedFor("ENOENT"),
  );
}

function isAtWork(owner: string): boolean {
  const pid = parseInt(owner);
  // In containers a process often has the id of the one before it.
  if (pid === process.pid) return owner === THIS_PROCESS;
  if (!(pid > 0)) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: another user's process.
    return codeOf(error) === "EPERM";
  }
}
