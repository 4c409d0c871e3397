import {
  backupsOf,
  summaryOf,
  withoutMark,
  type BackupSummary,
} from "../../provider/backup/entries";
import { seriesEntries } from "../../provider/backup/order";
import { hasId, sameId } from "../../provider/vendor/ids";
import type { BackupEntry, Instance } from "../../provider/vendor/types";
import { accountLabel, type FoundInstance } from "../accounts";
import { automaticNameOf } from "../adopt/names";
import type { StackResource, Stacks } from "./stacks";

/** An instance that no stack holds. */
export interface OrphanInstance {
  readonly account: string;
  readonly instance: Instance;
  /** The resource that an automatic name of this package shows. */
  readonly resourceName: string | undefined;
  /**
   * Whether an interrupted run of a given stack may have ordered it: the next `pulumi up` there takes
   * it over.
   */
  readonly isPending: boolean;
  /** What the stacks know of it, such as which of them read it. */
  readonly hints: readonly string[];
}

/** A backup that no stack holds. */
export interface OrphanBackup {
  readonly account: string;
  readonly instance: Instance;
  readonly backup: BackupSummary;
  /** Without this package's mark. */
  readonly description: string;
  /** Whether the description has this package's mark. */
  readonly isMarked: boolean;
  readonly isAutomatic: boolean;
  /**
   * Whether an interrupted run of a given stack may have ordered it: the next `pulumi up` there takes
   * it over.
   */
  readonly isPending: boolean;
  readonly hints: readonly string[];
}

export interface Orphans {
  /** Those that look like this package's first. */
  readonly instances: readonly OrphanInstance[];
  /** Those that look like this package's first. */
  readonly backups: readonly OrphanBackup[];
}

/** The mark of an order. Anything else from a file is not searched for. */
const TOKEN = /^[0-9a-f]+(-[0-9a-f]+)?$/;

export function findOrphans(found: readonly FoundInstance[], { resources }: Stacks): Orphans {
  const held = resources.filter(({ isHeld }) => isHeld);
  const heldIds = new Set(held.flatMap(({ ids }) => ids).map((id) => id.toLowerCase()));
  const instances = found
    .filter(({ instance }) => !heldIds.has(instance.instanceId.toLowerCase()))
    .map(({ account, instance }) => ({
      account: accountLabel(account),
      instance,
      resourceName: automaticNameOf(instance.instanceName),
      isPending: resources.some(
        (one) =>
          one.type === "instance" && one.isPending && one.instanceName === instance.instanceName,
      ),
      hints: instanceHints(instance, resources),
    }));
  const backups = found.flatMap((one) => orphanBackups(one, resources, heldIds));
  return {
    instances: oursFirst(instances, ({ resourceName }) => resourceName !== undefined),
    backups: oursFirst(backups, ({ isMarked }) => isMarked),
  };
}

function oursFirst<T>(all: readonly T[], isOurs: (one: T) => boolean): T[] {
  return [...all.filter(isOurs), ...all.filter((one) => !isOurs(one))];
}

function instanceHints(
  { instanceId, instanceName }: Instance,
  resources: readonly StackResource[],
): string[] {
  const known = resources.filter(({ type }) => type === "instance");
  const automatic = automaticNameOf(instanceName);
  const hints = known.flatMap(({ isHeld, isPending, ids, stack, name, instanceName: own }) => {
    if (isPending && own === instanceName)
      return [`an interrupted run of ${stack} may have ordered it: run \`pulumi up\` there`];
    if (!isHeld && !isPending && hasId(ids, instanceId))
      return [`${stack} reads it, and does not hold it`];
    return isHeld && name === automatic ? [`${stack} has another instance as ${name}`] : [];
  });
  return [...new Set(hints)];
}

function orphanBackups(
  { account, instance, entries }: FoundInstance,
  resources: readonly StackResource[],
  heldIds: ReadonlySet<string>,
): OrphanBackup[] {
  const known = resources.filter(({ type }) => type === "backup");
  // Of a state whose entries are encrypted only one id is known, and the mark.
  const unread = known.filter(({ isHeld, ids }) => isHeld && ids.length < 2);
  const isHeld = (backup: readonly BackupEntry[]): boolean =>
    backup.some(({ backupId }) =>
      heldIds.has(`${instance.instanceId}/${backupId}`.toLowerCase()),
    ) || unread.some((resource) => isMadeBy(resource, backup));
  return backupsOf(entries)
    .filter((backup) => !isHeld(backup))
    .map((backup) => {
      const { description = "", mode = "" } = backup[0] ?? {};
      return {
        account: accountLabel(account),
        instance,
        backup: summaryOf(backup),
        description: withoutMark(description),
        isMarked: withoutMark(description) !== description,
        isAutomatic: mode !== "manual",
        isPending: known.some((one) => one.isPending && isMadeBy(one, backup)),
        hints: backupHints(instance, backup, known),
      };
    });
}

function isMadeBy({ token }: StackResource, backup: readonly BackupEntry[]): boolean {
  return token !== undefined && TOKEN.test(token) && seriesEntries(backup, token).length > 0;
}

function backupHints(
  { instanceId }: Instance,
  backup: readonly BackupEntry[],
  known: readonly StackResource[],
): string[] {
  const hints = known.flatMap((resource) => {
    const { isHeld, isPending, ids, stack, name } = resource;
    if (isMadeBy(resource, backup))
      return [
        isPending
          ? `an interrupted run of ${stack} took it: run \`pulumi up\` there`
          : `${name} of ${stack} took it`,
      ];
    const isRead = backup.some(({ backupId }) =>
      ids.some((id) => sameId(id, `${instanceId}/${backupId}`)),
    );
    return isRead && !isHeld ? [`${stack} reads it, and does not hold it`] : [];
  });
  return [...new Set(hints)];
}
