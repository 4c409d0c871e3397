import { runtime, type dynamic } from "@pulumi/pulumi";
import { z } from "zod";

import { ACCOUNT_NAME } from "../dynamic/contract";
import { parseDuration } from "./timeouts";

/** Whether a value is not known yet, as at preview the output of something to be created. */
export function isUnknown(value: unknown): boolean {
  return value === runtime.unknownValue;
}

const noDuration = (issue: { readonly input?: unknown }): string =>
  `customTimeouts: ${JSON.stringify(issue.input)} is no duration; write it as 90s, 45m or 1h30m.`;

const duration = z
  .string({ error: noDuration })
  .refine((text) => (parseDuration(text) ?? 0) > 0, { error: noDuration })
  .optional();

/** The rules for {@link HiddenInputs}. */
export const hiddenInputs = {
  __provider: z.string(),
  __urn: z.string().optional(),
  __timeouts: z.object({ create: duration, update: duration, delete: duration }).optional(),
  __defaults: z.array(z.string()).optional(),
  __import: z.string().optional(),
  __token: z.string().optional(),
};

const TOKEN_DIGITS = 12;

/** Marks an order, so that it is known again when its outcome was not recorded. */
export function tokenOf(
  randomHex: (digits: number) => string,
  olds: { readonly __token?: string },
): string {
  return olds.__token ?? randomHex(TOKEN_DIGITS);
}

/** Text that must be there. */
export function requiredText(name: string, meaning: string): z.ZodType<string> {
  return z
    .string({
      error: (issue) =>
        issue.input === undefined
          ? `${name} is missing: give ${meaning}.`
          : `${name} must be text: give ${meaning}.`,
    })
    .refine((text) => text.trim() !== "", { error: `${name} is empty: give ${meaning}.` });
}

/** The name of an account that may be left out: part of a configuration namespace. */
export const optionalAccount = z
  .string({ error: "account must be text." })
  .regex(ACCOUNT_NAME, {
    error: (issue) =>
      `account ${JSON.stringify(issue.input)} can't be used: give the name in a configuration namespace cds-<name>, of letters, digits, - and _.`,
  })
  .optional();

/** A whole number above zero that may be left out. */
export function optionalId(name: string): z.ZodType<number | undefined> {
  return z
    .int({ error: `${name} must be a whole number.` })
    .positive({ error: `${name} must be above zero.` })
    .optional();
}

/**
 * Holds arguments against their rules, leaving out what is not known yet.
 * An argument without a rule is an error, so that a misspelt one is not silently ignored.
 */
export function argumentFailures(
  rules: Readonly<Record<string, z.ZodType>>,
  inputs: Readonly<Record<string, unknown>>,
): dynamic.CheckFailure[] {
  const failures: dynamic.CheckFailure[] = [];
  for (const name of new Set([...Object.keys(rules), ...Object.keys(inputs)])) {
    if (isUnknown(inputs[name])) continue;
    const rule = rules[name];
    if (rule === undefined) {
      const known = Object.keys(rules).filter((key) => !key.startsWith("__"));
      const reason = `${name} is no argument of this resource; it has ${known.join(", ")}.`;
      failures.push({ property: name, reason });
      continue;
    }
    const result = rule.safeParse(inputs[name]);
    const issue = result.error?.issues[0];
    if (issue !== undefined) failures.push({ property: name, reason: issue.message });
  }
  return failures;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Drops what is undefined, which the engine doesn't know, and what is null, which says no more. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as Defined<T>;
}
