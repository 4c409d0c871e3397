import { requireSameOwner } from "../core/account";
import { messageOf, PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { isRunning } from "../core/status";
import type { Instance } from "../vendor/actions/instances";
import { shown } from "../vendor/displayText";
import { isAutomaticName } from "./arguments";
import { misdelivery, nameAndId, stateOf, type InstanceState } from "./state";
import { DELETE_ADVICE } from "./takeOver";
import { InstanceLostError, waitInstanceRunning, type SeenInstance } from "./wait";

/**
 * Waits for RUNNING; whatever stops the wait leaves the instance in the state.
 *
 * @param onTwin What becomes of a second instance that the same order made: a create fails once, so
 *   that nobody misses it, and later runs warn.
 */
export async function deliver(
  operation: Operation,
  id: string,
  ordered: InstanceState,
  onTwin: "fail" | "warn",
): Promise<InstanceState> {
  const { owner } = operation.account;
  const seen: SeenInstance = { namesakes: [] };
  const name = nameAndId({ ...ordered, instanceId: id });
  try {
    const instance = await waitInstanceRunning(operation, id, ordered, seen);
    const state = { ...stateOf(ordered, instance), __owner: owner };
    warnMisdelivery(operation, name, state);
    const twins = await describeTwins(operation, ordered, seen.namesakes);
    if (twins !== "" && onTwin === "fail")
      throw new PartlyMadeError(id, state, `${name} runs, but ${twins}`);
    if (twins !== "") operation.warn(`${name} runs, but ${twins}`);
    return state;
  } catch (error) {
    if (error instanceof PartlyMadeError) throw error;
    // Another account than the one that showed it proves nothing.
    if (error instanceof InstanceLostError) requireSameOwner(ordered.__owner, owner, name);
    const advice =
      error instanceof WaitTimeoutError ? ". Run `pulumi up` again: it goes on waiting" : "";
    const twins = await describeTwins(operation, ordered, seen.namesakes);
    const state = { ...ordered, __owner: ordered.__owner ?? owner };
    throw new PartlyMadeError(
      id,
      seen.instance === undefined
        ? state
        : { ...state, status: seen.instance.status, __owner: owner },
      `${name} is ordered and kept in the stack's state, but not ready: ${messageOf(error)}${advice}${twins && `. Besides, ${twins}`}`,
    );
  }
}

/**
 * Names other instances of the same name that the stack does not hold. Only an order of this
 * resource can have made one with random digits; whose a name of the user's is can't be told.
 */
async function describeTwins(
  operation: Operation,
  ordered: InstanceState,
  namesakes: readonly Instance[],
): Promise<string> {
  if (namesakes.length === 0) return "";
  const { inState } = await operation.context.orders.of(operation, ordered.__token);
  const twins = namesakes.filter(({ instanceId }) => !inState(instanceId));
  const ids = twins.map(({ instanceId }) => instanceId).join(", ");
  if (twins.length === 0) return "";
  if (isAutomaticName(ordered))
    return `the vendor has ${ids} of the same name, which the same order may have made. ${DELETE_ADVICE}`;
  operation.warn(
    `the vendor has ${ids} of the name ${ordered.instanceName}, too. Whether this order made it, or whether another stack or person uses it, can't be told.`,
  );
  return "";
}

export function warnMisdelivery(operation: Operation, name: string, state: InstanceState): void {
  const otherwise = misdelivery(state);
  if (otherwise !== "")
    operation.warn(
      `${name} was delivered with ${otherwise}. Ask the vendor's support, or order another with \`pulumi up --replace <urn>\`.`,
    );
}

/** Warns of a status that is not running. */
export function warnStatus(operation: Operation, name: string, status: string | undefined): void {
  if (status !== undefined && !isRunning(status))
    operation.warn(
      `${name} is not running: its status is ${shown(status)}. Ask the vendor's support, or order another with \`pulumi up --replace <urn>\`.`,
    );
}
