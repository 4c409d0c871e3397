import { downloadBackup } from "../provider/vendor/backups";
import type { FetchOptions } from "../provider/download/downloadBackup";
import type { FetchedFile } from "../provider/download/fetchedFile";

/** Asks for the URLs, and downloads nothing: files are tried in tests/provider/download. */
export async function fetchVirtually(
  fetches: FetchOptions[],
  options: FetchOptions,
): Promise<readonly FetchedFile[]> {
  const files: FetchedFile[] = [];
  for (const { backupId, shardId } of options.entries) {
    await downloadBackup(options.client, options.instanceId, backupId);
    const path = `${options.folder}/${backupId}.rdb`;
    options.onProgress?.({ backupId, shardId, receivedBytes: 18, totalBytes: 18 });
    const proven = { sizeBytes: 18, sha256: "", rdbVersion: 9, keys: 0 } as const;
    files.push({ backupId, shardId, path, checksum: "not checked", ...proven });
  }
  fetches.push(options);
  return files;
}
