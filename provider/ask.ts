import * as pulumi from "@pulumi/pulumi";

import type { Account } from "./lifecycle/account";
import type { Context } from "./lifecycle/context";

/** By run: a program of the Automation API may make several in one process. */
const contexts = new WeakMap<object, Promise<Context>>();
/** Stands for the run where there is no engine. */
const noRun = {};

/**
 * The account a function asks, of the stack's configuration. The client is loaded at the first
 * call: a program that asks nothing stays light.
 */
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
  const namespace = account === undefined ? "cds" : `cds-${account}`;
  throw new pulumi.RunError(`regionId is missing: give it, or set ${namespace}:regionId.`);
}

async function contextOfRun(): Promise<Context> {
  const run: object = pulumi.runtime.getMonitor() ?? noRun;
  const context = contexts.get(run) ?? loadContext();
  contexts.set(run, context);
  return context;
}

async function loadContext(): Promise<Context> {
  const [{ Context }, { systemClock }] = await Promise.all([
    import("./lifecycle/context.js"),
    import("./lifecycle/clock.js"),
  ]);
  const loaded = new Context({
    clock: systemClock,
    environment: process.env,
    randomHex: () => "",
    report: () => undefined,
  });
  // Not `pulumi.Config`, which warns of a secret that is read as plain text.
  loaded.configure((key) => pulumi.runtime.getConfig(key));
  return loaded;
}

/** Ends the program with a failure's message alone, without a stack trace. */
export async function forUser<R>(what: string, task: () => Promise<R>): Promise<R> {
  try {
    return await task();
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) throw error;
    throw new pulumi.RunError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
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
