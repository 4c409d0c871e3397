import { z } from "zod";

import {
  accountArgument,
  equal,
  equalWhereKnown,
  isImported,
  optionalId,
  optionalLine,
  requiredText,
  type ArgumentsOf,
  type ArgumentTable,
  type ToldName,
  type Values,
} from "../core/arguments";
import { hasUnknown } from "../core/engineValues";
import type { Operation } from "../core/operation";
import type { MarkedInputs } from "../core/recovery";
import { CdsConfigError } from "../vendor/errors";
import { isSameGoods, isSameSpec, isSameVersion } from "./spec";

/** The port of the vendor where an order names none. */
export const DEFAULT_PORT = 9736;
/** The vendor's agents listen on these. */
const RESERVED_PORTS = [9100, 9121, 9122, 16379];
/** The vendor's limit is not documented; this is short enough for what other vendors allow. */
export const MAX_NAME = 64;

const sourceRule = z
  .union(
    [z.strictObject({ config: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })],
    { error: 'passwordFrom must be { config: "<key>" } or { env: "<variable>" }.' },
  )
  .optional();

const finalBackup = z.union([
  z.boolean(),
  z.strictObject({ folder: z.string().trim().min(1).optional(), intranet: z.boolean().optional() }),
]);

const finalBackupRule = z
  .custom<z.output<typeof finalBackup>>((value) => finalBackup.safeParse(value).success, {
    error: 'finalBackup must be true, false, or { folder: "<path>", intranet: true }.',
  })
  .optional();

const portRule = z
  .int({ error: "port must be a whole number." })
  .refine((port) => port >= 1024 && port <= 65535 && !RESERVED_PORTS.includes(port), {
    error: (issue) =>
      `port ${String(issue.input)} can't be used: give 1024 to 65535, but not ${RESERVED_PORTS.join(", ")}, which the vendor keeps.`,
  })
  .optional();

const nameRule = optionalLine("instanceName", MAX_NAME).refine(
  (name) => name === undefined || (name !== "" && name === name.trim()),
  { error: "instanceName must not be empty, or begin or end with a space." },
);

/** @param setting Where a default is read. */
export function regionRule(setting = "a default region"): z.ZodType<string> {
  return requiredText("regionId", `the vendor's region, such as CN_Hongkong_A, or set ${setting}`);
}

/** As {@link equal}; of an import it is not known. */
function equalUnlessImported(name: string): (olds: Values, news: Values) => boolean {
  return (olds, news) => (isImported(olds) ? equalWhereKnown : equal)(name)(olds, news);
}

const ordered = { onChange: "replace", isOrdered: true } as const;
const told = { ...ordered, isTold: true } as const;

/**
 * Every argument of a RedisInstance. Check, diff, the order's note, the state, drift, import and
 * messages follow from this table. The class in `redisInstance.ts` has the docs, and
 * `vendor/actions/instances.ts` the vendor's name.
 */
export const INSTANCE_ARGUMENTS = {
  regionId: {
    rule: regionRule(),
    ...told,
  },
  vdcId: {
    rule: requiredText("vdcId", "the id of the virtual data center"),
    isPrivate: true,
    ...told,
  },
  basePipeId: {
    rule: requiredText("basePipeId", "the id of the private network in the data center"),
    isPrivate: true,
    isSame: (olds: Values, news: Values) =>
      olds["basePipeId"] === undefined || equal("basePipeId")(olds, news),
    ...ordered,
  },
  password: {
    rule: requiredText("password", "the password of Redis, as a secret").optional(),
    isSecret: true,
    isSame: equalWhereKnown("password"),
    ...ordered,
  },
  passwordFrom: { rule: sourceRule, onChange: "update" },
  passwordVersion: {
    rule: z
      .union([z.string(), z.number()], { error: "passwordVersion must be text or a number." })
      .optional(),
    // It means something only where the password was and is read from a source.
    isSame: (olds: Values, news: Values) =>
      olds["passwordFrom"] === undefined ||
      news["password"] !== undefined ||
      equal("passwordVersion")(olds, news),
    ...ordered,
  },
  instanceName: {
    rule: nameRule,
    onChange: "replace",
    isTold: true,
    isPrivate: true,
    // An automatic name is not worth a new instance when somebody renames it.
    isSame: (olds: Values, news: Values) =>
      isAutomaticName(news) || equal("instanceName")(olds, news),
  },
  port: { rule: portRule, ...told },
  version: {
    rule: requiredText("version", 'the version of Redis, such as "5.0"').optional(),
    isSame: isSameVersion,
    ...told,
  },
  architecture: {
    rule: requiredText("architecture", "a word such as cluster").optional(),
    isSame: isSameSpec("architecture"),
    ...told,
  },
  computeRole: {
    rule: requiredText("computeRole", "a word such as general").optional(),
    isSame: isSameSpec("computeRole"),
    ...ordered,
  },
  ramGb: {
    rule: z
      .number({ error: "ramGb must be a number." })
      .positive({ error: "ramGb must be above zero." })
      .optional(),
    isSame: isSameSpec("ramGb"),
    ...told,
  },
  paasGoodsId: { rule: optionalId("paasGoodsId"), isSame: isSameGoods, ...ordered },
  testGroupId: {
    rule: optionalId("testGroupId"),
    isSame: equalUnlessImported("testGroupId"),
    ...ordered,
  },
  subjectId: {
    rule: optionalId("subjectId"),
    isSame: equalUnlessImported("subjectId"),
    ...ordered,
  },
  finalBackup: { rule: finalBackupRule, onChange: "update" },
  account: accountArgument,
} as const satisfies ArgumentTable;

/** Arguments as `check` leaves them. */
export type InstanceInputs = ArgumentsOf<typeof INSTANCE_ARGUMENTS> &
  MarkedInputs & {
    readonly instanceName: string;
    readonly port: number;
    /** Names of the arguments that `check` filled in. */
    readonly __defaults?: readonly string[];
  };

/** The arguments that the vendor tells back. */
export type VendorFacts = Required<Pick<InstanceInputs, ToldName<typeof INSTANCE_ARGUMENTS>>>;

/** Whether the program leaves the name out. `check` makes one with random digits, except for an import. */
export function isAutomaticName(inputs: Values): boolean {
  const { __defaults: defaults } = inputs;
  return Array.isArray(defaults) && defaults.includes("instanceName");
}

type PasswordInputs = Partial<
  Pick<InstanceInputs, "password" | "passwordFrom" | "passwordVersion">
>;

/** The password to order with. Throws a {@link CdsConfigError} where its source has none. */
export function passwordOf(operation: Operation, inputs: PasswordInputs): string {
  const { password, passwordFrom: source } = inputs;
  if (password !== undefined) return password;
  if (source === undefined)
    throw new CdsConfigError(
      "password is missing: give the password of Redis, as a secret, or passwordFrom.",
    );
  const { context, projectName = "" } = operation;
  if ("env" in source) {
    const value = context.environment(source.env);
    if (value !== undefined && value !== "")
      return usable(value, `passwordFrom: the environment variable ${source.env}`);
    throw new CdsConfigError(`passwordFrom: the environment variable ${source.env} is not set.`);
  }
  const key = source.config.includes(":") ? source.config : `${projectName}:${source.config}`;
  const value = context.config(key);
  if (value !== undefined && value !== "") return usable(value, `passwordFrom: ${key}`);
  throw new CdsConfigError(
    `passwordFrom: ${key} is not set in the stack's configuration (\`pulumi config set --secret ${key}\`).`,
  );
}

/** Returns the password. Throws a {@link CdsConfigError} for what `AUTH` or a `redis://` URL can't carry. */
function usable(password: string, what: string): string {
  if (!/[\p{Cc}\p{Cs}]/u.test(password)) return password;
  throw new CdsConfigError(
    `${what} holds a control character, such as a line break, or half a character: Redis clients can't send it. Give another password.`,
  );
}

/**
 * Throws a {@link CdsConfigError} where the password is not given in one way, or is a new one that
 * clients can't send. The vendor's documents name no rules for passwords.
 */
export function checkPassword(
  operation: Operation,
  olds: Partial<InstanceInputs>,
  inputs: PasswordInputs,
): void {
  const { password, passwordFrom, passwordVersion } = inputs;
  const isNew = olds.instanceName === undefined;
  if (password !== undefined && password !== olds.password) usable(password, "password");
  if (password !== undefined && passwordFrom !== undefined)
    throw new CdsConfigError("password and passwordFrom are both given: give one of them.");
  if (passwordVersion !== undefined && passwordFrom === undefined)
    throw new CdsConfigError("passwordVersion goes with passwordFrom alone.");
  // The source is read when there is something to order.
  const isReadLater = passwordFrom !== undefined && (!isNew || hasUnknown(passwordFrom));
  if (!isReadLater) passwordOf(operation, inputs);
}
