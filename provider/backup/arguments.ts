import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";

import { CdsConfigError, CdsError } from "../vendor/errors";
import {
  argumentFailures,
  defined,
  hiddenInputs,
  isUnknown,
  optionalAccount,
  requiredText,
  tokenOf,
} from "../core/arguments";
import { findImported } from "./import";
import type { Context } from "../core/context";
import { nextToken } from "./marks";
import { withoutKnownImport } from "../core/imports";
import type { BackupInputs } from "./inputs";

const MAX_DESCRIPTION = 100;

const rules: Readonly<Record<string, z.ZodType>> = {
  instanceId: requiredText("instanceId", "the id of the Redis instance, such as cache.id"),
  description: z
    .string({ error: "description must be text." })
    .max(MAX_DESCRIPTION, { error: `description is longer than ${MAX_DESCRIPTION} characters.` })
    .optional(),
  triggers: z.array(z.unknown(), { error: "triggers must be a list of values." }).optional(),
  keepLatest: z
    .int({ error: "keepLatest must be a whole number." })
    .positive({ error: "keepLatest must be 1 or more: the backup that is taken stays." })
    .optional(),
  account: optionalAccount,
  ...hiddenInputs,
};

/** Holds the arguments against their rules, and marks the backup to be. */
export async function checkBackup(
  context: Context,
  olds: Partial<BackupInputs>,
  given: Partial<BackupInputs>,
): Promise<dynamic.CheckResult> {
  let news: Partial<BackupInputs> = defined(given);
  const failures = argumentFailures(rules, news);
  if (failures.length > 0) return { inputs: news, failures };
  if (olds.__token === undefined) {
    news = await withoutKnownImport(context, news);
    const reason = await importObstacle(context, news);
    if (reason !== undefined) return { inputs: news, failures: [{ property: "", reason }] };
  }
  const token = tokenOf(context.randomHex, olds);
  const isSame = olds.__token === undefined || sameTriggers(olds, news);
  return { inputs: { ...news, __token: isSame ? token : nextToken(token, news.triggers) } };
}

export function sameTriggers(
  olds: Pick<BackupInputs, "triggers">,
  news: Pick<BackupInputs, "triggers">,
): boolean {
  return JSON.stringify(olds.triggers) === JSON.stringify(news.triggers);
}

/** Why the backup of the option `import` can't be taken over, as far as the arguments are known. */
async function importObstacle(
  context: Context,
  { __import: id, instanceId, description, account }: Partial<BackupInputs>,
): Promise<string | undefined> {
  const known = [instanceId, description, account].every((value) => !isUnknown(value));
  if (id === undefined || instanceId === undefined || !known) return undefined;
  try {
    const wanted = { instanceId, ...(description === undefined ? {} : { description }) };
    const found = await findImported(context, context.account(account), wanted, id);
    return typeof found === "string" ? found : undefined;
  } catch (error) {
    if (error instanceof CdsConfigError || error instanceof CdsError) return error.message;
    throw error;
  }
}
