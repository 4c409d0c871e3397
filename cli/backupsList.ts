import { withoutMark } from "../provider/backup/entries";
import { sizeText } from "./backupsShown";
import { backupsOfInstance, type InstanceCommandOptions, type ListedBackup } from "./backupsVendor";
import { oneLine, type CliIo } from "./io";
import { jsonText, tableText, type TableRow } from "./table";
import { awaited } from "./vendor";

/** The options of `cds-redis backups list` as commander gives them. */
export interface BackupsListOptions extends InstanceCommandOptions {
  readonly json?: boolean;
}

/**
 * Prints the backups of an instance.
 *
 * @throws CliError
 */
export async function runBackupsList(options: BackupsListOptions, io: CliIo): Promise<void> {
  const answer = backupsOfInstance(options, io);
  const { instance, backups } = await awaited("Asking for the backups", answer, io);
  const { instanceId, instanceName } = instance;
  if (options.json === true)
    io.out(jsonText({ instanceId, instanceName, backups: backups.map(fieldsOf) }));
  else if (backups.length > 0) io.out(tableText(HEAD, backups.map(rowOf)));
  else io.err(`note: ${oneLine(instanceName)} has no backup.\n`);
}

const HEAD = ["STARTED", "STATUS", "SIZE", "ENTRIES"];

function rowOf(backup: ListedBackup): TableRow {
  const { entries, startTime = "", status = "", sizeBytes } = backup.summary;
  const description = descriptionOf(backup);
  return {
    cells: [
      startTime,
      status,
      sizeBytes === 0 ? "" : sizeText(sizeBytes),
      `${entries.length}${backup.isWhole ? "" : " (others have more)"}`,
    ],
    details: [
      ...entries.map(({ backupId }) => backupId),
      ...(description === "" ? [] : [`description: ${description}`]),
    ],
  };
}

/** The fields that scripts may rely on. */
function fieldsOf(backup: ListedBackup): object {
  const { entries, summary, isWhole } = backup;
  const { status = "", sizeBytes, startTime = "", endTime = "" } = summary;
  return {
    backupIds: summary.entries.map(({ backupId }) => backupId),
    ...{ description: descriptionOf(backup), mode: entries[0]?.mode ?? "" },
    ...{ status, sizeBytes, startTime, endTime, isWhole },
  };
}

function descriptionOf({ entries }: ListedBackup): string {
  return withoutMark(entries[0]?.description ?? "");
}
