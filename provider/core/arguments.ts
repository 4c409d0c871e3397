import { createHash } from "node:crypto";

import { z } from "zod";

import { sameVersion } from "../../sdk/names";
import { ACCOUNT_NAME } from "../argumentKinds";
import { CdsConfigError, CdsError } from "../vendor/errors";
import type { RandomHex } from "./context";
import { isUnknown } from "./engineValues";

/** Inputs or a state, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** All that is known of one argument of a resource: check, diff, order note, state and import follow from it. */
export interface Argument {
  /** What a value must be. An argument that may be left out has an optional rule. */
  readonly rule: z.ZodType;
  /** Whether another value orders a new instance or backup, or only updates the state. */
  readonly onChange: "replace" | "update";
  /** Whether it is sent with the order: it stands in the order's note, and a take-over compares it. */
  readonly isOrdered?: true;
  /** Whether the vendor tells it back: import compares it, refresh shows its drift. */
  readonly isTold?: true;
  /** Whether messages and notes must not show its value. */
  readonly isSecret?: true;
  /** Whether programs may hold it to be a secret: a digest of it is kept where it is only compared. */
  readonly isPrivate?: true;
  /** Whether the old and the new inputs mean the same. Default: the values are equal. */
  readonly isSame?: (olds: Values, news: Values) => boolean;
}

export type ArgumentTable = Readonly<Record<string, Argument>>;

export type ArgumentsOf<Table extends ArgumentTable> = Defined<{
  readonly [Name in keyof Table]: z.output<Table[Name]["rule"]>;
}>;

export type ToldName<Table extends ArgumentTable> = {
  [Name in keyof Table]: Table[Name] extends { readonly isTold: true } ? Name : never;
}[keyof Table];

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined, which the engine does not know, and what is null, which says no more. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  ) as Defined<T>;
}

/** Inputs after a check. */
export interface Checked<Inputs> {
  readonly inputs: Partial<Inputs>;
  /** What is wrong with them, each reason naming its argument. */
  readonly reasons: readonly string[];
}

/**
 * Checks arguments against their rules. Where none is broken, `complete` fills in what was left out;
 * an error of the configuration or the vendor that it throws becomes the reason.
 */
export async function checkArguments<Inputs extends object>(
  table: ArgumentTable,
  given: Partial<Inputs>,
  complete: (news: Partial<Inputs>) => Promise<Partial<Inputs>>,
): Promise<Checked<Inputs>> {
  const news = defined(given) as unknown as Partial<Inputs>;
  const reasons = brokenRules(table, news);
  if (reasons.length > 0) return { inputs: news, reasons };
  try {
    return { inputs: defined(await complete(news)) as unknown as Partial<Inputs>, reasons };
  } catch (error) {
    if (error instanceof CdsConfigError || error instanceof CdsError)
      return { inputs: news, reasons: [error.message] };
    throw error;
  }
}

/** An argument without a rule is an error, so that a misspelt one is not silently ignored. */
function brokenRules(table: ArgumentTable, inputs: Values): string[] {
  const names = new Set([...Object.keys(table), ...Object.keys(inputs)]);
  return [...names].flatMap((name) => {
    // What is not known at preview is checked when it is; the names with underscores are our own records.
    if (isUnknown(inputs[name]) || name.startsWith("__")) return [];
    const argument = Object.hasOwn(table, name) ? table[name] : undefined;
    if (argument === undefined)
      return [`${name} is no argument of this resource; it has ${Object.keys(table).join(", ")}.`];
    return argument.rule.safeParse(inputs[name]).error?.issues[0]?.message ?? [];
  });
}

/** The arguments of which the old and the new inputs don't mean the same. */
export function changedArguments(
  table: ArgumentTable,
  onChange: Argument["onChange"],
  olds: Values,
  news: Values,
): string[] {
  // A state may have but the digest of what an interrupted run ordered.
  const [before, after] = [withDigests(table, olds), withDigests(table, news)];
  return Object.entries(table)
    .filter(([, argument]) => argument.onChange === onChange)
    .filter(([name, { isSame = equal(name) }]) => !isSame(before, after))
    .map(([name]) => name);
}

/** The names of what an order says, without secrets: what its note holds, and a take-over compares. */
export function orderedNames(table: ArgumentTable): string[] {
  return Object.entries(table)
    .filter(([, { isOrdered, isSecret }]) => isOrdered === true && isSecret !== true)
    .map(([name]) => name);
}

/** The order's part of inputs, as its note holds it; undefined where an argument is not given. */
export function orderOf(table: ArgumentTable, inputs: Values): Values {
  const order = Object.fromEntries(orderedNames(table).map((name) => [name, inputs[name]]));
  return withDigests(table, order);
}

/** Inputs whose order's part is that of an earlier order's note. */
export function withOrderOf<Inputs extends object>(
  table: ArgumentTable,
  inputs: Inputs,
  noted: Values,
): Inputs {
  const known = { ...inputs } as Values;
  const given = orderOf(table, known);
  const ordered = orderedNames(table).map((name) => [
    name,
    isUnknown(noted[name]) || equal(name)(given, withDigests(table, noted))
      ? known[name]
      : noted[name],
  ]);
  return defined({ ...inputs, ...Object.fromEntries(ordered) }) as unknown as Inputs;
}

/** What a digest of a private value begins with. */
export const DIGEST = "sha256:";

/** The values, with digests in the place of private ones. */
export function withDigests(table: ArgumentTable, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      table[name]?.isPrivate === true ? digestOf(value) : value,
    ]),
  );
}

/** What is not known has no digest, and a digest is its own. */
function digestOf(value: unknown): unknown {
  if (typeof value !== "string" || value === "" || isUnknown(value)) return value;
  if (value.startsWith(DIGEST)) return value;
  return DIGEST + createHash("sha256").update(value).digest("hex");
}

export function equal(name: string): (olds: Values, news: Values) => boolean {
  return (olds, news) => JSON.stringify(olds[name]) === JSON.stringify(news[name]);
}

/** As {@link equal}; a value that one side does not have is not known to differ. */
export function equalWhereKnown(name: string): (olds: Values, news: Values) => boolean {
  return (olds, news) =>
    olds[name] === undefined || news[name] === undefined || equal(name)(olds, news);
}

/** Why something can't be taken over: each argument that the vendor tells otherwise; undefined where none is. */
export function importDifference(what: string, told: Values, given: Values): string | undefined {
  const text = JSON.stringify;
  const fields = Object.keys(told)
    .filter((name) => given[name] !== undefined && !isUnknown(given[name]))
    .filter((name) => isOtherwise(name, given[name], told[name]))
    .map((name) => `${name} is ${text(told[name])}, the program says ${text(given[name])}`);
  if (fields.length === 0) return undefined;
  return (
    `import: ${what} differs from the arguments: ${fields.join("; ")}. ` +
    "Nothing was changed: make the arguments equal to take it over."
  );
}

/** Whether the vendor tells another value. A patch of the same version is the vendor's own maintenance. */
export function isOtherwise(name: string, before: unknown, told: unknown): boolean {
  // What the vendor leaves out is not known.
  if (told === "" || told === 0 || told === before) return false;
  return !(name === "version" && typeof before === "string" && sameVersion(String(told), before));
}

/** The mark of a new order, by which it is known again when its outcome was not recorded. */
export function newToken(randomHex: RandomHex): string {
  return randomHex(12);
}

/**
 * Whether an import made the state and nothing has completed it: it has no mark, and the arguments
 * that the vendor does not tell are not known of it.
 */
export function isImported(state: Values): boolean {
  return state["__token"] === undefined;
}

export function requiredText(name: string, meaning: string): z.ZodType<string> {
  const error = (fault: string): string => `${name} ${fault}: give ${meaning}.`;
  return z
    .string({ error: ({ input }) => error(input === undefined ? "is missing" : "must be text") })
    .refine((text) => text.trim() !== "", { error: error("is empty") });
}

/** The rule for a whole number above zero that may be left out. */
export function optionalId(name: string): z.ZodType<number | undefined> {
  return z
    .int({ error: `${name} must be a whole number.` })
    .positive({ error: `${name} must be above zero.` })
    .optional();
}

/** The rule for text that people see, which may be left out. */
export function optionalLine(name: string, mostCharacters: number): z.ZodType<string | undefined> {
  return z
    .string({ error: `${name} must be text.` })
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, {
      error: `${name} must not hold line breaks or other control characters.`,
    })
    .max(mostCharacters, { error: `${name} is longer than ${mostCharacters} characters.` })
    .optional();
}

/** The argument `account` of every resource: part of a configuration namespace. */
export const accountArgument = {
  rule: z
    .string({ error: "account must be text." })
    .regex(ACCOUNT_NAME, {
      error: (issue) =>
        `account ${JSON.stringify(issue.input)} can't be used: give the name in a configuration namespace cds-<name>, of letters, digits, - and _.`,
    })
    .optional(),
  onChange: "replace",
  isOrdered: true,
} satisfies Argument;
