import { z } from "zod";

// The schemas read the state file back; times are milliseconds of the emulator's clock.

const time = z.number();

/** Lists leave the record out until then; with `byId` a list that is asked for its id does so, too. */
const unlisted = z.strictObject({ until: time, byId: z.boolean() });
export type Unlisted = z.infer<typeof unlisted>;

/** Of the server behind an instance. */
export type ServerState = "starting" | "ready" | "failed";
/** Of the file of a backup. */
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

/** An instance as it is kept: its status follows from the times and the clock. There is no field for a password. */
export type InstanceRecord = z.infer<typeof instanceRecord>;
export type BackupRecord = z.infer<typeof backupRecord>;

export const storeSnapshot = z.strictObject({
  drawn: z.int().min(0),
  instances: z.array(instanceRecord),
  backups: z.array(backupRecord),
});

/** Everything that a restart needs to go on. */
export type StoreSnapshot = z.infer<typeof storeSnapshot>;

/** An instance of the emulator at this moment of its clock. */
export interface EmulatorInstance extends Readonly<InstanceRecord> {
  /** `CREATING`, then `RUNNING` (`ERROR` without its server), then `DELETING`; or what {@link EmulatorStore.changeInstance} set. */
  readonly status: string;
}

/** One backup entry of the emulator at this moment of its clock: one for each shard of a cluster. */
export interface EmulatorBackup extends Readonly<BackupRecord> {
  /** `running`, then `finished` (or `failed`, of a server), then `deleting`. Only `finished` is documented by the vendor. */
  readonly status: string;
}

/** What an order asks for. The password of the request stops at the action: nothing here could hold it. */
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

/** What {@link EmulatorStore.changeInstance} can change; what is left out stays. */
export interface InstanceChange {
  /** Memory in GB. */
  readonly ramGb?: number;
  readonly version?: string;
  readonly subProductName?: string;
  readonly port?: number;
  readonly instanceName?: string;
  /** Stays until it is changed again or the instance is deleted, whatever the delivery time says. */
  readonly status?: string;
  readonly tags?: readonly { readonly tagId: number; readonly tagName: string }[];
}

/** @param server Of what runs behind it; by default it is as ready as the clock says. */
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

/** @param save Of the file that a server writes; by default it is there when the clock says so. */
export function statusOfBackup(
  record: BackupRecord,
  now: number,
  save: SaveState = "finished",
): string {
  if (record.goneAt !== undefined) return "deleting";
  if (save === "failed") return "failed";
  return now < record.finishedAt || save === "running" ? "running" : "finished";
}
