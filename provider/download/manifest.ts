import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { z } from "zod";

import { BackupDownloadError, codeOf, fileError } from "./downloadErrors";
import type { FetchedFile } from "./fetchedFile";
import { syncFolder } from "./syncFolder";

const FILE_NAME = "backup.json";
const MODE = 0o600;

const known = z.looseObject({
  instanceId: z.string(),
  entries: z.array(z.looseObject({ backupId: z.string(), sha256: z.string() })),
});

/** Of the files that an earlier run wrote into the folder, by BackupId. */
export type EarlierHashes = ReadonlyMap<string, string>;

/**
 * Reads what an earlier run wrote about the folder; nothing when there is none.
 *
 * @throws BackupDownloadError when the folder is of another backup, or of something else.
 */
export async function readManifest(
  folder: string,
  instanceId: string,
  backupIds: readonly string[],
): Promise<EarlierHashes> {
  const path = join(folder, FILE_NAME);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return new Map();
    throw fileError(path, error);
  }
  const manifest = parsed(text);
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

function parsed(text: string): z.output<typeof known> | undefined {
  try {
    return known.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes beside the files what a person restores by: which file is which shard, and how to know it whole. */
export async function writeManifest(
  folder: string,
  instanceId: string,
  files: readonly FetchedFile[],
): Promise<void> {
  const path = join(folder, FILE_NAME);
  const temporary = `${path}.${process.pid}.tmp`;
  const entries = files.map(({ path: file, ...rest }) => ({ file: basename(file), ...rest }));
  try {
    const file = await open(temporary, "w", MODE);
    try {
      await file.writeFile(`${JSON.stringify({ instanceId, entries }, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(path, error);
  }
}
