import type * as pulumi from "@pulumi/pulumi";

import type { BackupSummary } from "./backup/entries";
import { CdsResource, unset, type UnsetOutputs } from "./dynamic/cdsResource";
import type { BackupFile } from "./vendor/types";

/** What to back up, and when to take another backup. */
export interface RedisBackupArgs {
  /** The instance (InstanceUuid), usually `cache.id`. A change replaces: the new instance is backed up. */
  instanceId: pulumi.Input<string>;
  /** Text for the vendor's console (Desc), at most 100 characters; this package adds a mark. A change replaces. */
  description?: pulumi.Input<string> | undefined;
  /**
   * Any values. A change is an update that takes another backup. When that backup is finished, older
   * backups of this resource are deleted until `keepLatest` are left.
   */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /**
   * How many finished backups of this resource to keep, the latest included. Default: 1. A change is
   * an update; a lower number deletes at once. Backups that others took are neither counted nor
   * deleted.
   */
  keepLatest?: pulumi.Input<number> | undefined;
  /** Name of the account that the instance belongs to. Default: the account of `cds:`. A change replaces. */
  account?: pulumi.Input<string> | undefined;
}

/** What `RedisBackup.get` needs and the vendor does not tell. */
export interface BackupLookup {
  /** Name of the account that the backup belongs to. Default: the account of `cds:`. */
  account?: pulumi.Input<string> | undefined;
}

const UNSET: UnsetOutputs<RedisBackup> = {
  ...unset("instanceId", "description", "triggers", "keepLatest", "account"),
  ...unset("entries", "status", "sizeBytes", "startTime", "endTime", "earlier"),
};

/**
 * A backup (RDB) of a Redis instance. It is taken when the resource is created and whenever a trigger changes.
 *
 * @example A backup before each release.
 * ```ts
 * new cds.RedisBackup("before-release", { instanceId: cache.id, triggers: [release] });
 * ```
 *
 * @example A backup a day. Seven are kept.
 * ```ts
 * const today = new Date().toISOString().slice(0, 10);
 * new cds.RedisBackup("daily", { instanceId: cache.id, triggers: [today], keepLatest: 7 });
 * ```
 *
 * @example A backup that stays when it is removed from the program.
 * ```ts
 * new cds.RedisBackup("kept", { instanceId: cache.id, description: "audit" }, { retainOnDelete: true });
 * ```
 *
 * A backup of a cluster has one entry per shard. Backups of one instance are taken one after another.
 * A backup may take 60 minutes and its deletion 20, unless `customTimeouts` says otherwise. A backup
 * that is not finished in time stays in state, and the next `pulumi up` goes on waiting for it.
 * The id is `<instanceId>/<BackupId of the first entry>` of the first backup. It stays the same when
 * others follow.
 */
export class RedisBackup extends CdsResource {
  /** The instance that was backed up. */
  declare public readonly instanceId: pulumi.Output<string>;
  /** The description as given, without this package's mark. */
  declare public readonly description: pulumi.Output<string | undefined>;
  /** The triggers as given. */
  declare public readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** How many backups are kept, as given. */
  declare public readonly keepLatest: pulumi.Output<number | undefined>;
  /** Name of the account. Undefined for the account of `cds:`. */
  declare public readonly account: pulumi.Output<string | undefined>;
  /** The files of the latest backup, by shard. */
  declare public readonly entries: pulumi.Output<BackupFile[]>;
  /** `finished`, or the vendor's word for an entry that is not finished. */
  declare public readonly status: pulumi.Output<string>;
  /** Size of all entries together, in bytes. */
  declare public readonly sizeBytes: pulumi.Output<number>;
  /** When the first entry was started, ISO 8601 in Beijing time. */
  declare public readonly startTime: pulumi.Output<string>;
  /** When the last entry ended, ISO 8601 in Beijing time. */
  declare public readonly endTime: pulumi.Output<string>;
  /** The kept backups before the latest, the newest first. */
  declare public readonly earlier: pulumi.Output<BackupSummary[]>;

  /**
   * Reads a backup that this stack does not own: `destroy` leaves it alone.
   *
   * @param name The resource's name in the stack.
   * @param id `<instanceId>/<BackupId>`. Any entry of a cluster's backup stands for the whole backup.
   * @param state `account`, when it is not the account of `cds:`.
   * @param opts As for the constructor.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: BackupLookup = {},
    opts: pulumi.CustomResourceOptions = {},
  ): RedisBackup {
    // The other arguments are read from the vendor.
    return new RedisBackup(name, state as RedisBackupArgs, { ...opts, id });
  }

  /**
   * @param name The resource's name in the stack.
   * @param args What to back up.
   * @param opts `customTimeouts` sets how long `create` (60 minutes), `update` (60 minutes) and `delete`
   *   (20 minutes) may take. `import` takes over the backup with this id (`<instanceId>/<BackupId>`).
   *   The backup is compared with the arguments first, and a difference is an error.
   */
  constructor(name: string, args: RedisBackupArgs, opts?: pulumi.CustomResourceOptions) {
    super("redisBackup", name, { ...UNSET, ...args }, opts);
  }
}
