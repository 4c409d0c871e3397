import { z } from "zod";

import {
  accountArgument,
  equal,
  isImported,
  optionalLine,
  requiredText,
  type ArgumentsOf,
  type ArgumentTable,
  type Values,
} from "../core/arguments";
import type { MarkedInputs } from "../core/recovery";

const MAX_DESCRIPTION = 100;

/**
 * Every argument of a RedisBackup. Check, diff, the order's note, import and messages follow from
 * this table; the class has the docs.
 */
export const BACKUP_ARGUMENTS = {
  instanceId: {
    rule: requiredText("instanceId", "the id of the Redis instance, such as cache.id"),
    onChange: "replace",
    isOrdered: true,
    isTold: true,
  },
  description: {
    rule: optionalLine("description", MAX_DESCRIPTION),
    onChange: "replace",
    isTold: true,
  },
  triggers: {
    rule: z.array(z.unknown(), { error: "triggers must be a list of values." }).optional(),
    onChange: "update",
  },
  keepLatest: {
    rule: z
      .int({ error: "keepLatest must be a whole number." })
      .positive({ error: "keepLatest must be 1 or more: the backup that is taken stays." })
      .optional(),
    onChange: "update",
  },
  account: accountArgument,
} as const satisfies ArgumentTable;

/** Arguments as `check` leaves them. */
export type BackupInputs = ArgumentsOf<typeof BACKUP_ARGUMENTS> & MarkedInputs;

/**
 * Whether no trigger changed, so that no other backup is to be taken. An import has no
 * triggers yet: the program's first ones only go into the state.
 */
export function hasSameTriggers(olds: Values, news: Values): boolean {
  return isImported(olds) || equal("triggers")(olds, news);
}
