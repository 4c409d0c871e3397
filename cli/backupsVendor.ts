import { describeBackups } from "../provider/vendor/actions/backups";
import type { CdsClient } from "../provider/vendor/client";
import { describeInstances } from "../provider/vendor/actions/instances";
import { backupsOf, mostEntries, summaryOf, type BackupSummary } from "../provider/backup/entries";
import { clientFor } from "./accounts";
import { CliError, type CliIo } from "./io";
import { rethrow } from "./vendor";
import type { BackupEntry, Instance } from "../provider/vendor/types";

/** The options of the commands that look at an instance, as commander gives them. */
export interface InstanceCommandOptions {
  readonly instance: string;
  readonly endpoint?: string;
}

/** A backup with its entries as the vendor lists them. */
export interface ListedBackup {
  readonly entries: readonly BackupEntry[];
  readonly summary: BackupSummary;
  /** Whether no backup of the instance has more entries: of a cluster one for each shard. */
  readonly isWhole: boolean;
}

/** An instance and its backups, the oldest first. */
export interface InstanceBackups {
  readonly client: CdsClient;
  readonly instance: Instance;
  readonly backups: readonly ListedBackup[];
}

/** @throws CliError when there is no such instance, or the vendor refuses. */
export async function backupsOfInstance(
  options: InstanceCommandOptions,
  io: CliIo,
): Promise<InstanceBackups> {
  try {
    const client = clientFor(options.endpoint, io);
    const instance = chosen(await describeInstances(client), options.instance);
    const entries = await describeBackups(client, instance.instanceId);
    const most = mostEntries(entries);
    const backups = backupsOf(entries).map((group) => ({
      entries: group,
      summary: summaryOf(group),
      isWhole: group.length === most,
    }));
    return { client, instance, backups };
  } catch (error) {
    return rethrow(error);
  }
}

/** An id goes before a name: it is unique, whatever others are called. */
function chosen(instances: readonly Instance[], wanted: string): Instance {
  const byId = instances.find(({ instanceId }) => instanceId === wanted);
  if (byId !== undefined) return byId;
  const named = instances.filter(({ instanceName }) => instanceName === wanted);
  const [instance] = named;
  if (instance !== undefined && named.length === 1) return instance;
  if (instance !== undefined)
    throw new CliError(
      `${named.length} instances are called ${wanted}: name one by its id: ${named.map(({ instanceId }) => instanceId).join(", ")}.`,
    );
  const there = instances.map(({ instanceId, instanceName }) => `${instanceName} (${instanceId})`);
  throw new CliError(
    `the account has no instance with the id or name ${JSON.stringify(wanted)}; there are: ${there.join(", ") || "none"}.`,
  );
}
