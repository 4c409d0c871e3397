import { LOST } from "../core/absence";
import type { Operation } from "../core/operation";
import { CdsApiError } from "../vendor/errors";
import { describeInstances, sameId, type Instance } from "../vendor/actions/instances";

/**
 * The instance with this id; undefined once it is proven to be gone: lists of at least 30 seconds
 * lack it, and the vendor does not know the id. Absent instances share the lists of one window.
 *
 * @param maxAgeMs How old a list may be that shows it. Default: it begins now.
 */
export async function findInstanceById(
  operation: Operation,
  id: string,
  maxAgeMs?: number,
): Promise<Instance | undefined> {
  const { instances, sightings } = operation.account;
  const look = (listed: readonly Instance[]): Instance | "absent" | undefined =>
    listed.find((one) => sameId(one.instanceId, id)) ??
    (sightings.isAbsent(id, LOST) ? "absent" : undefined);
  const found = await instances.until(operation, look, {
    what: `reading the instance ${id}`,
    onListError: "fail",
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
  });
  return found === "absent" ? queryInstance(operation, id) : found;
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
