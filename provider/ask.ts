import * as pulumi from "@pulumi/pulumi";

import type { Account } from "./core/account";
import type { Context } from "./core/context";
import { ACCOUNT_NAME } from "./dynamic/contract";

/** What one run of a program shares; the Automation API may make several in one process. */
interface Run {
  /** Loaded at the first question: a program that asks nothing stays light. */
  context?: Promise<Context>;
  /** How often a resource of ours became ready, after which answers may be others. */
  changes: number;
}

const runs = new WeakMap<object, Run>();
/** Stands for the run where there is no engine. */
const noRun = {};

function currentRun(): Run {
  const key: object = pulumi.runtime.getMonitor() ?? noRun;
  const run = runs.get(key) ?? { changes: 0 };
  runs.set(key, run);
  return run;
}

/** Forgets answers about instances and backups once a resource of ours is ready. */
export function askAnewWhenReady(resource: pulumi.CustomResource): void {
  resource.id.apply(() => {
    currentRun().changes += 1;
  });
}

/** Tells questions before a change from the same ones after it. */
export function changesSoFar(): number {
  return currentRun().changes;
}

/** The account a function asks, of the stack's configuration. */
export async function accountOf(name: string | undefined): Promise<Account> {
  return (await contextOfRun()).account(name);
}

/** The region a function asks for, given or by default; throws where there is neither. */
export async function regionOf(
  regionId: string | undefined,
  account: string | undefined,
): Promise<string> {
  const region = regionId ?? (await contextOfRun()).defaultRegionId(account);
  if (region !== undefined) return region;
  const defaults = account === undefined ? "cds:regionId or CDS_REGION" : `cds-${account}:regionId`;
  throw new Error(`regionId is missing: give it, or set ${defaults}.`);
}

async function contextOfRun(): Promise<Context> {
  return (currentRun().context ??= loadContext());
}

const nothing = (): Promise<void> => Promise.resolve();

async function loadContext(): Promise<Context> {
  const { Context } = await import("./core/context.js");
  const loaded = new Context({
    environment: process.env,
    randomHex: () => "",
    report: () => undefined,
    readStack: () => Promise.reject(new Error("functions order nothing")),
    fetchBackup: () => Promise.reject(new Error("functions download nothing")),
    notes: {
      begin: nothing,
      end: nothing,
      unsettled: () => Promise.resolve([]),
      place: () => "",
    },
  });
  // Not `pulumi.Config`, which warns of a secret that is read as plain text.
  loaded.configure((key) => pulumi.runtime.getConfig(key));
  return loaded;
}

/** What an argument of a function may be; a list holds the words it may be. */
export type ArgumentKind = "text" | "required text" | "flag" | readonly string[];

/**
 * Asks after holding the arguments against their kinds, since a program in JavaScript may give
 * anything. A failure ends the program with its message alone, without a stack trace.
 */
export async function asking<A extends object, R>(
  what: string,
  args: A,
  kinds: { readonly [Name in keyof Required<A>]: ArgumentKind },
  ask: () => Promise<R>,
): Promise<R> {
  try {
    for (const name of new Set([...Object.keys(kinds), ...Object.keys(args)]))
      checkArgument(name, (args as Record<string, unknown>)[name], kinds);
    return await ask();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const failure = new pulumi.RunError(`${what}: ${text}`);
    failure.stack = failure.message;
    throw failure;
  }
}

function checkArgument(
  name: string,
  value: unknown,
  kinds: Readonly<Record<string, ArgumentKind>>,
): void {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined)
    throw new Error(`${name} is no argument; there are ${Object.keys(kinds).join(", ")}.`);
  if (value === undefined && kind !== "required text") return;
  if (typeof kind === "object") {
    if (!kind.includes(String(value))) throw new Error(`${name} must be ${kind.join(" or ")}.`);
  } else if (kind === "flag") {
    if (typeof value !== "boolean") throw new Error(`${name} must be true or false.`);
  } else if (typeof value !== "string" || value.trim() === "")
    throw new Error(`${name} ${value === undefined ? "is missing" : "must be text"}.`);
  else if (name === "account" && !ACCOUNT_NAME.test(value))
    throw new Error(`account must be the name in a configuration namespace cds-<name>.`);
}

/** An argument object whose values may be outputs. */
export type Inputs<A> = { [Name in keyof A]: pulumi.Input<A[Name]> };

/** The twin of a function that takes outputs and gives one. */
export function outputOf<A extends object, R>(
  ask: (args: A) => Promise<R>,
  args: Inputs<A>,
): pulumi.Output<pulumi.Unwrap<R>> {
  // What is unwrapped of the inputs is the plain arguments again.
  return pulumi.output(args).apply((known) => pulumi.output(ask(known as unknown as A)));
}
