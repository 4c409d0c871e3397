import { Command, Option } from "commander";

import { codeOf } from "../provider/disk";
import { RdbError, verifyRdb, verifyRdbFile } from "../provider/download/rdb";
import { runBackupsDownload, type DownloadCommandOptions } from "./backupsDownload";
import { runBackupsList, type BackupsListOptions } from "./backupsList";
import { factsText } from "./backupsShown";
import { CliError, isMissing, oneLine, reasonOf, type CliIo } from "./io";
import { endpointOption, jsonOption, KEYS_HELP as KEYS, LIST_HELP } from "./vendor";

const DOWNLOAD_HELP = `
${KEYS}
The command writes the files of all shards, and backup.json, which says what
each file is. A file gets its name when its checksum is right; a file without a
checksum, when its size is as announced.
After Ctrl-C or a failure run the same command again: it goes on where it
stopped.

Exit codes: 0 all files are there and whole; 1 the vendor refused, or a download
failed; 2 wrong use.

Examples:
  cds-redis backups download --instance cache-1 --latest
  cds-redis backups download --instance cache-1 --backup <BackupId> --out saved`;

const VERIFY_HELP = `
Exit codes: 0 all files are whole; 1 a file is not, or has no checksum; 2 a file
can't be read.

Examples:
  cds-redis backups verify cache-1-2026-11-26/*.rdb
  cat dump.rdb | cds-redis backups verify -`;

/** `cds-redis backups` with its subcommands. */
export function backupsCommand(io: CliIo): Command {
  const onInstance = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .requiredOption("--instance <id or name>", "the instance (InstanceUuid), or its name")
      .addOption(endpointOption());
  return new Command("backups")
    .description("List, download and verify the backups of an instance")
    .addCommand(
      onInstance("list", "List the backups of an instance, the oldest first")
        .addOption(jsonOption())
        .addHelpText("after", `${LIST_HELP}\n  cds-redis backups list --instance cache-1`)
        .action((options: BackupsListOptions) => runBackupsList(options, io)),
    )
    .addCommand(
      onInstance(
        "download",
        "Download a backup, check its files, and continue where the last run stopped",
      )
        .addOption(
          new Option(
            "--backup <BackupId>",
            "the backup, by any of its entries; also as <instanceId>/<BackupId>",
          ).conflicts("latest"),
        )
        .option("--latest", "the finished backup that started last")
        .option("--out <folder>", "where to (default: ./<instance name>-<start time>)")
        .option("--intranet", "take the URL in the vendor's network, for a machine in it")
        .addHelpText("after", DOWNLOAD_HELP)
        .action((options: DownloadCommandOptions) => runBackupsDownload(options, io)),
    )
    .addCommand(verifyCommand(io));
}

function verifyCommand(io: CliIo): Command {
  return new Command("verify")
    .description("Prove RDB files whole by their checksum, without a network")
    .argument("<file...>", "the files, which may be pipes; - is standard input")
    .addHelpText("after", VERIFY_HELP)
    .action((files: string[]) => runBackupsVerify(files, io));
}

/** A socket or Windows has no file of this name to open, so the process reads it as its standard input. */
const STANDARD_INPUT = ["-", "/dev/stdin"];

/**
 * Proves files whole, one line for each.
 *
 * @throws CliError when one is not.
 */
export async function runBackupsVerify(files: readonly string[], io: CliIo): Promise<void> {
  let [bad, unread] = [0, 0];
  for (const file of files) {
    try {
      const facts = await (STANDARD_INPUT.includes(file)
        ? verifyRdb(io.input())
        : verifyRdbFile(file));
      if (facts.checksum !== "verified") bad++;
      const finding = facts.checksum === "verified" ? "whole, " : "";
      io.out(`${oneLine(file)}: ${finding}${factsText(facts)}\n`);
    } catch (error) {
      if (error instanceof RdbError) bad++;
      else unread++;
      const reason =
        error instanceof RdbError ? error.message : `can't be read: ${unreadable(error)}`;
      io.out(`${oneLine(`${file}: ${reason}`)}\n`);
    }
  }
  if (bad + unread === 0) return;
  throw new CliError(
    `${bad + unread} of ${files.length} ${files.length === 1 ? "file is" : "files are"} not proven whole.`,
    { exitCode: unread === 0 ? 1 : 2 },
  );
}

function unreadable(error: unknown): string {
  if (isMissing(error)) return "there is no such file";
  if (codeOf(error) === "EISDIR")
    return "it is a folder: give the files in it, such as <folder>/*.rdb";
  return reasonOf(error);
}
