import type { Instance } from "../vendor/instances";
import { Absence, GONE, LOST, NEVER_MADE } from "../core/absence";
import type { Account } from "../core/account";
import type { Context } from "../core/context";
import { remaining, tryingAgain } from "../core/progress";
import { saysFailure } from "../core/status";

/** How long reading one may take. */
export const READ_TIMEOUT_MS = 120_000;

/** What the display and the messages call an instance. */
interface Named {
  readonly instanceName: string;
  readonly __urn?: string;
}

/** In the first list; one that can't be had ends the search. */
export async function findInstancesByName(
  account: Account,
  name: string,
  deadline: number,
): Promise<Instance[]> {
  return account.instances.until(
    (instances) => instances.filter((instance) => instance.instanceName === name),
    { deadline, what: `listing the instances named ${name}`, onListError: "fail" },
  );
}

/**
 * Undefined once enough lists in a row don't have it.
 *
 * @param maxAgeMs How old a list may be that shows it. Default: it begins now.
 */
export async function findInstanceById(
  context: Context,
  account: Account,
  id: string,
  deadline = context.clock.now() + READ_TIMEOUT_MS,
  maxAgeMs?: number,
): Promise<Instance | undefined> {
  const absence = new Absence(context.clock, GONE);
  const found = await account.instances.until<Instance | "absent">(
    (instances) => {
      const match = instances.find((instance) => instance.instanceId === id);
      return match ?? (absence.isCertain(false) ? "absent" : undefined);
    },
    {
      deadline,
      what: `reading the instance ${id}`,
      onListError: "fail",
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    },
  );
  return found === "absent" ? undefined : found;
}

/** `running` is the one state the vendor documents; any other is not there yet, unless it says failure. */
export function statusInstance(instance: Instance): "running" | "failed" | "pending" {
  if (instance.status.toUpperCase() === "RUNNING") return "running";
  return saysFailure(`${instance.status} ${instance.statusText}`) ? "failed" : "pending";
}

/** What was there, or ordered, is listed no more. */
export class InstanceLostError extends Error {
  constructor() {
    super("the vendor lists it no more. Run `pulumi refresh` to drop it.");
    this.name = new.target.name;
  }
}

/** It runs, but it is not the only one that the order may have made. */
export class InstanceTwinsError extends Error {
  constructor(ids: readonly string[]) {
    super(
      `the vendor has ${ids.join(", ")} of the same name, which the same order may have made: ` +
        "look at them in the console, and delete there what is not in use, since no stack holds them.",
    );
    this.name = new.target.name;
  }
}

/**
 * Rejects with an {@link InstanceLostError} when it is gone, with an {@link InstanceTwinsError} when
 * there are two.
 *
 * @param isTwin Given of one that was ordered just now, so that the time it takes tells something
 *   about others: whether another one was made by the same order.
 */
export async function waitInstanceRunning(
  context: Context,
  account: Account,
  id: string,
  inputs: Named,
  deadline: number,
  isTwin?: (instance: Instance) => boolean,
): Promise<Instance> {
  const report = context.reporter(inputs.__urn);
  const statuses = new Set<string>();
  let twins: readonly string[] = [];
  const absence = new Absence(context.clock, LOST);
  const seen = isTwin === undefined ? undefined : account.seen.delivery;
  const since = context.clock.now();
  const left = (): string =>
    seen === undefined ? "" : remaining(context.clock.now() - since, seen);
  // Where it is known to take long, the first list is not soon.
  if (left() !== "") report("ordered", left());
  const running = await account.instances.until(
    (instances) => {
      const instance = instances.find((candidate) => candidate.instanceId === id);
      // The engine shows the last status beside its own "created", too.
      const isRunning = instance !== undefined && statusInstance(instance) === "running";
      report(instance?.status ?? "not listed yet", isRunning ? "" : left());
      if (isTwin !== undefined)
        twins = instances.filter(isTwin).map(({ instanceId }) => instanceId);
      if (absence.isCertain(instance !== undefined)) throw new InstanceLostError();
      if (instance === undefined) return undefined;
      statuses.add(instance.status);
      const status = statusInstance(instance);
      if (status === "failed")
        throw new Error(
          `its status is ${instance.status} (${instance.statusText}). Replace it with \`pulumi up --replace <urn>\`, or ask the vendor's support.`,
        );
      return status === "running" ? instance : undefined;
    },
    {
      deadline,
      what: "waiting for RUNNING",
      onFailedList: tryingAgain(report),
      lastSeen: () => `statuses seen: ${[...statuses].join(", ") || "none"}`,
      ...(seen === undefined ? {} : { seen }),
    },
  );
  seen?.add(context.clock.now() - since);
  await context.shown();
  if (twins.length > 0) throw new InstanceTwinsError(twins);
  return running;
}

/** Waits until it is listed no more; gives whether it was listed before. */
export async function waitInstanceAbsent(
  context: Context,
  account: Account,
  id: string,
  inputs: Named,
  deadline: number,
): Promise<boolean> {
  const report = context.reporter(inputs.__urn);
  const absence = new Absence(context.clock, GONE);
  const seen = account.seen.deletion;
  const since = context.clock.now();
  let wasListed = false;
  let status = "";
  let goneAt: number | undefined;
  await account.instances.until(
    (instances) => {
      const instance = instances.find((candidate) => candidate.instanceId === id);
      const now = context.clock.now();
      goneAt = instance === undefined ? (goneAt ?? now) : undefined;
      status = instance?.status ?? "gone";
      report(status, instance === undefined ? "" : remaining(now - since, seen));
      wasListed ||= instance !== undefined;
      return absence.isCertain(instance !== undefined) ? true : undefined;
    },
    {
      deadline,
      what: `waiting for ${inputs.instanceName} (${id}) to be gone`,
      onFailedList: tryingAgain(report),
      lastSeen: () => `last status: ${status}`,
      seen,
      closeAfterMs: () => (goneAt === undefined ? undefined : goneAt - since),
    },
  );
  if (goneAt !== undefined) seen.add(goneAt - since);
  await context.shown();
  return wasListed;
}

/**
 * Looks for what may have been ordered under these names, until all are listed or it has looked for
 * as long as `needed` says. Rejects with a {@link WaitTimeoutError} where the deadline comes before.
 */
export async function lookUpInstances(
  context: Context,
  account: Account,
  names: readonly string[],
  deadline: number,
  isOther: (instance: Instance) => boolean = () => false,
  needed = NEVER_MADE,
): Promise<readonly Instance[]> {
  const absence = new Absence(context.clock, needed);
  return account.instances.until(
    (instances) => {
      const matches = instances.filter(
        (instance) => names.includes(instance.instanceName) && !isOther(instance),
      );
      const areAll = names.every((name) => matches.some((one) => one.instanceName === name));
      return areAll || absence.isCertain(false) ? matches : undefined;
    },
    { deadline, what: `looking for the instance named ${names.join(" or ")}` },
  );
}
