import { hasSameTriggers, BACKUP_ARGUMENTS } from "../backup/arguments";
import { backupLife } from "../backup/backup";
import type { ArgumentTable, Values } from "../core/arguments";
import type { Life } from "../core/operation";
import { saysFinished } from "../core/status";
import { INSTANCE_ARGUMENTS } from "../instance/arguments";
import { instanceLife, isUndelivered } from "../instance/instance";

/** What the engine's protocol must know of a resource beside its life. */
export interface Resource {
  readonly life: Life<Values, Values>;
  readonly table: ArgumentTable;
  /** Outputs beside the arguments: they are known once the resource is made. */
  readonly outputs: readonly string[];
  readonly secrets: readonly string[];
  /** Whether an update makes new outputs, or goes on waiting for them. */
  readonly renewsOutputs: (olds: Values, news: Values) => boolean;
}

/** Every resource by its type. */
export const RESOURCES: Readonly<Record<string, Resource>> = {
  "cds-redis:index:RedisInstance": {
    life: instanceLife,
    table: INSTANCE_ARGUMENTS,
    outputs: ["ip", "connectionString", "status", "createdTime", "vdcName", "resourceId"],
    secrets: ["password", "connectionString"],
    renewsOutputs: (olds) => isUndelivered(olds),
  },
  "cds-redis:index:RedisBackup": {
    life: backupLife,
    table: BACKUP_ARGUMENTS,
    outputs: ["entries", "status", "sizeBytes", "startTime", "endTime", "earlier"],
    secrets: [],
    renewsOutputs: (olds, news) =>
      !hasSameTriggers(olds, news) ||
      olds["__isUnfinished"] === true ||
      !saysFinished(olds["status"] as string | undefined),
  },
};
