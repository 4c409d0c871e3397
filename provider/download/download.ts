import { readFile, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";

import { z } from "zod";

import {
  makeFolder,
  removeAbandonedFiles,
  takeLock,
  undefinedFor,
  writeFileAtomically,
} from "../disk";
import { BackupDownloadError } from "../vendor/errors";
import { sameId } from "../vendor/ids";
import {
  explainDiskErrors,
  fetchFile,
  resumeAdvice,
  type FileEntry,
  type FileOptions,
} from "./fetch";
import { RdbError, verifyRdbFile, type RdbFacts } from "./rdb";

const LOCK_NAME = ".downloading";
const MANIFEST_NAME = "backup.json";
/** What may be part of a file name on any system. */
const SAFE_NAME = /^[\w-][\w.-]{0,199}$/;

export interface FetchOptions extends FileOptions {
  readonly entries: readonly FileEntry[];
  readonly folder: string;
}

export interface FetchedFile extends RdbFacts, Omit<FileEntry, "sizeBytes"> {
  readonly path: string;
}

/**
 * The name of a backup's folder, such as `cache-1a2b3c4-20261121T163000` (Beijing time). The vendor
 * chooses names and times, so characters that could lead elsewhere are replaced.
 */
export function backupFolderName(
  { instanceId, instanceName }: { readonly instanceId: string; readonly instanceName: string },
  startTime = "",
): string {
  const plain = (text: string): string =>
    text.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^\.+/, "");
  const start = startTime.replace(/(\+|Z).*$/, "").replaceAll(/[-:]/g, "");
  return `${plain(instanceName) || plain(instanceId)}-${plain(start) || "backup"}`;
}

/**
 * Downloads all entries (shards) of one backup into the folder, checks each file, and writes
 * `backup.json` beside them: all of it, or an error. Keeps a whole file of the size that the vendor
 * tells, or with the hash in an earlier `backup.json`. Replaces any other file of that name.
 *
 * @throws BackupDownloadError, or CdsError when the vendor gives no URL.
 */
export async function fetchBackupFiles(options: FetchOptions): Promise<FetchedFile[]> {
  const { entries, folder, signal, isResumable = true } = options;
  requireSafeNames(entries);
  await explainDiskErrors(folder, makeFolder(folder));
  // Two downloads at a time would write into one file.
  const lock = join(folder, LOCK_NAME);
  const inTheWay = await explainDiskErrors(lock, takeLock(lock));
  if (inTheWay !== undefined)
    throw new BackupDownloadError(
      `another download into ${folder} is under way: wait for it, or name another folder. If there is none, delete ${inTheWay}.`,
    );
  try {
    return await fetchEntries(options);
  } catch (error) {
    if (!signal.aborted) throw error;
    const isLate = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    const why = isLate ? "took longer than the time given" : "was cancelled";
    const message = `the download into ${folder} ${why}.${resumeAdvice(options)}`;
    throw new BackupDownloadError(message, { isLate });
  } finally {
    await rm(lock, { force: true });
    // A folder with files in it stays.
    if (!isResumable) await rmdir(folder).catch(() => undefined);
  }
}

/** Throws unless the vendor's ids are safe as names of files, and different. */
function requireSafeNames(entries: readonly FileEntry[]): void {
  if (entries.length === 0) throw new BackupDownloadError("the backup has no entry to download.");
  const ids = entries.map(({ backupId }) => backupId);
  const refuse = (id: string, why: string): never => {
    throw new BackupDownloadError(
      `the BackupId ${JSON.stringify(id)} ${why}: nothing was downloaded. Ask the vendor's support.`,
    );
  };
  const unsafe = ids.find((id) => !SAFE_NAME.test(id));
  if (unsafe !== undefined) refuse(unsafe, "can't name a file");
  // Some file systems don't tell upper from lower case.
  const twice = ids.find((id, at) => ids.findIndex((other) => sameId(other, id)) < at);
  if (twice !== undefined) refuse(twice, "names two files of the backup");
}

async function fetchEntries(options: FetchOptions): Promise<FetchedFile[]> {
  const hashes = await readManifest(options);
  const files: FetchedFile[] = [];
  for (const entry of options.entries) {
    const { backupId, shardId, sizeBytes: told } = entry;
    const path = join(options.folder, `${backupId}.rdb`);
    const there = await wholeFileAt(path, options.signal);
    const isSame = told === 0 ? there?.checksum === "verified" : there?.sizeBytes === told;
    // An earlier run may have accepted another size than the vendor tells. Then its manifest has the hash.
    const isKnown = there !== undefined && there.sha256 === hashes.get(backupId);
    const facts =
      there !== undefined && (isSame || isKnown) ? there : await fetchFile(options, entry, path);
    files.push({ backupId, shardId, path, ...facts });
  }
  await writeManifest(options, files);
  return files;
}

/** Undefined unless an earlier run left a whole file. */
async function wholeFileAt(path: string, signal: AbortSignal): Promise<RdbFacts | undefined> {
  const facts = verifyRdbFile(path, signal).catch(undefinedFor("ENOENT"));
  return explainDiskErrors(path, facts).catch((error: unknown) => {
    if (error instanceof RdbError) return undefined;
    throw error;
  });
}

const manifestShape = z.looseObject({
  instanceId: z.string(),
  entries: z.array(z.looseObject({ backupId: z.string(), sha256: z.string() })),
});

/** The hashes of an earlier run's files, by BackupId. Throws when the folder holds something else. */
async function readManifest(options: FetchOptions): Promise<ReadonlyMap<string, string>> {
  const path = join(options.folder, MANIFEST_NAME);
  const text = await explainDiskErrors(path, readFile(path, "utf8").catch(undefinedFor("ENOENT")));
  if (text === undefined) return new Map();
  const manifest = parseManifest(text);
  const hashes = new Map(manifest?.entries.map(({ backupId, sha256 }) => [backupId, sha256]));
  const hasAll = options.entries.every(({ backupId }) => hashes.has(backupId));
  const isSame = hasAll && hashes.size === options.entries.length;
  if (isSame && manifest?.instanceId === options.instanceId) return hashes;
  const found = manifest === undefined ? "something else" : "another backup";
  throw new BackupDownloadError(
    `${path} is there already, and is of ${found}: name another folder.`,
  );
}

function parseManifest(text: string): z.output<typeof manifestShape> | undefined {
  try {
    return manifestShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes beside the files which file is which shard, and how to know that a file is unchanged. */
async function writeManifest(options: FetchOptions, files: readonly FetchedFile[]): Promise<void> {
  const { instanceId, folder } = options;
  const path = join(folder, MANIFEST_NAME);
  const entries = files.map(({ path: file, ...rest }) => ({ file: basename(file), ...rest }));
  const text = `${JSON.stringify({ instanceId, entries }, undefined, 2)}\n`;
  await removeAbandonedFiles(folder);
  await explainDiskErrors(path, writeFileAtomically(path, text));
}
