// Times are milliseconds of the emulator's clock. `stateFile.ts` reads records back.

/** Lists leave the record out until this time; with `byId` so does a list that is asked for its id. */
export interface Unlisted {
  until: number;
  byId: boolean;
}

/** The state of the server behind an instance. */
export type ServerState = "starting" | "ready" | "failed";
/** The state of the file of a backup. */
export type SaveState = "running" | "finished" | "failed";

/** An instance as the store keeps it. The clock and the times give its status. It has no field for a password. */
export interface InstanceRecord {
  instanceUuid: string;
  instanceName: string;
  regionId: string;
  displayName: string;
  vdcId: string;
  vdcName: string;
  basePipeId: string;
  paasGoodsId: number;
  ramGb: number;
  version: string;
  subProductName: string;
  shardIds: string[];
  linkType: string;
  linkName: string;
  ip: string;
  port: number;
  resourceId: string;
  tags: { tagId: number; tagName: string }[];
  createdAt: number;
  readyAt: number;
  goneAt?: number | undefined;
  heldStatus?: string | undefined;
  unlisted?: Unlisted | undefined;
}

export interface BackupRecord {
  backupId: string;
  instanceUuid: string;
  shardId: string;
  description: string;
  startedAt: number;
  finishedAt: number;
  goneAt?: number | undefined;
  unlisted?: Unlisted | undefined;
}

/** The whole state, from which a restart goes on. */
export interface StoreSnapshot {
  drawn: number;
  instances: InstanceRecord[];
  backups: BackupRecord[];
}

/** An instance of the emulator at this moment of its clock. */
export interface EmulatorInstance extends Readonly<InstanceRecord> {
  /**
   * `CREATING`, then `RUNNING` (`ERROR` when its server failed), then `DELETING`.
   * {@link EmulatorStore.changeInstance} can set another.
   */
  readonly status: string;
}

/** One backup entry of the emulator at this moment of its clock: one for each shard of a cluster. */
export interface EmulatorBackup extends Readonly<BackupRecord> {
  /**
   * `running`, then `finished` (`failed` when its server failed), then `deleting`. The vendor documents only `finished`.
   */
  readonly status: string;
}

/** An order. It has no field for the password, which never gets into the store. */
export interface InstanceOrder {
  readonly instanceName: string;
  readonly regionId: string;
  readonly displayName: string;
  readonly vdcId: string;
  readonly vdcName: string;
  readonly basePipeId: string;
  readonly paasGoodsId: number;
  readonly ramGb: number;
  readonly version: string;
  readonly subProductName: string;
  readonly isCluster: boolean;
  readonly linkType: string;
  readonly linkName: string;
  readonly port: number;
  /** The addresses of the network, such as `10.1.0.0/16~10.1.255.255/16`. Default: any private one. */
  readonly segment?: string | undefined;
}

/** What {@link EmulatorStore.changeInstance} can change. Fields that are left out stay. */
export interface InstanceChange {
  /** Memory in GB. */
  readonly ramGb?: number;
  readonly version?: string;
  readonly subProductName?: string;
  readonly port?: number;
  readonly instanceName?: string;
  /** Overrides the status that follows from the times, until it is changed again or the instance is deleted. */
  readonly status?: string;
  readonly tags?: readonly { readonly tagId: number; readonly tagName: string }[];
}

/** @param server The state of the server behind the instance. Default: ready, so that the clock decides. */
export function statusOfInstance(
  record: InstanceRecord,
  now: number,
  server: ServerState = "ready",
): string {
  if (record.goneAt !== undefined) return "DELETING";
  if (record.heldStatus !== undefined) return record.heldStatus;
  if (server === "failed") return "ERROR";
  return now < record.readyAt || server === "starting" ? "CREATING" : "RUNNING";
}

/** @param save The state of the file that a server writes. Default: finished, so that the clock decides. */
export function statusOfBackup(
  record: BackupRecord,
  now: number,
  save: SaveState = "finished",
): string {
  if (record.goneAt !== undefined) return "deleting";
  if (save === "failed") return "failed";
  return now < record.finishedAt || save === "running" ? "running" : "finished";
}
