import * as pulumi from "@pulumi/pulumi";

import { answer } from "./answers";
import type { Accounts } from "./core/context";
import type { Functions } from "./functionTypes";
import { askMocks, isMockedRun } from "./mockedRun";

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

/**
 * Answers a data function with the accounts of this run, or with the mocks of a unit test. A failure
 * ends the program with its message, without a stack trace.
 */
export async function ask<Name extends keyof Functions>(
  name: Name,
  args: Functions[Name][0],
): Promise<Functions[Name][1]> {
  try {
    if (isMockedRun()) return await askMocks(name, args);
    return await answer(name, args, await accountsOfRun());
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const failure = new pulumi.RunError(`${name}: ${text}`);
    failure.stack = failure.message;
    allowLateHandler(failure);
    throw failure;
  }
}

const failures = new WeakSet();
const LATE_HANDLER = "rejectionHandled";

/**
 * Keeps Node from warning when this failure is handled late. Pulumi reads the arguments of a resource
 * one after another, and so comes to a failed promise seconds after it has shown the error.
 */
function allowLateHandler(failure: Error): void {
  failures.add(failure);
  if (!process.listeners(LATE_HANDLER).includes(warnUnlessOurs))
    process.on(LATE_HANDLER, warnUnlessOurs);
}

/** Node itself warns only while nobody listens, so this stands in for it. */
function warnUnlessOurs(promise: Promise<unknown>): void {
  const isOnlyListener = process.listenerCount(LATE_HANDLER) === 1;
  promise.catch((reason: unknown) => {
    const isOurs = reason instanceof Error && failures.has(reason);
    if (isOnlyListener && !isOurs)
      process.emitWarning(
        "Promise rejection was handled asynchronously",
        "PromiseRejectionHandledWarning",
      );
  });
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
