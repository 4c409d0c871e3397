import type * as pulumi from "@pulumi/pulumi";

import { CdsResource } from "./dynamic/cdsResource";
import { BACKUP_TYPE, providerLine } from "./dynamic/contract";
import { askAnewWhenReady } from "./ask";
import { hiddenArguments, withoutImport } from "./dynamic/hiddenArguments";
import type { BackupFile, BackupSummary } from "./backup/entries";

/** What to back up, and when to do so again. */
export interface RedisBackupArgs {
  /** The instance (InstanceUuid), as a rule `cache.id`. A change replaces: the backup is taken of the new instance. */
  instanceId: pulumi.Input<string>;
  /** Text shown at the vendor (Desc), at most 100 characters; a mark of this package follows it. A change replaces. */
  description?: pulumi.Input<string> | undefined;
  /**
   * Any values; a change of one is an update that takes another backup. When that is finished, of
   * the backups that this resource took before it all but `keepLatest` - 1 are deleted.
   */
  triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /**
   * How many finished backups of this resource stay, the latest included. Default: 1. A change is
   * an update; fewer deletes at once. What others took is never counted or deleted.
   */
  keepLatest?: pulumi.Input<number> | undefined;
  /**
   * Name of the account the instance belongs to, as for the instance itself. Default: the
   * account of `cds:`. A change replaces.
   */
  account?: pulumi.Input<string> | undefined;
}

/** What the vendor doesn't tell of a backup that is looked up. */
export interface BackupLookup {
  /** Name of the account it belongs to. Default: the account of `cds:`. */
  account?: pulumi.Input<string> | undefined;
}

/**
 * A backup (RDB) of a Redis instance, taken when the resource is created and whenever a trigger changes.
 *
 * @example A backup before each release.
 * ```ts
 * new cds.RedisBackup("before-release", { instanceId: cache.id, triggers: [release] });
 * ```
 *
 * @example One for each day on which `pulumi up` runs, of which seven stay.
 * ```ts
 * const today = new Date().toISOString().slice(0, 10);
 * new cds.RedisBackup("daily", { instanceId: cache.id, triggers: [today], keepLatest: 7 });
 * ```
 *
 * @example One that outlives its removal from the program.
 * ```ts
 * new cds.RedisBackup("kept", { instanceId: cache.id, description: "audit" }, { retainOnDelete: true });
 * ```
 *
 * A backup of a cluster has one entry for each shard. Backups of one instance are taken one after
 * another. It may take 60 minutes and its deletion 20, unless `customTimeouts` says otherwise;
 * one that is not finished in time stays in state, and the next `pulumi up` goes on waiting.
 * The id is `<instanceId>/<BackupId of the first entry>` of the first backup, and stays when others follow.
 */
export class RedisBackup extends CdsResource {
  /** The instance that was backed up. */
  declare public readonly instanceId: pulumi.Output<string>;
  /** The description as given, without this package's mark. */
  declare public readonly description: pulumi.Output<string | undefined>;
  /** The triggers as given. */
  declare public readonly triggers: pulumi.Output<unknown[] | undefined>;
  /** How many stay, as given. */
  declare public readonly keepLatest: pulumi.Output<number | undefined>;
  /** Name of the account; undefined for that of `cds:`. */
  declare public readonly account: pulumi.Output<string | undefined>;
  /** The files of the latest backup, by shard. */
  declare public readonly entries: pulumi.Output<BackupFile[]>;
  /** `finished`, or the word of an entry that is not. */
  declare public readonly status: pulumi.Output<string>;
  /** Of all entries together, in bytes. */
  declare public readonly sizeBytes: pulumi.Output<number>;
  /** When the first entry was started, ISO 8601 in Beijing time. */
  declare public readonly startTime: pulumi.Output<string>;
  /** When the last entry ended, ISO 8601 in Beijing time. */
  declare public readonly endTime: pulumi.Output<string>;
  /** The backups before the latest that stay, the newest first. */
  declare public readonly earlier: pulumi.Output<BackupSummary[]>;

  /**
   * Reads a backup that is not the stack's, and stays so: `destroy` leaves it alone.
   *
   * @param name The resource's name in the stack.
   * @param id `<instanceId>/<BackupId>`; any entry of a cluster's backup stands for all.
   * @param state `account`, where it is not that of `cds:`.
   * @param opts As for the constructor.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: BackupLookup = {},
    opts: pulumi.CustomResourceOptions = {},
  ): RedisBackup {
    // What an order needs is read instead.
    return new RedisBackup(name, state as RedisBackupArgs, { ...opts, id });
  }

  /**
   * @param name The resource's name in the stack.
   * @param args What to back up.
   * @param opts `customTimeouts` sets how long `create` (60 minutes), `update` (60 minutes) and `delete`
   *   (20 minutes) may take. `import` takes over the backup with this id (`<instanceId>/<BackupId>`), after comparing
   *   it with the arguments; what differs is an error.
   */
  constructor(name: string, args: RedisBackupArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = {
      // An output that is no input at first never appears.
      description: undefined,
      triggers: undefined,
      keepLatest: undefined,
      account: undefined,
      ...args,
      ...hiddenArguments(name, BACKUP_TYPE, providerLine("redisBackup"), opts),
      entries: undefined,
      status: undefined,
      sizeBytes: undefined,
      startTime: undefined,
      endTime: undefined,
      earlier: undefined,
    };
    super(BACKUP_TYPE, name, inputs, withoutImport(opts));
    askAnewWhenReady(this);
  }
}
