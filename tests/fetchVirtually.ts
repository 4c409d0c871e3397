import { downloadBackup } from "../provider/vendor/actions/backups";
import type { FetchedFile, FetchOptions } from "../provider/download/download";

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
    const facts = { sizeBytes: 18, trailingBytes: 0, sha256: "", rdbVersion: 9 };
    files.push({ backupId, shardId, path, checksum: "verified", ...facts });
  }
  fetches.push(options);
  return files;
}
