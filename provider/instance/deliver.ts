import { Absence, LOST } from "../core/absence";
import { requireSameOwner } from "../core/account";
import { defined } from "../core/arguments";
import { errorOf, PartlyMadeError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import { reportRetry } from "../core/send";
import { isRunning, saysFailure, statusInstance } from "../core/status";
import { now } from "../time";
import { oneLineText, sentence } from "../vendor/displayText";
import { sameId } from "../vendor/ids";
import { isAutomaticName } from "./arguments";
import { DELETE_ADVICE } from "./order";
import { misdelivery, nameAndId, stateOf, type InstanceState } from "./state";
import type { Instance } from "../vendor/types";

/** How the names end that `check` makes. */
const RANDOM_NAME = /-[0-9a-f]{7}$/;

/** What the lists showed while an instance was waited for. */
interface Seen {
  /** As it was listed last. */
  instance: Instance | undefined;
  /** Other instances of the same name in the last list. */
  namesakes: readonly Instance[];
}

/**
 * Waits for RUNNING; whatever stops the wait leaves the instance in the state.
 *
 * @param onTwin What becomes of a second instance that the same order made: a create fails once, so
 *   that nobody misses it, and later runs warn.
 * @param token The mark that the engine records of this run. Default: that of the order.
 */
export async function deliver(
  operation: Operation,
  id: string,
  ordered: InstanceState,
  {
    onTwin,
    token = ordered.__token,
  }: { readonly onTwin: "fail" | "warn"; readonly token?: string },
): Promise<InstanceState> {
  const { owner } = operation.account;
  const seen: Seen = { instance: undefined, namesakes: [] };
  const name = nameAndId({ ...ordered, instanceId: id });
  const outcome = await waitInstanceRunning(operation, id, ordered, seen).catch(errorOf);
  const twins = await describeTwins(operation, ordered, seen.namesakes, token);
  if (outcome instanceof Error) {
    const { status = ordered.status } = seen.instance ?? {};
    // Another account than the one that showed it proves nothing.
    const seenBy = seen.instance === undefined ? (ordered.__owner ?? owner) : owner;
    const advice =
      outcome instanceof WaitTimeoutError ? " Run `pulumi up` again: it goes on waiting." : "";
    throw new PartlyMadeError(
      id,
      defined({ ...ordered, status, __owner: seenBy }),
      `${name} is ordered and kept in the stack's state, but not ready: ${sentence(outcome.message)}${advice}${twins && ` Besides, ${twins}`}`,
    );
  }
  const state = { ...stateOf(ordered, outcome), __owner: owner };
  warnMisdelivery(operation, name, state);
  if (twins !== "" && onTwin === "fail")
    throw new PartlyMadeError(id, state, `${name} runs, but ${twins}`);
  if (twins !== "") operation.warn(`${name} runs, but ${twins}`);
  return state;
}

/**
 * Waits for RUNNING. Lists can lag behind an order: an instance that was never listed is waited for
 * to the deadline.
 *
 * @param seen Is told what the lists show.
 */
async function waitInstanceRunning(
  operation: Operation,
  id: string,
  state: InstanceState,
  seen: Seen,
): Promise<Instance> {
  const { account } = operation;
  const since = now();
  const others = account.othersTook("delivery");
  const statuses = new Set<string>();
  for (;;) {
    const absence = new Absence(LOST);
    const look = (instances: readonly Instance[]): Instance | "absent" | undefined => {
      const instance = instances.find((one) => sameId(one.instanceId, id));
      seen.namesakes = instances.filter(
        (one) => one.instanceName === state.instanceName && one !== instance,
      );
      seen.instance = instance ?? seen.instance;
      const text = oneLineText(instance?.status ?? "not listed yet");
      statuses.add(text);
      const ready = readyInstance(instance);
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
    const instance = listed === "absent" ? await account.queryInstance(operation, id) : listed;
    if (instance === undefined && (seen.instance ?? state.status) !== undefined)
      throw lost(operation, id, state);
    const ready = readyInstance(instance);
    if (ready === undefined) continue;
    account.noteDuration("delivery", now() - since);
    await operation.shown();
    return ready;
  }
}

/** The instance if it is running. Throws where its status says that it failed. */
function readyInstance(instance: Instance | undefined): Instance | undefined {
  const status = instance === undefined ? "pending" : statusInstance(instance);
  if (status === "failed")
    throw new Error(
      `its status is ${instance?.status ?? ""} (${instance?.statusText ?? ""}). Ask the vendor's support, or replace it with \`pulumi up --replace <urn>\`, which deletes this instance and its data.`,
    );
  return status === "running" ? instance : undefined;
}

/** Why an instance that was listed before is gone, as far as this account can tell. */
function lost({ account }: Operation, id: string, state: InstanceState): Error {
  requireSameOwner(state.__owner, account.owner, nameAndId({ ...state, instanceId: id }));
  return new Error(
    "the vendor listed it before, and neither lists it any more nor knows its id. " +
      "If somebody deleted it, run `pulumi refresh` to drop it from the state",
  );
}

/**
 * Names other instances of the same name that the stack does not hold. Only an order of this
 * resource can have made one with random digits; whose a name of the user's is can't be told.
 */
async function describeTwins(
  operation: Operation,
  ordered: InstanceState,
  namesakes: readonly Instance[],
  token: string,
): Promise<string> {
  if (namesakes.length === 0) return "";
  const { account, context } = operation;
  const { inState, reason } = await context.orders.held(operation, token);
  const twins = namesakes
    .map(({ instanceId }) => instanceId)
    .filter((id) => !inState(id) && !account.isClaimed(id));
  if (twins.length === 0) return "";
  const fact = `the vendor has ${twins.join(", ")} of the`;
  // An import without instanceName keeps a name that somebody else chose.
  const isRandom = isAutomaticName(ordered) && RANDOM_NAME.test(ordered.instanceName);
  if (isRandom && reason === undefined)
    return `${fact} same name, which the same order may have made. ${DELETE_ADVICE}`;
  operation.warn(
    isRandom
      ? `${fact} same name, which the same order may have made. Whether the stack holds it can't be told (${String(reason)}).`
      : `${fact} name ${ordered.instanceName}, too. Whether this order made it, or whether another stack or person uses it, can't be told.`,
  );
  return "";
}

export function warnMisdelivery(operation: Operation, name: string, state: InstanceState): void {
  const otherwise = misdelivery(state);
  if (otherwise !== "")
    operation.warn(
      `${name} was delivered with ${otherwise}. Ask the vendor's support, or order another with \`pulumi up --replace <urn>\`, which deletes this instance and its data.`,
    );
}

/** Warns of a status that is not running. Only one that says failure is worth another instance. */
export function warnStatus(operation: Operation, name: string, status: string | undefined): void {
  if (status === undefined || isRunning(status)) return;
  const advice = saysFailure(status)
    ? "Ask the vendor's support, or order another with `pulumi up --replace <urn>`, which deletes this instance and its data."
    : "If it stays so, ask the vendor's support.";
  operation.warn(`${name} is not running: its status is ${oneLineText(status)}. ${advice}`);
}
