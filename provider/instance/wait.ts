import { Absence, LOST, type Needed } from "../core/absence";
import type { Operation } from "../core/operation";
import { reportRetry } from "../core/send";
import { statusInstance } from "../core/status";
import { now } from "../time";
import { CdsApiError } from "../vendor/errors";
import { describeInstances, sameId, type Instance } from "../vendor/actions/instances";
import { shown } from "../vendor/displayText";
import { nameAndId, type InstanceState } from "./state";

/** The instances with exactly this name in the next list. A failed list ends the search. */
export async function findInstancesByName(
  operation: Operation,
  name: string,
): Promise<readonly Instance[]> {
  return operation.account.instances.until(
    operation,
    (instances) => instances.filter((instance) => instance.instanceName === name),
    { what: `listing the instances named ${name}`, onListError: "fail" },
  );
}

/**
 * The instance with this id; undefined once it is proven to be gone: lists of at least 30 seconds
 * lack it, and the vendor does not know the id. Absent instances share the lists of one window.
 *
 * @param maxAgeMs How old a list may be that shows it. Default: it begins now.
 */
export async function findInstanceById(
  operation: Operation,
  id: string,
  maxAgeMs = 0,
): Promise<Instance | undefined> {
  const { account } = operation;
  const found = await account.instances.until(
    operation,
    (instances) => {
      const match = instances.find((instance) => sameId(instance.instanceId, id));
      return match ?? (account.sightings.isAbsent(id, LOST) ? "absent" : undefined);
    },
    {
      what: `reading the instance ${id}`,
      onListError: "fail",
      ...(maxAgeMs === 0 ? {} : { maxAgeMs }),
    },
  );
  return found === "absent" ? queryInstance(operation, id) : found;
}

/** The instance with this id in the next lists; undefined where so many lack it. */
export async function lookUpInstance(
  operation: Operation,
  id: string,
  needed: Needed,
): Promise<Instance | undefined> {
  const absence = new Absence(needed);
  const [found] = await operation.account.instances.until(
    operation,
    (instances) => {
      const matches = instances.filter(({ instanceId }) => sameId(instanceId, id));
      return absence.isCertain(matches.length > 0) || matches.length > 0 ? matches : undefined;
    },
    { what: `looking for the instance ${id}`, onListError: "fail" },
  );
  return found;
}

/** Asks for one instance by its id, which finds it where lists lag or are cut short. */
export async function queryInstance(
  { account }: Operation,
  id: string,
): Promise<Instance | undefined> {
  try {
    const answer = await describeInstances(account.client, { instanceId: id });
    return answer.find((instance) => sameId(instance.instanceId, id));
  } catch (error) {
    if (error instanceof CdsApiError && error.isNotFound) return undefined;
    throw error;
  }
}

/**
 * The instances with one of this name, which an order may have made: looked for until there is one,
 * or the absence is proven.
 */
export async function lookUpInstances(
  operation: Operation,
  name: string,
  needed: Needed,
  isHeld: (instance: Instance) => boolean,
): Promise<readonly Instance[]> {
  const absence = new Absence(needed);
  return operation.account.instances.until(
    operation,
    (instances) => {
      const found = instances.filter(
        (instance) => instance.instanceName === name && !isHeld(instance),
      );
      return absence.isCertain(found.length > 0) || found.length > 0 ? found : undefined;
    },
    { what: `looking for the instance named ${name}` },
  );
}

/** An instance that was listed before is gone. */
export class InstanceLostError extends Error {
  constructor() {
    super(
      "the vendor listed it before, and neither lists it any more nor knows its id. " +
        "If somebody deleted it, run `pulumi refresh` to drop it from the state",
    );
    this.name = new.target.name;
  }
}

/** What a wait for an instance saw, whatever ended it. */
export interface SeenInstance {
  /** As it was listed last. */
  instance?: Instance;
  /** Other instances of the same name in the last list. */
  namesakes: readonly Instance[];
}

/**
 * Waits for RUNNING. Lists can lag behind an order: an instance that was never listed is waited for
 * to the deadline. Rejects with an {@link InstanceLostError} when one that was listed is gone.
 *
 * @param seen Is told what the lists show.
 */
export async function waitInstanceRunning(
  operation: Operation,
  id: string,
  { instanceName, status }: InstanceState,
  seen: SeenInstance,
): Promise<Instance> {
  const { account } = operation;
  const since = now();
  const others = account.othersTook("delivery");
  const statuses = new Set<string>();
  for (;;) {
    const absence = new Absence(LOST);
    const look = (instances: readonly Instance[]): Instance | "absent" | undefined => {
      const named = instances.filter((one) => one.instanceName === instanceName);
      seen.namesakes = named.filter((one) => !sameId(one.instanceId, id));
      const instance = instances.find((one) => sameId(one.instanceId, id));
      if (instance !== undefined) seen.instance = instance;
      const text = shown(instance?.status ?? "not listed yet");
      statuses.add(text);
      const ready = instance === undefined ? undefined : readyInstance(instance);
      // The engine shows the last status beside its own "created", too.
      operation.report(ready === undefined ? `${text}${others}` : text);
      return ready ?? (absence.isCertain(instance !== undefined) ? "absent" : undefined);
    };
    const listed = await account.instances.until(operation, look, {
      what: "waiting for RUNNING",
      kind: "delivery",
      onFailedList: reportRetry(operation),
      lastSeen: () => `statuses seen: ${[...statuses].join(", ") || "none"}`,
    });
    const instance = listed === "absent" ? await queryInstance(operation, id) : listed;
    if (instance === undefined && (seen.instance ?? status) !== undefined)
      throw new InstanceLostError();
    const ready = instance === undefined ? undefined : readyInstance(instance);
    if (ready === undefined) continue;
    account.noteDuration("delivery", now() - since);
    await operation.shown();
    return ready;
  }
}

/** The instance if it is running. Throws where its status says that it failed. */
function readyInstance(instance: Instance): Instance | undefined {
  const status = statusInstance(instance);
  if (status === "failed")
    throw new Error(
      `its status is ${instance.status} (${instance.statusText}). Replace it with \`pulumi up --replace <urn>\`, or ask the vendor's support.`,
    );
  return status === "running" ? instance : undefined;
}

/** Waits until the lists show it no more. Returns whether one showed it before. */
export async function waitInstanceAbsent(
  operation: Operation,
  id: string,
  state: InstanceState,
  needed: Needed,
): Promise<boolean> {
  const { account } = operation;
  const absence = new Absence(needed);
  const since = now();
  const others = account.othersTook("deletion");
  let wasListed = false;
  let status = "";
  let goneAt: number | undefined;
  await account.instances.until(
    operation,
    (instances) => {
      const instance = instances.find((one) => sameId(one.instanceId, id));
      goneAt = instance === undefined ? (goneAt ?? now()) : undefined;
      status = instance?.status ?? "gone";
      operation.report(instance === undefined ? "gone" : `${status}${others}`);
      wasListed ||= instance !== undefined;
      return absence.isCertain(instance !== undefined) ? true : undefined;
    },
    {
      what: `waiting for ${nameAndId({ ...state, instanceId: id })} to be gone`,
      kind: "deletion",
      onFailedList: reportRetry(operation),
      lastSeen: () => `last status: ${status}`,
      isEnding: () => goneAt !== undefined,
    },
  );
  if (goneAt !== undefined) account.noteDuration("deletion", goneAt - since);
  await operation.shown();
  return wasListed;
}
