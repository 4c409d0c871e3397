import * as pulumi from "@pulumi/pulumi";

import type { Account } from "./core/account";
import { ACCOUNT_NAME } from "./dynamic/contract";

/** What the data functions share in one run of a program. The Automation API may make several runs in one process. */
interface Run {
  /** By configuration: two names for one account share their answers. */
  readonly accounts: Map<string, Account>;
  /** How many resources of this package became ready. Each may make answers stale. */
  changes: number;
}

const runs = new WeakMap<object, Run>();
/** Stands for the run when the program has no engine. */
const NO_ENGINE = {};

function currentRun(): Run {
  const key: object = pulumi.runtime.getMonitor() ?? NO_ENGINE;
  const run = runs.get(key) ?? { accounts: new Map<string, Account>(), changes: 0 };
  runs.set(key, run);
  return run;
}

/** Makes the data functions ask again about instances and backups once this resource is ready. */
export function askAgainWhenReady(resource: pulumi.CustomResource): void {
  resource.id.apply(() => {
    currentRun().changes += 1;
  });
}

/** The number of changes so far. An answer from before a change is not used after it. */
export function changesSoFar(): number {
  return currentRun().changes;
}

/** What every data function takes. */
export interface AccountArgs {
  /**
   * Name of the account: its keys and endpoint are read from the configuration namespace
   * `cds-<name>:` instead of `cds:`. Default: the account of `cds:`.
   */
  account?: string | undefined;
}

/** What an argument must be; a list holds the words to choose from. */
type ArgumentKind = "text" | "required text" | "flag" | "account name" | readonly string[];

/** The kind of every argument but `account`, which is always the same. */
export type ArgumentKinds<A> = {
  readonly [Name in keyof Omit<Required<A>, "account">]: ArgumentKind;
};

/**
 * Answers a data function: checks the arguments, since a JavaScript program may give anything, then
 * calls `ask` with the account. A failure ends the program with its message, without a stack trace.
 */
export async function askVendor<A extends AccountArgs, R>(
  functionName: string,
  args: A,
  kinds: ArgumentKinds<A>,
  ask: (account: Account) => Promise<R>,
): Promise<R> {
  try {
    checkArguments(args, { ...kinds, account: "account name" });
    return await ask(await accountOf(args.account));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const failure = new pulumi.RunError(`${functionName}: ${text}`);
    failure.stack = failure.message;
    throw failure;
  }
}

/** The region to ask about: the given one, or the account's default. Throws when there is neither. */
export async function regionOf(
  regionId: string | undefined,
  account: string | undefined,
): Promise<string> {
  const { defaultRegionId } = await import("./core/configuration.js");
  const region = regionId ?? defaultRegionId(getConfig, process.env, account);
  if (region !== undefined) return region;
  const defaults = account === undefined ? "cds:regionId or CDS_REGION" : `cds-${account}:regionId`;
  throw new Error(`regionId is missing: give it, or set ${defaults}.`);
}

/** Loads the client at the first question, so that a program without questions stays light. */
async function accountOf(name: string | undefined): Promise<Account> {
  const { accounts } = currentRun();
  const [{ Account }, { readConfiguration }] = await Promise.all([
    import("./core/account.js"),
    import("./core/configuration.js"),
  ]);
  const configuration = readConfiguration(getConfig, process.env, name);
  const key = JSON.stringify(configuration);
  const account = accounts.get(key) ?? new Account(configuration);
  accounts.set(key, account);
  return account;
}

/** Reads the stack's configuration. `pulumi.Config` would warn when a secret is read as plain text. */
function getConfig(key: string): string | undefined {
  return pulumi.runtime.getConfig(key);
}

function checkArguments(args: object, kinds: Readonly<Record<string, ArgumentKind>>): void {
  const values: Readonly<Record<string, unknown>> = { ...args };
  for (const name of new Set([...Object.keys(kinds), ...Object.keys(values)])) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined)
      throw new Error(`${name} is not an argument. Arguments: ${Object.keys(kinds).join(", ")}.`);
    const problem = problemWith(values[name], kind);
    if (problem !== undefined) throw new Error(`${name} ${problem}.`);
  }
}

function problemWith(value: unknown, kind: ArgumentKind): string | undefined {
  if (value === undefined) return kind === "required text" ? "is missing" : undefined;
  if (typeof kind === "object")
    return kind.some((word) => word === value) ? undefined : `must be ${kind.join(" or ")}`;
  if (kind === "flag") return typeof value === "boolean" ? undefined : "must be true or false";
  if (typeof value !== "string" || value.trim() === "") return "must be text";
  if (kind === "account name" && !ACCOUNT_NAME.test(value))
    return "must be the name in a configuration namespace cds-<name>";
  return undefined;
}

/** An argument object whose values may be outputs. */
export type Inputs<A> = { [Name in keyof A]: pulumi.Input<A[Name]> };

/** Calls a data function when all its arguments are known. */
export function outputOf<A extends object, R>(
  ask: (args: A) => Promise<R>,
  args: Inputs<A>,
): pulumi.Output<pulumi.Unwrap<R>> {
  // TypeScript cannot tell that the unwrapped inputs are `A` again.
  return pulumi.output(args).apply((known) => pulumi.output(ask(known as unknown as A)));
}
