import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";

import type { HiddenInputs } from "../contract";
import {
  argumentFailures,
  defined,
  hiddenInputs,
  optionalAccount,
  requiredText,
} from "./arguments";
import type { Context } from "./context";

const MAX_DESCRIPTION = 100;
const TOKEN_DIGITS = 12;

/** The arguments as `check` leaves them. */
export interface BackupInputs extends HiddenInputs {
  readonly instanceId: string;
  readonly description?: string;
  readonly triggers?: unknown;
  readonly account?: string;
  /** Goes into the vendor's description, since its answer to CreateBackup has no id. */
  readonly __token: string;
}

const rules: Readonly<Record<string, z.ZodType>> = {
  instanceId: requiredText("instanceId", "the id of the Redis instance, such as cache.id"),
  description: z
    .string({ error: "description must be text." })
    .max(MAX_DESCRIPTION, { error: `description is longer than ${MAX_DESCRIPTION} characters.` })
    .optional(),
  triggers: z.array(z.unknown(), { error: "triggers must be a list of values." }).optional(),
  account: optionalAccount,
  ...hiddenInputs,
  __token: z.string().optional(),
};

/** Holds the arguments against their rules, and marks the backup to be. */
export function checkBackup(
  context: Context,
  olds: Partial<BackupInputs>,
  given: Partial<BackupInputs>,
): dynamic.CheckResult {
  const news = defined(given);
  const failures = argumentFailures(rules, news);
  if (failures.length > 0) return { inputs: news, failures };
  return { inputs: { ...news, __token: olds.__token ?? context.randomHex(TOKEN_DIGITS) } };
}

/** What the vendor shows as `Desc`: the user's text and the token that tells our backup from others. */
export function descriptionOf(inputs: BackupInputs): string {
  const token = `pulumi-${inputs.__token}`;
  return inputs.description === undefined || inputs.description === ""
    ? token
    : `${inputs.description} ${token}`;
}
