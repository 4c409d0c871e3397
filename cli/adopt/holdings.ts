import { findOrphans } from "../orphans/find";
import type { Stacks } from "../orphans/stacks";
import type { FoundInstance } from "../accounts";

/** Why a program leaves out what a stack holds, or takes over at its next run. */
export const HELD = "a given stack holds it, or an interrupted run of that stack ordered it";

/** What stacks hold or take over at their next run, by the id for the option `import`. */
export interface Holdings {
  readonly has: (id: string) => boolean;
}

/**
 * What the stacks hold of the instances and of their backups, and what their interrupted runs may have
 * ordered. Without stacks it is nothing.
 */
export function holdingsOf(found: readonly FoundInstance[], stacks: Stacks | undefined): Holdings {
  if (stacks === undefined) return { has: () => false };
  const { instances, backups } = findOrphans(found, stacks);
  const free = new Set([
    ...instances.filter(({ isPending }) => !isPending).map(({ instance }) => instance.instanceId),
    ...backups
      .filter(({ isPending }) => !isPending)
      .flatMap(({ instance, backup }) =>
        backup.entries.map(({ backupId }) => `${instance.instanceId}/${backupId}`),
      ),
  ]);
  return { has: (id) => !free.has(id) };
}
