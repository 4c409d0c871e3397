import * as pulumi from "@pulumi/pulumi";

import type { Account } from "./core/account";
import type { Accounts } from "./core/context";
import { ACCOUNT_NAME } from "./dynamic/contract";

/** The accounts that the data functions ask in each run. The Automation API may make several runs in one process. */
const runs = new WeakMap<object, Accounts>();
const NO_ENGINE = {};

function currentRun(): object {
  return pulumi.runtime.getMonitor() ?? NO_ENGINE;
}

/** Makes the data functions ask again about instances and backups once this resource is ready. */
export function askAgainWhenReady(resource: pulumi.CustomResource): void {
  resource.id.apply(() => runs.get(currentRun())?.forgetLists());
}

/** What every data function takes. */
export interface AccountArgs {
  /**
   * Name of the account: its keys and endpoint are read from the configuration namespace
   * `cds-<name>:` instead of `cds:`. Default: the account of `cds:`.
   */
  account?: string | undefined;
}

/** What an argument must be; a list holds the values to choose from. */
type ArgumentKind = "text" | "required text" | "account name" | readonly unknown[];

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
  ask: (account: Account, accounts: Accounts) => Promise<R>,
): Promise<R> {
  try {
    checkArguments(args, { ...kinds, account: "account name" });
    const accounts = await accountsOfRun();
    return await ask(accounts.account(args.account), accounts);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const failure = new pulumi.RunError(`${functionName}: ${text}`);
    failure.stack = failure.message;
    throw failure;
  }
}

/** Loads the client at the first question, so that a program without questions stays light. */
async function accountsOfRun(): Promise<Accounts> {
  const run = currentRun();
  const { Accounts } = await import("./core/context.js");
  const accounts = runs.get(run) ?? new Accounts({ environment: process.env });
  // `pulumi.Config` would warn when a secret is read as plain text.
  accounts.config = (key) => pulumi.runtime.getConfig(key);
  runs.set(run, accounts);
  return accounts;
}

function checkArguments(args: object, kinds: Readonly<Record<string, ArgumentKind>>): void {
  const values = new Map<string, unknown>(Object.entries(args));
  for (const name of values.keys())
    if (!Object.hasOwn(kinds, name))
      throw new Error(`${name} is not an argument. Arguments: ${Object.keys(kinds).join(", ")}.`);
  for (const [name, kind] of Object.entries(kinds)) {
    const problem = problemWith(values.get(name), kind);
    if (problem !== undefined) throw new Error(`${name} ${problem}.`);
  }
}

function problemWith(value: unknown, kind: ArgumentKind): string | undefined {
  if (value === undefined) return kind === "required text" ? "is missing" : undefined;
  if (typeof kind === "object")
    return kind.includes(value) ? undefined : `must be ${kind.join(" or ")}`;
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
