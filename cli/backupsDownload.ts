import { join } from "node:path";

import { saysFinished } from "../provider/core/status";
import { backupFolderName, fetchBackupFiles } from "../provider/download/download";
import { progressShown } from "./backupsProgress";
import { factsText } from "./backupsShown";
import {
  backupsOfInstance,
  type InstanceBackups,
  type InstanceCommandOptions,
  type ListedBackup,
} from "./backupsVendor";
import { CliError, oneLine, type CliIo } from "./io";
import { rethrow } from "./vendor";

/** The options of `cds-redis backups download` as commander gives them. */
export interface DownloadCommandOptions extends InstanceCommandOptions {
  readonly backup?: string;
  readonly latest?: boolean;
  readonly out?: string;
  readonly intranet?: boolean;
}

/**
 * Downloads one backup, with progress on standard error.
 *
 * @throws CliError
 */
export async function runBackupsDownload(
  options: DownloadCommandOptions,
  io: CliIo,
): Promise<void> {
  const found = await backupsOfInstance(options, io);
  const backup = chosen(found, options);
  const { entries, summary } = backup;
  if (!saysFinished(summary.status))
    throw new CliError(
      `the backup ${nameOf(backup)} is not finished: its status is ${JSON.stringify(summary.status ?? "")}. Try again when it is.`,
    );
  if (!backup.isWhole)
    io.err("note: other backups of the instance have more entries: this one lacks a shard's.\n");
  const { client, instance } = found;
  const folder = options.out ?? join(".", backupFolderName(instance, summary.startTime));
  const progress = progressShown(entries.length, io);
  const files = await fetchBackupFiles({
    client,
    instanceId: instance.instanceId,
    entries: summary.entries,
    folder,
    intranet: options.intranet === true,
    // Ctrl-C ends the process.
    signal: new AbortController().signal,
    onProgress: progress.update,
  })
    .catch(rethrow)
    .finally(progress.stop);
  for (const file of files) io.out(`${oneLine(file.path)}: ${factsText(file)}\n`);
}

function chosen(
  { instance, backups }: InstanceBackups,
  options: DownloadCommandOptions,
): ListedBackup {
  const { latest = false } = options;
  // The id of a RedisBackup has the instance's before it.
  const wanted = options.backup?.slice(options.backup.lastIndexOf("/") + 1);
  const there = `There are: ${backups.map(nameOf).join("; ") || "none"}.`;
  const matching = backups.filter(({ entries, summary, isWhole }) =>
    wanted === undefined
      ? !latest || (saysFinished(summary.status) && isWhole)
      : entries.some(({ backupId }) => backupId === wanted),
  );
  const last = matching.at(-1);
  if (last !== undefined && (latest || matching.length === 1)) return last;
  const name = instance.instanceName;
  if (last !== undefined)
    throw new CliError(
      `${name} has ${matching.length} backups: say --backup or --latest. ${there}`,
    );
  const what = latest ? "finished backup" : "backup";
  throw new CliError(
    `${name} has no ${what}${wanted === undefined ? "" : ` ${JSON.stringify(wanted)}`}. ${there}`,
  );
}

function nameOf({ summary }: ListedBackup): string {
  const ids = summary.entries.map(({ backupId }) => backupId).join(" + ");
  return `${ids} (${summary.status ?? ""}, ${summary.startTime ?? ""})`;
}
