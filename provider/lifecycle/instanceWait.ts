import type { CdsError } from "../client/errors";
import type { Instance } from "../client/instances";
import type { Account } from "./account";
import type { Context } from "./context";
import { saysFailure } from "./status";

/** A resource counts as gone when this many lists in a row don't have it. */
const ABSENT_LISTS = 3;
/** While it is being delivered an instance may be missing from lists for this long. */
const ABSENT_MS = 30_000;
/** How long an order without an id in its answer is looked for by its name. */
const LOOKUP_MS = 120_000;
const LOOKUP_LISTS = 5;

/** What the display and the messages call an instance. */
interface Named {
  readonly instanceName: string;
  readonly __urn?: string;
}

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

/** Undefined once enough lists in a row don't have it. */
export async function findInstanceById(
  context: Context,
  account: Account,
  id: string,
): Promise<Instance | undefined> {
  let absentLists = 0;
  const found = await account.instances.until<Instance | "absent">(
    (instances) => {
      const match = instances.find((instance) => instance.instanceId === id);
      absentLists += 1;
      return match ?? (absentLists >= ABSENT_LISTS ? "absent" : undefined);
    },
    {
      deadline: context.clock.now() + LOOKUP_MS,
      what: `reading the instance ${id}`,
      onListError: "fail",
    },
  );
  return found === "absent" ? undefined : found;
}

/** `running` is the one state the vendor documents; any other is not there yet, unless it says failure. */
function statusInstance(instance: Instance): "running" | "failed" | "pending" {
  if (instance.status.toUpperCase() === "RUNNING") return "running";
  return saysFailure(`${instance.status} ${instance.statusText}`) ? "failed" : "pending";
}

export async function waitInstanceRunning(
  context: Context,
  account: Account,
  id: string,
  inputs: Named,
  deadline: number,
): Promise<Instance> {
  const report = context.reporter(inputs.__urn);
  const seen = new Set<string>();
  let absentLists = 0;
  let presentAt = context.clock.now();
  return account.instances.until(
    (instances) => {
      const now = context.clock.now();
      const instance = instances.find((candidate) => candidate.instanceId === id);
      report(instance?.status ?? "not listed yet");
      if (instance === undefined) {
        absentLists += 1;
        if (absentLists >= ABSENT_LISTS && now - presentAt >= ABSENT_MS)
          throw new Error("the vendor lists it no more. Run `pulumi refresh` to drop it.");
        return undefined;
      }
      absentLists = 0;
      presentAt = now;
      seen.add(instance.status);
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
      onFailedList: (error) => {
        report(`trying again: ${error.message}`);
      },
      lastSeen: () => `statuses seen: ${[...seen].join(", ") || "none"}`,
    },
  );
}

export async function waitInstanceAbsent(
  context: Context,
  account: Account,
  id: string,
  inputs: Named,
  deadline: number,
): Promise<void> {
  const report = context.reporter(inputs.__urn);
  let absentLists = 0;
  let status = "";
  await account.instances.until(
    (instances) => {
      const instance = instances.find((candidate) => candidate.instanceId === id);
      status = instance?.status ?? "gone";
      report(status);
      absentLists = instance === undefined ? absentLists + 1 : 0;
      return absentLists >= ABSENT_LISTS ? true : undefined;
    },
    {
      deadline,
      what: `waiting for ${inputs.instanceName} (${id}) to be gone`,
      onFailedList: (error) => {
        report(`trying again: ${error.message}`);
      },
      lastSeen: () => `last status: ${status}`,
    },
  );
}

/** Gives the ids for an order whose answer had none, once a list has its name. */
export async function waitInstanceListed(
  context: Context,
  account: Account,
  name: string,
  deadline: number,
  doubt: CdsError | undefined,
): Promise<readonly string[]> {
  const since = context.clock.now();
  let lists = 0;
  const found = await account.instances.until<readonly Instance[]>(
    (instances) => {
      lists += 1;
      const matches = instances.filter((instance) => instance.instanceName === name);
      const waited = context.clock.now() - since;
      const lookedEnough = lists >= LOOKUP_LISTS && waited >= LOOKUP_MS;
      return matches.length > 0 || lookedEnough ? matches : undefined;
    },
    { deadline, what: `looking for the instance named ${name}` },
  );
  if (found.length > 0) return found.map((instance) => instance.instanceId);
  throw new Error(
    `the vendor took the order for ${name} ${doubt === undefined ? "but lists no such instance" : "with no clear answer, and lists no such instance"}. ` +
      `It may still appear: look for the name in the console before the next \`pulumi up\`.${doubt === undefined ? "" : ` ${doubt.message}`}`,
  );
}
