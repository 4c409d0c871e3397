import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";

import { CdsConfigError, CdsError } from "../vendor/errors";
import {
  argumentFailures,
  defined,
  hiddenInputs,
  isUnknown,
  optionalAccount,
  optionalId,
  requiredText,
  tokenOf,
} from "../core/arguments";
import type { Context } from "../core/context";
import { withoutKnownImport } from "../core/imports";
import { importFailure } from "./import";
import type { InstanceInputs } from "./inputs";
import { resolveSpec } from "./spec";
import { passwordFailure } from "./password";

const DEFAULT_PORT = 9736;
/** The vendor's agents listen on these. */
const RESERVED_PORTS = [9100, 9121, 9122, 16379];
/** The vendor's limit is not documented; this is short enough for what other vendors allow. */
const MAX_NAME = 64;
const RANDOM_SUFFIX = 7;

const FINAL_BACKUP = z.union([
  z.boolean(),
  z.strictObject({ folder: z.string().trim().min(1).optional(), intranet: z.boolean().optional() }),
]);

const rules: Readonly<Record<string, z.ZodType>> = {
  regionId: requiredText(
    "regionId",
    "the vendor's region, such as CN_Hongkong_A, or a default as cds:regionId or CDS_REGION (with an account as cds-<account>:regionId alone)",
  ),
  vdcId: requiredText("vdcId", "the id of the virtual data center"),
  basePipeId: requiredText("basePipeId", "the id of the private network in the data center"),
  password: requiredText("password", "the password of Redis, as a secret").optional(),
  passwordFrom: z
    .union(
      [z.strictObject({ config: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })],
      {
        error: 'passwordFrom must be { config: "<key>" } or { env: "<variable>" }.',
      },
    )
    .optional(),
  passwordVersion: z
    .union([z.string(), z.number()], { error: "passwordVersion must be text or a number." })
    .optional(),
  instanceName: z
    .string({ error: "instanceName must be text." })
    .regex(/^[^\s\p{C}](.*[^\s\p{C}])?$/u, {
      error: "instanceName must not be empty, begin or end with a space, or hold line breaks.",
    })
    .max(MAX_NAME, { error: `instanceName is longer than ${MAX_NAME} characters.` })
    .optional(),
  port: z
    .int({ error: "port must be a whole number." })
    .refine((port) => port >= 1024 && port <= 65535 && !RESERVED_PORTS.includes(port), {
      error: (issue) =>
        `port ${String(issue.input)} can't be used: give 1024 to 65535, but not ${RESERVED_PORTS.join(", ")}, which the vendor keeps.`,
    })
    .optional(),
  paasGoodsId: optionalId("paasGoodsId"),
  version: requiredText("version", 'the version of Redis, such as "5.0"').optional(),
  architecture: requiredText("architecture", "a word such as cluster").optional(),
  computeRole: requiredText("computeRole", "a word such as general").optional(),
  ramGb: z
    .number({ error: "ramGb must be a number." })
    .positive({ error: "ramGb must be above zero." })
    .optional(),
  testGroupId: optionalId("testGroupId"),
  subjectId: optionalId("subjectId"),
  finalBackup: z
    .unknown()
    .refine((value) => FINAL_BACKUP.safeParse(value).success, {
      error: 'finalBackup must be true, false, or { folder: "<path>", intranet: true }.',
    })
    .optional(),
  account: optionalAccount,
  ...hiddenInputs,
};

/**
 * Holds the arguments against their rules and the live catalogue, and fills in what was left out.
 * What is not known at preview is checked when it is.
 */
export async function checkInstance(
  context: Context,
  olds: Partial<InstanceInputs>,
  given: Partial<InstanceInputs>,
): Promise<dynamic.CheckResult> {
  let news: Partial<InstanceInputs> = defined({
    ...given,
    regionId: given.regionId ?? defaultRegion(context, given),
  });
  const refused = (failure: dynamic.CheckFailure): dynamic.CheckResult => ({
    inputs: news,
    failures: [failure],
  });
  const failures = argumentFailures(rules, news);
  if (failures.length > 0) return { inputs: news, failures };
  try {
    const isNew = olds.instanceName === undefined;
    const passwordWrong = passwordFailure(context, news, isNew);
    if (passwordWrong !== undefined) return refused(passwordWrong);
    if (isNew) news = await withoutKnownImport(context, news);
    const resolved = await resolveSpec(() => context.account(news.account), olds, news);
    const isImport = isNew && news.__import !== undefined;
    // An instance outlives the sale of its size.
    if ("failure" in resolved && !isImport) return refused(resolved.failure);
    if ("spec" in resolved) news = { ...news, ...resolved.spec };
    if (isImport) {
      const imported = await importFailure(context, news);
      if ("failure" in imported) return refused(imported.failure);
      news = imported.inputs;
    }
    return {
      inputs: defined({
        ...news,
        ...leftOut(context, olds, news),
        __token: tokenOf(context.randomHex, olds),
      }),
    };
  } catch (error) {
    if (!(error instanceof CdsConfigError) && !(error instanceof CdsError)) throw error;
    return refused({ property: "", reason: error.message });
  }
}

/** As unknown as the account it is a default of. */
function defaultRegion(context: Context, { account }: Partial<InstanceInputs>): string | undefined {
  return isUnknown(account) ? account : context.defaultRegionId(account);
}

/**
 * What the program leaves out: a name of the resource's and a random suffix, and the usual port. What
 * was chosen before, or taken over by an import, stays.
 */
function leftOut(
  context: Context,
  olds: Partial<InstanceInputs>,
  news: Partial<InstanceInputs>,
): Partial<InstanceInputs> {
  const before = (name: string): Partial<InstanceInputs> =>
    olds.__defaults?.includes(name) === true ? olds : {};
  const { instanceName } = before("instanceName");
  const { port } = before("port");
  const defaults = [
    ...(news.__defaults ?? []),
    ...(news.instanceName === undefined ? ["instanceName"] : []),
    ...(news.port === undefined && port !== undefined ? ["port"] : []),
  ];
  return {
    instanceName: news.instanceName ?? instanceName ?? automaticName(context, news),
    port: news.port ?? port ?? DEFAULT_PORT,
    ...(defaults.length > 0 ? { __defaults: defaults } : {}),
  };
}

function automaticName(context: Context, news: Partial<InstanceInputs>): string {
  // All after the third separator: a name may hold one itself.
  const resourceName = news.__urn?.split("::").slice(3).join("::") ?? "redis";
  const prefix = resourceName.slice(0, MAX_NAME - RANDOM_SUFFIX - 1).trim();
  return `${prefix}-${context.randomHex(RANDOM_SUFFIX)}`;
}
