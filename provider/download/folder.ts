import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import { z } from "zod";

import { removeAbandonedFiles, syncFolder, writeFileAtomically } from "../atomicFile";
import type { BackupEntry } from "../vendor/actions/backups";
import { BackupDownloadError, codeOf, onDisk, unless } from "./errors";
import { RdbError, verifyRdbFile, type RdbFacts } from "./rdb";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
const LOCK_NAME = ".downloading";
/** This process in a lock: its id, and what tells it from later ones with the same id. */
const OWNER = `${process.pid} ${randomUUID()}`;
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

/** @throws BackupDownloadError unless the vendor's ids are safe as names of files, and different. */
export function requireSafeNames(ids: readonly string[]): void {
  if (ids.length === 0) throw new BackupDownloadError("the backup has no entry to download.");
  // Some file systems don't tell upper from lower case.
  const names = ids.map((id) => id.toLowerCase());
  const unsafe = names.find((name, at) => !SAFE_NAME.test(name) || names.indexOf(name) < at);
  if (unsafe !== undefined)
    throw new BackupDownloadError(
      `${JSON.stringify(unsafe)} is no BackupId that can name one file: nothing was downloaded. Ask the vendor's support.`,
    );
}

/** Makes the folder and those above it, on the disk to stay. */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  await onDisk(folder, async () => {
    const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return;
    for (let made = path; made !== dirname(first); made = dirname(made))
      await syncFolder(dirname(made));
  });
}

/**
 * Does the work while no other download is at work in the folder: two would write into one file.
 *
 * @throws BackupDownloadError when there is another download.
 */
export async function aloneIn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, LOCK_NAME);
  while (!(await createLock(lock))) {
    const owner = await ownerOf(lock);
    if (owner === undefined) continue;
    if (isAtWork(owner)) throw underWay(lock);
    // The owner was killed. Several downloads may find that out at once. Only the one that creates
    // the claim may replace the lock, if the lock is still the killed owner's after that.
    const claim = `${lock}.${parseInt(owner)}`;
    if (!(await createLock(claim))) throw underWay(claim);
    if ((await ownerOf(lock)) === owner) {
      await onDisk(lock, () => rename(claim, lock));
      break;
    }
    await rm(claim, { force: true });
  }
  return work().finally(() => rm(lock, { force: true }));
}

/** Creates a lock with this process as its owner. False when there is a file or link of that name. */
async function createLock(path: string): Promise<boolean> {
  return onDisk(path, async () => {
    const file = await unless("EEXIST", () => open(path, "wx", FILE_MODE));
    if (file === undefined) return false;
    await file.writeFile(OWNER).finally(() => file.close());
    return true;
  });
}

/** The process in a lock, "" in one that is being created; undefined when the lock is gone. */
async function ownerOf(lock: string): Promise<string | undefined> {
  const options = { encoding: "utf8", flag: O_RDONLY | O_NOFOLLOW } as const;
  return onDisk(lock, () => unless("ENOENT", () => readFile(lock, options)));
}

function isAtWork(owner: string): boolean {
  const pid = parseInt(owner);
  // In containers a process often has the id of the one before it.
  if (pid === process.pid) return owner === OWNER;
  if (!(pid > 0)) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: another user's process.
    return codeOf(error) === "EPERM";
  }
}

function underWay(lock: string): BackupDownloadError {
  return new BackupDownloadError(
    `another download into ${dirname(lock)} is under way: wait for it, or name another folder. If there is none, delete ${lock}.`,
  );
}

/** A file on its way, at `<final path>.part`. */
export class PartFile {
  /** How many bytes are there. */
  size: number;
  /** The ETag of the server's file that the bytes are of, if it is known. */
  etag: string | undefined;
  readonly #path: string;
  readonly #file: FileHandle;
  /** Whether all bytes came in one answer, or in several with the same ETag. */
  #isOneFile = false;

  private constructor(path: string, file: FileHandle, size: number) {
    [this.#path, this.#file, this.size] = [path, file, size];
  }

  /** Opens the file that an earlier run left, or a new one. */
  static async open(finalPath: string): Promise<PartFile> {
    const path = `${finalPath}.part`;
    return onDisk(path, async () => {
      const file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, FILE_MODE);
      const { nlink, size } = await file.stat();
      if (nlink === 1) return new PartFile(path, file, size);
      await file.close();
      throw Object.assign(new Error("a hard link"), { code: "EMLINK" });
    });
  }

  /** Drops what is there, for the bytes of a whole file. */
  async startAnew(etag: string | undefined): Promise<void> {
    await onDisk(this.#path, () => this.#file.truncate(0));
    [this.etag, this.size, this.#isOneFile] = [etag, 0, true];
  }

  /** Gets ready for bytes behind those that are there. Throws an RdbError when they are of another file. */
  continueWith(etag: string | undefined): void {
    const isKnown = etag !== undefined && this.etag !== undefined;
    if (isKnown && etag !== this.etag) throw new RdbError("the file changed at the server");
    [this.etag, this.#isOneFile] = [etag, this.#isOneFile && isKnown];
  }

  async append(bytes: Uint8Array): Promise<void> {
    await onDisk(this.#path, () => this.#file.appendFile(bytes));
    this.size += bytes.byteLength;
  }

  /**
   * Proves the file whole: by its checksum or, without one, by the size that is told and the certainty
   * that all bytes are of one file.
   *
   * @throws RdbError
   */
  async verify(toldBytes: number | undefined, signal: AbortSignal): Promise<RdbFacts> {
    const facts = await onDisk(this.#path, () => verifyRdbFile(this.#path, signal));
    if (facts.checksum === "verified") return facts;
    if (this.size !== toldBytes)
      throw new RdbError(
        `it has no checksum to prove it, and its size is ${this.size} bytes where the vendor tells ${toldBytes ?? "none"}`,
      );
    if (!this.#isOneFile)
      throw new RdbError("it has no checksum to prove that its parts belong together");
    return facts;
  }

  /** Gives the file its final path, on the disk to stay. */
  async finish(finalPath: string): Promise<void> {
    await onDisk(this.#path, async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#path, finalPath);
    });
  }

  /** Closes the file. A later run continues a file that is kept. */
  async leave({ isKept }: { readonly isKept: boolean }): Promise<void> {
    await this.#file.close();
    if (!isKept) await rm(this.#path, { force: true });
  }
}

/** A checked file of a backup on this machine. */
export interface FetchedFile extends RdbFacts, Pick<BackupEntry, "backupId" | "shardId"> {
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
  const text = await onDisk(path, () => unless("ENOENT", () => readFile(path, "utf8")));
  if (text === undefined) return new Map();
  const { data: manifest } = manifestShape.safeParse(parsed(text));
  const hashes = new Map(manifest?.entries.map(({ backupId, sha256 }) => [backupId, sha256]));
  const isSame = hashes.size === backupIds.length && backupIds.every((id) => hashes.has(id));
  if (manifest?.instanceId !== instanceId || !isSame)
    throw new BackupDownloadError(
      `${path} is there already, and is of ${manifest === undefined ? "something else" : "another backup"}: name another folder.`,
    );
  return hashes;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
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
  const text = `${JSON.stringify({ instanceId, entries }, undefined, 2)}\n`;
  await removeAbandonedFiles(folder);
  await onDisk(path, () => writeFileAtomically(path, text));
}
