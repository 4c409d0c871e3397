import { lookUp, NEXT_LIST } from "../core/absence";
import type { Account } from "../core/account";
import { importDifference, orderedNames, withOrderOf, type Values } from "../core/arguments";
import { PartlyMadeError, UnsettledOrderError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import type { Left, OrderKind } from "../core/recovery";
import { orderOnce } from "../core/send";
import { createInstance, type Instance } from "../vendor/actions/instances";
import { CdsError } from "../vendor/errors";
import { INSTANCE_ARGUMENTS, isAutomaticName, passwordOf, type InstanceInputs } from "./arguments";
import { nameAndId, vendorFacts, type InstanceState } from "./state";

/** Random names do not collide, so a list from the last 10 seconds is fresh enough. */
const RECENT_MS = 10_000;
/** For instances with a name that only the program's own orders can have. */
export const DELETE_ADVICE =
  "Look at them in the console, and delete there what nobody uses: no stack holds them.";

/** An order is known again by the name that it gave the instance. */
export function instanceOrders(account: Account): OrderKind<Instance> {
  return {
    nameOf: ({ inputs }) => String(inputs["instanceName"]),
    listOf: () => account.instances,
    isMadeBy: ({ instanceName }, { inputs }) => instanceName === inputs["instanceName"],
    idOf: ({ instanceId }) => instanceId,
  };
}

export interface Obtained {
  readonly id: string;
  /** The arguments as they were ordered. */
  readonly ordered: InstanceState;
}

/** Takes over what an interrupted run ordered for this resource, or else orders it: exactly one. */
export async function obtainInstance(
  operation: Operation,
  inputs: InstanceInputs,
  left: Left<Instance>,
): Promise<Obtained> {
  const { instanceName } = inputs;
  const taken = takeOver(operation, inputs, left);
  if (taken !== undefined) return taken;
  // Two orders of one name, looked for side by side, would both find the name free.
  return operation.account.inTurn(operation, `the name ${instanceName}`, async () => {
    await lookForOthers(operation, inputs, left).catch(rethrowNothingOrdered);
    operation.report(`ordering ${instanceName}`);
    return order(operation, inputs, left);
  });
}

/**
 * Takes over the newest instance that an unfinished order made. A name with random digits proves
 * that nobody else ordered it; a name of the user's does not.
 */
function takeOver(
  operation: Operation,
  inputs: InstanceInputs,
  { made, settled }: Left<Instance>,
): Obtained | undefined {
  const all = made.flatMap(({ things }) => things);
  const [newest] = made
    .filter(({ order: { inputs: ordered } }) => isAutomaticName(ordered))
    .flatMap(({ order: by, things }) => things.map((instance) => ({ by, instance })))
    .sort((one, other) => (one.instance.createdTime < other.instance.createdTime ? 1 : -1));
  if (newest === undefined) {
    nameUnproven(operation, inputs, all);
    return undefined;
  }
  const { by, instance } = newest;
  const { instanceId: id, instanceName, status } = instance;
  const sent = withOrderOf(INSTANCE_ARGUMENTS, inputs, by.inputs);
  const ordered = { ...sent, instanceName, status, __token: by.token, ...settled };
  const others = all.filter((one) => one !== instance);
  const changed = changedOrder(inputs, by.inputs, instanceName);
  if (others.length === 0 && changed.length === 0) {
    operation.warn(
      `took over ${nameAndId(instance)}, which an interrupted \`pulumi up\` had ordered. ` +
        "It has the password of that time: if the stack's password has changed since, replace the instance (`pulumi up --replace <urn>`). " +
        "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
    );
    return { id, ordered };
  }
  const replaced = ` The program has changed since (${changed.join(", ")}): the next \`pulumi up\` replaces it.`;
  const left = ` Interrupted runs ordered ${others.map(nameAndId).join(", ")} too. ${DELETE_ADVICE}`;
  throw new PartlyMadeError(
    id,
    ordered,
    `${nameAndId(instance)}, ordered by an interrupted \`pulumi up\`, is taken into the stack's state.` +
      (changed.length > 0 ? replaced : "") +
      (others.length > 0 ? left : ""),
  );
}

/** The arguments that the program says otherwise than the interrupted order did. */
function changedOrder(inputs: InstanceInputs, ordered: Values, instanceName: string): string[] {
  const given: Values = inputs;
  const isRenamed = !isAutomaticName(inputs) && instanceName !== inputs.instanceName;
  return [
    ...orderedNames(INSTANCE_ARGUMENTS).filter((name) => ordered[name] !== given[name]),
    ...(isRenamed ? ["instanceName"] : []),
  ];
}

/** Somebody else may have ordered a name of the user's meanwhile. */
function nameUnproven(
  operation: Operation,
  { instanceName }: InstanceInputs,
  found: readonly Instance[],
): void {
  if (found.length === 0) return;
  const fact = `${found.map(nameAndId).join(", ")} exists. An interrupted \`pulumi up\` had begun to order that name, which is no proof that the instance is this stack's`;
  const [taken, ...others] = found.filter((one) => one.instanceName === instanceName);
  if (taken === undefined) {
    operation.warn(`${fact}. ${instanceName} is ordered now. Find out in the console whose it is.`);
    return;
  }
  const id = others.length === 0 ? taken.instanceId : "<the id of yours>";
  throw new Error(
    `${fact}. Nothing was ordered. To take it over, give the resource option \`import: "${id}"\`; ` +
      "if the stack still has the instance that it was to replace, run `pulumi state delete <urn>` before. Otherwise give another instanceName.",
  );
}

/**
 * Throws where an instance has the name already: it could not be told from the ordered one. Without
 * the stack's record nothing is taken over, so that an instance that may be ours is named.
 */
async function lookForOthers(
  operation: Operation,
  inputs: InstanceInputs,
  { reason }: Left<Instance>,
): Promise<void> {
  const { instances } = operation.account;
  const { instanceName } = inputs;
  const isAutomatic = isAutomaticName(inputs);
  const prefix = instanceName.replace(/[0-9a-f]+$/, "");
  const isAlike = ({ instanceName: name }: Instance): boolean =>
    name.startsWith(prefix) && /^[0-9a-f]{7}$/.test(name.slice(prefix.length));
  const recent = instances.recent(RECENT_MS);
  const isFree = recent?.every((one) => one.instanceName !== instanceName) === true;
  if (isAutomatic && isFree && reason === undefined) return;
  const all = await lookUp(operation, instances, {
    what: `listing the instances named ${instanceName}`,
    isWanted: () => true,
    needed: NEXT_LIST,
  });
  const taken = all.find((one) => one.instanceName === instanceName);
  if (taken !== undefined) throw nameTaken(taken);
  const alike = all.filter(isAlike);
  if (isAutomatic && reason !== undefined && alike.length > 0)
    operation.warn(
      `there is ${alike.map(nameAndId).join(", ")}, and whether an interrupted \`pulumi up\` of this stack had ordered it can't be told (${reason}). ` +
        "A new one is ordered. If the other one is left over, take it over by the resource option `import`, or delete it in the console.",
    );
}

/** Rethrows the error of a failed list call and adds that nothing was ordered. */
function rethrowNothingOrdered(error: unknown): never {
  if (error instanceof CdsError || error instanceof WaitTimeoutError)
    throw new Error(`${error.message} Nothing was ordered: run \`pulumi up\` again.`);
  throw error;
}

/** What is known of an instance that an order made; the answer to the order does not tell the status. */
type Ordered = Pick<Instance, "instanceId" | "instanceName" | "status">;

function nameTaken({ instanceName, instanceId, status }: Ordered): Error {
  return new Error(
    `an instance named ${instanceName} exists already (${instanceId}, ${status}). Nothing was ordered. ` +
      `Give another instanceName, or leave it out for a name of its own. To take this instance over, give the resource option \`import: "${instanceId}"\`.`,
  );
}

/** Orders once. Of more than one instance for the order one is kept, and all are named. */
async function order(
  operation: Operation,
  inputs: InstanceInputs,
  { inState, settled }: Left<Instance>,
): Promise<Obtained> {
  const { client, instances } = operation.account;
  const { instanceName, paasGoodsId = 0 } = inputs;
  const request = { ...inputs, paasGoodsId, password: passwordOf(operation, inputs) };
  let isAnswered = false;
  const made = await orderOnce<Ordered>(operation, {
    what: `ordering ${instanceName}`,
    send: async (timeoutMs) => {
      const ids = await createInstance(client, request, timeoutMs);
      isAnswered = ids.length > 0;
      return ids.map((instanceId) => ({ instanceId, instanceName, status: "" }));
    },
    find: async (needed) => {
      const found = await lookUp(operation, instances, {
        what: `looking for the instance named ${instanceName}`,
        // During `--replace` the old instance has the name, too: it is not what was ordered.
        isWanted: (one) => one.instanceName === instanceName && !inState(one.instanceId),
        needed,
      });
      const ours = found.filter((one) => isAsOrdered(inputs, one));
      return { ours, doubtful: found.filter((one) => !ours.includes(one)) };
    },
    refuse: ([taken]) => {
      if (taken !== undefined) throw nameTaken(taken);
    },
    unsettled: (found) => unsettled(instanceName, found),
  });
  return keepOne(operation, { ...inputs, ...settled }, made, isAnswered);
}

/** An instance with a name of the user's may be somebody else's, ordered in the same moment. */
function isAsOrdered(inputs: InstanceInputs, instance: Instance): boolean {
  const what = nameAndId(instance);
  return (
    isAutomaticName(inputs) || importDifference(what, vendorFacts(instance), inputs) === undefined
  );
}

/** @param isAnswered Whether the answer told the ids, so that no doubt is left about the name. */
function keepOne(
  operation: Operation,
  inputs: InstanceInputs,
  made: readonly Ordered[],
  isAnswered: boolean,
): Obtained {
  const isCertain = isAnswered || isAutomaticName(inputs);
  const [{ instanceId: id, status } = { instanceId: "", status: "" }, ...others] = made;
  const ordered = status === "" ? inputs : { ...inputs, status };
  if (!isCertain && others.length > 0)
    throw new UnsettledOrderError(unsettled(inputs.instanceName, made));
  if (!isCertain)
    operation.warn(
      `${made.map(nameAndId).join(", ")} was found by its name alone: whether another stack or person ordered it in the same moment can't be told.`,
    );
  if (others.length === 0) return { id, ordered };
  throw new PartlyMadeError(
    id,
    ordered,
    `the vendor has ${made.length} instances for the one order ${inputs.instanceName}. ` +
      `${id} is kept in the stack's state. Others: ${others.map((one) => one.instanceId).join(", ")}. ${DELETE_ADVICE}`,
  );
}

function unsettled(instanceName: string, found: readonly Ordered[]): string {
  const ids = found.map(({ instanceId }) => instanceId).join(", ");
  const seen =
    found.length === 0
      ? "has not listed it so far"
      : `lists ${ids}, and whether this order or somebody else's made ${found.length === 1 ? "it" : "which"} can't be told`;
  return (
    `whether ${instanceName} was ordered is not known: the vendor gave no clear answer, and ${seen}. ` +
    'Look for the name in the console, and give the resource option `import: "<its InstanceUuid>"`, or delete it there if nobody uses it.'
  );
}
