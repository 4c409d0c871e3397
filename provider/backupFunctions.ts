import * as pulumi from "@pulumi/pulumi";

import { accountOf, asking, changesSoFar, outputOf, type Inputs } from "./ask";
import type { BackupEntry } from "./vendor/backups";
import type { BackupSummary } from "./backup/entries";
import { saysFinished } from "./core/status";

export interface GetBackupsArgs {
  /** The instance (InstanceUuid). */
  instanceId: string;
  /** Name of the account whose configuration `cds-<name>:` is used. Default: that of `cds:`. */
  account?: string | undefined;
}

const INSTANCE = { instanceId: "required text", account: "text" } as const;

/** A backup of an instance, whoever took it. */
export interface Backup extends BackupSummary {
  readonly instanceId: string;
  /** `manual`, or the vendor's own word for an automatic one. */
  readonly mode: string;
  /** The vendor's Desc: of a RedisBackup the description and a mark of this package. */
  readonly description: string;
}

/**
 * The backups of an instance (DescribeBackups), the oldest first. A cluster's entries, one for each
 * shard, are put together: those of one description that follow one another. Asked once for each
 * instance in a run, and anew after a resource of this package became ready.
 */
export async function getBackups(args: GetBackupsArgs): Promise<Backup[]> {
  return asking("getBackups", args, INSTANCE, () => listBackups(args));
}

/** {@link getBackups} for outputs. */
export function getBackupsOutput(args: Inputs<GetBackupsArgs>): pulumi.Output<Backup[]> {
  return outputOf(getBackups, args);
}

export interface GetBackupArgs extends GetBackupsArgs {
  /** The BackupId of any of its entries. */
  backupId?: string | undefined;
  /**
   * Takes the finished backup that started last where several match; of a cluster one that has
   * all shards. Default: false.
   */
  mostRecent?: boolean | undefined;
}

/** One backup of an instance; none or several of them is an error that names what there is. */
export async function getBackup(args: GetBackupArgs): Promise<Backup> {
  return asking(
    "getBackup",
    args,
    { ...INSTANCE, backupId: "text", mostRecent: "flag" },
    async () => {
      const { backupId, mostRecent = false } = args;
      const all = await listBackups(args);
      const most = Math.max(0, ...all.map(({ entries }) => entries.length));
      const matching = all.filter(
        ({ entries, status }) =>
          (backupId === undefined || entries.some((entry) => entry.backupId === backupId)) &&
          (!mostRecent || (saysFinished(status) && entries.length === most)),
      );
      const last = matching.at(-1);
      if (last !== undefined && (mostRecent || matching.length === 1)) return last;
      const wanted = backupId === undefined ? "" : ` with the entry ${backupId}`;
      const what = mostRecent ? "finished backup" : "backup";
      const there = `There are: ${all.map(nameOf).join("; ") || "none"}.`;
      throw new Error(
        matching.length === 0
          ? `${args.instanceId} has no ${what}${wanted}. ${there}`
          : `${args.instanceId} has ${matching.length} backups. Say backupId or mostRecent. ${there}`,
      );
    },
  );
}

/** {@link getBackup} for outputs. */
export function getBackupOutput(args: Inputs<GetBackupArgs>): pulumi.Output<Backup> {
  return outputOf(getBackup, args);
}

export interface GetBackupDownloadArgs extends GetBackupsArgs {
  /** The BackupId of one entry: each shard of a cluster is a file of its own. */
  backupId: string;
}

/** Where one entry of a backup can be fetched, for as long as the vendor lets the URLs live. */
export interface BackupDownload {
  readonly instanceId: string;
  readonly backupId: string;
  /** "" unless the instance is a cluster. */
  readonly shardId: string;
  /** In bytes. */
  readonly sizeBytes: number;
  /** Public URL (BackupDownloadUrl). Secret: whoever has it has the data. */
  readonly downloadUrl: pulumi.Output<string>;
  /** URL in the vendor's network (BackupIntranetDownloadUrl). Secret. */
  readonly intranetDownloadUrl: pulumi.Output<string>;
}

/** The URLs of one backup entry (DownloadBackup). Asked anew at every call, since they expire. */
export async function getBackupDownload(args: GetBackupDownloadArgs): Promise<BackupDownload> {
  return asking("getBackupDownload", args, { ...INSTANCE, backupId: "required text" }, async () => {
    const { instanceId, backupId, account } = args;
    const { downloadBackup } = await import("./vendor/backups.js");
    const { client } = await accountOf(account);
    const answer = await downloadBackup(client, instanceId, backupId);
    return {
      instanceId,
      backupId,
      shardId: answer.shardId,
      sizeBytes: answer.sizeBytes,
      downloadUrl: pulumi.secret(answer.downloadUrl),
      intranetDownloadUrl: pulumi.secret(answer.intranetDownloadUrl),
    };
  });
}

/** {@link getBackupDownload} for outputs. */
export function getBackupDownloadOutput(
  args: Inputs<GetBackupDownloadArgs>,
): pulumi.Output<pulumi.Unwrap<BackupDownload>> {
  return outputOf(getBackupDownload, args);
}

async function listBackups({ instanceId, account }: GetBackupsArgs): Promise<Backup[]> {
  const { backupsOf, summaryOf } = await import("./backup/entries.js");
  const entries = await (await accountOf(account)).backupEntries(instanceId, changesSoFar());
  return backupsOf(entries).map((group) => ({
    instanceId,
    ...summaryOf(group),
    mode: commonOf(group, "mode"),
    description: commonOf(group, "description"),
  }));
}

function commonOf(group: readonly BackupEntry[], field: "mode" | "description"): string {
  return group[0]?.[field] ?? "";
}

function nameOf({ entries, status, startTime }: Backup): string {
  const ids = entries.map((entry) => entry.backupId).join(" + ");
  return `${ids} (${status ?? ""}, ${startTime ?? ""})`;
}
