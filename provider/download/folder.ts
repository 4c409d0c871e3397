import { constants } from "node:fs";
import {
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  statfs,
  type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { z } from "zod";

import { removeAbandonedFiles, syncFolder, writeFileAtomically } from "../atomicFile";
import { BackupDownloadError, codeOf, fileError } from "./errors";
import { RdbCheck, RdbError, readInto, type RdbFacts } from "./rdb";

const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
const LOCK_NAME = ".downloading";
const MANIFEST_NAME = "backup.json";
/** What may be part of a file name on any system. */
const SAFE_NAME = /^[\w-][\w.-]{0,199}$/;
/** A backup is data, so only its owner may read it. */
const [FOLDER_MODE, FILE_MODE] = [0o700, 0o600];

/**
 * The name of a backup's folder, such as `cache-1a2b3c4-20261121T163000` (Beijing time). The vendor
 * chooses names and times, so characters that could lead elsewhere are replaced.
 */
export function backupFolderName(
  { instanceId, instanceName }: { readonly instanceId: string; readonly instanceName: string },
  startTime: string | undefined,
): string {
  const name = plain(instanceName) || plain(instanceId);
  const start = (startTime ?? "").replace(/(\+|Z).*$/, "").replaceAll(/[-:]/g, "");
  return `${name}-${plain(start) || "backup"}`;
}

function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "");
}

/** Where a backup's file has its place when it is complete. */
export function filePath(folder: string, backupId: string): string {
  return join(folder, `${backupId}.rdb`);
}

/** Where a backup's file is until it is complete. */
export function partPath(folder: string, backupId: string): string {
  return `${filePath(folder, backupId)}.part`;
}

/** @throws BackupDownloadError unless the vendor's ids are safe as names of files, and different. */
export function requireSafeNames(
  entries: readonly { readonly backupId: string; readonly shardId: string }[],
): void {
  if (entries.length === 0) throw new BackupDownloadError("the backup has no entry to download.");
  const ids = entries.map(({ backupId }) => backupId);
  const shards = entries.map(({ shardId }) => shardId).filter((shardId) => shardId !== "");
  const unsafe = [...ids, ...shards].find((id) => !SAFE_NAME.test(id));
  if (unsafe !== undefined)
    throw new BackupDownloadError(
      `${JSON.stringify(unsafe)} is no BackupId or ShardId that can be part of a file name: nothing was downloaded. Ask the vendor's support.`,
    );
  // Some file systems don't tell upper from lower case.
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length)
    throw new BackupDownloadError("two entries of the backup have the same BackupId.");
}

/** Makes the folder and those above it, on the disk to stay. */
export async function makeFolder(folder: string): Promise<void> {
  await onDisk(folder, async () => {
    const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return;
    let made = resolve(folder);
    for (; made !== resolve(first); made = dirname(made)) await syncFolder(dirname(made));
    await syncFolder(dirname(made));
  });
}

/** @throws BackupDownloadError when the disk of the folder has less space than so many bytes. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await onDisk(folder, () => statfs(folder));
  if (bytes > bavail * bsize)
    throw new BackupDownloadError(
      `${folder} has no room: ${bytes} bytes are to be downloaded, and ${bavail * bsize} are free. Make room, or name another folder.`,
    );
}

/** The folders that this process has locked, or is about to lock. */
const lockedFolders = new Set<string>();

/**
 * Does the work while no other download is at work in the folder: two would write into one file.
 *
 * @throws BackupDownloadError when there is another download.
 */
export async function aloneIn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_NAME);
  const key = await onDisk(folder, () => realpath(folder));
  if (lockedFolders.has(key)) throw underWay(folder, path, String(process.pid));
  lockedFolders.add(key);
  try {
    await takeLock(folder, path);
    return await work().finally(() => rm(path, { force: true }));
  } finally {
    lockedFolders.delete(key);
  }
}

async function takeLock(folder: string, path: string): Promise<void> {
  while (!(await createLock(path))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (isAtWork(owner)) throw underWay(folder, path, owner);
    // The owner was killed. Several downloads may find that out at once. Only the one that creates
    // the claim may replace the lock, if the lock is still the killed owner's after that.
    const claim = `${path}.${Number(owner)}`;
    if (!(await createLock(claim))) throw underWay(folder, claim, "");
    if ((await ownerOf(path)) === owner && !isAtWork(owner)) {
      await onDisk(path, () => rename(claim, path));
      return;
    }
    await rm(claim, { force: true });
  }
}

/** Creates a lock with this process as its owner. False when there is a file or link of that name. */
async function createLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", FILE_MODE);
    await file.writeFile(String(process.pid)).finally(() => file.close());
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw fileError(path, error);
  }
}

/** The process id in a lock, "" in one that is being created; undefined when the lock is gone. */
async function ownerOf(lock: string): Promise<string | undefined> {
  try {
    return await readFile(lock, { encoding: "utf8", flag: O_RDONLY | O_NOFOLLOW });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(lock, error);
  }
}

function isAtWork(owner: string): boolean {
  const pid = Number(owner);
  // In containers a process often has the id of the one before it. This process has no lock yet.
  if (pid === process.pid) return false;
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: another user's process.
    return codeOf(error) === "EPERM";
  }
}

function underWay(folder: string, lock: string, owner: string): BackupDownloadError {
  const where = owner === "" ? "" : `, in process ${owner}`;
  return new BackupDownloadError(
    `another download into ${folder} is under way${where}: wait for it, or name another folder. If there is none, delete ${lock}.`,
  );
}

/** A file on its way, beside its final name, and the check of the bytes that it has. */
export class PartFile {
  readonly path: string;
  readonly #file: FileHandle;
  #check = new RdbCheck();
  #size = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Creates the file, or continues what an earlier run left. Starts empty if that is no RDB file's beginning. */
  static async open(path: string, signal?: AbortSignal): Promise<PartFile> {
    const file = await onDisk(path, () => open(path, O_RDWR | O_CREAT | O_NOFOLLOW, FILE_MODE));
    const part = new PartFile(path, file);
    try {
      const { nlink } = await file.stat();
      if (nlink > 1) throw Object.assign(new Error("a hard link"), { code: "EMLINK" });
      part.#size = await readInto(part.#check, file, signal);
    } catch (error) {
      if (error instanceof RdbError) await part.empty();
      else {
        await file.close();
        throw fileError(path, error);
      }
    }
    return part;
  }

  get size(): number {
    return this.#size;
  }

  /** @throws RdbError when the bytes can't be of an RDB file; they are not written then. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#check.write(bytes);
    await onDisk(this.path, async () => {
      for (let done = 0; done < bytes.byteLength;) {
        const left = bytes.byteLength - done;
        const { bytesWritten } = await this.#file.write(bytes, done, left, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    });
  }

  async empty(): Promise<void> {
    await onDisk(this.path, () => this.#file.truncate(0));
    this.#check = new RdbCheck();
    this.#size = 0;
  }

  /** @throws RdbError when the bytes so far are not a file with its end. */
  facts(): RdbFacts {
    return this.#check.facts();
  }

  /** Gives the file its final name, on the disk to stay. */
  async finish(path: string): Promise<void> {
    await onDisk(this.path, async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.path, path);
    });
  }

  async close(): Promise<void> {
    // `finish` has closed it before.
    await this.#file.close().catch(() => undefined);
  }

  /** Leaves nothing that a later run would continue. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** A checked file of a backup on this machine. */
export interface FetchedFile extends RdbFacts {
  readonly backupId: string;
  /** "" unless the instance is a cluster. */
  readonly shardId: string;
  readonly path: string;
}

const manifestShape = z.looseObject({
  instanceId: z.string(),
  entries: z.array(z.looseObject({ backupId: z.string(), sha256: z.string() })),
});

/**
 * The hashes of the files that an earlier run wrote into the folder, by BackupId.
 *
 * @throws BackupDownloadError when the folder holds another backup, or something else.
 */
export async function readManifest(
  folder: string,
  instanceId: string,
  backupIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const path = join(folder, MANIFEST_NAME);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(path, error);
  });
  if (text === undefined) return new Map();
  const manifest = parsedManifest(text);
  const isSame =
    manifest?.instanceId === instanceId &&
    manifest.entries.length === backupIds.length &&
    manifest.entries.every((entry) => backupIds.includes(entry.backupId));
  if (!isSame)
    throw new BackupDownloadError(
      `${path} is there already, and is of ${manifest === undefined ? "something else" : "another backup"}: name another folder.`,
    );
  return new Map(manifest.entries.map(({ backupId, sha256 }) => [backupId, sha256]));
}

function parsedManifest(text: string): z.output<typeof manifestShape> | undefined {
  try {
    return manifestShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes beside the files which file is which shard, and how to know that a file is unchanged. */
export async function writeManifest(
  folder: string,
  instanceId: string,
  files: readonly FetchedFile[],
): Promise<void> {
  const path = join(folder, MANIFEST_NAME);
  const entries = files.map(({ path: file, ...rest }) => ({ file: basename(file), ...rest }));
  await removeAbandonedFiles(folder);
  await onDisk(path, () =>
    writeFileAtomically(path, `${JSON.stringify({ instanceId, entries }, undefined, 2)}\n`),
  );
}
