import { z } from "zod";

// The schemas read the state file back; times are milliseconds of the emulator's clock.

const time = z.number();

/** Lists leave the record out until this time; with `byId` so does a list that is asked for its id. */
const unlisted = z.strictObject({ until: time, byId: z.boolean() });
export type Unlisted = z.infer<typeof unlisted>;

/** The state of the server behind an instance. */
export type ServerState = "starting" | "ready" | "failed";
/** The state of the file of a backup. */
export type SaveState = "running" | "finished" | "failed";

export const instanceRecord = z.strictObject({
  instanceUuid: z.string().min(1),
  instanceName: z.string(),
  regionId: z.string(),
  displayName: z.string(),
  vdcId: z.string(),
  vdcName: z.string(),
  basePipeId: z.string(),
  paasGoodsId: z.int(),
  ramGb: z.number(),
  version: z.string(),
  subProductName: z.string(),
  shardIds: z.array(z.string()),
  linkType: z.string(),
  linkName: z.string(),
  ip: z.string(),
  port: z.int(),
  resourceId: z.string(),
  tags: z.array(z.strictObject({ tagId: z.int(), tagName: z.string() })),
  createdAt: time,
  readyAt: time,
  goneAt: time.optional(),
  heldStatus: z.string().optional(),
  unlisted: unlisted.optional(),
});

export const backupRecord = z.strictObject({
  backupId: z.string().min(1),
  instanceUuid: z.string().min(1),
  shardId: z.string(),
  description: z.string(),
  startedAt: time,
  finishedAt: time,
  goneAt: time.optional(),
  unlisted: unlisted.optional(),
});

/** An instance as the store keeps it. The clock and the times give its status. It has no field for a password. */
export type InstanceRecord = z.infer<typeof instanceRecord>;
export type BackupRecord = z.infer<typeof backupRecord>;

export const storeSnapshot = z.strictObject({
  drawn: z.int().min(0),
  instances: z.array(instanceRecord),
  backups: z.array(backupRecord),
});

/** The whole state, from which a restart goes on. */
export type StoreSnapshot = z.infer<typeof storeSnapshot>;

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
