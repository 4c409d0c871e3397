import type { Account } from "../core/account";
import { orderedNames, withOrderOf, type Values } from "../core/arguments";
import { PartlyMadeError } from "../core/errors";
import type { Operation } from "../core/operation";
import {
  settledBy,
  type Made,
  type OrderKind,
  type Unfinished,
  type UnfinishedOrder,
} from "../core/recovery";
import type { Instance } from "../vendor/actions/instances";
import { INSTANCE_ARGUMENTS, isAutomaticName, type InstanceInputs } from "./arguments";
import { nameAndId, type InstanceState } from "./state";

/** For instances with a name that only the program's own orders can have. */
export const DELETE_ADVICE =
  "Look at them in the console, and delete there what nobody uses: no stack holds them.";

export interface Obtained {
  readonly id: string;
  /** The arguments as they were ordered. */
  readonly ordered: InstanceState;
  /** The mark of the interrupted order that made it, to be settled once the engine has it. */
  readonly tookOver?: string;
}

/** An order is known again by the name that it gave the instance. */
export function instanceOrders(account: Account): OrderKind<Instance> {
  return {
    nameOf: ({ inputs }) => String(inputs["instanceName"]),
    listOf: () => account.instances,
    isMadeBy: ({ instanceName }, { inputs }) => instanceName === inputs["instanceName"],
    idOf: ({ instanceId }) => instanceId,
    describe: nameAndId,
  };
}

/**
 * Takes over the newest instance that a proven order made. A name with random digits proves that
 * nobody else ordered it; a name of the user's does not.
 */
export function takeOver(
  operation: Operation,
  inputs: InstanceInputs,
  unfinished: Unfinished,
  { made, open }: { made: readonly Made<Instance>[]; open: readonly UnfinishedOrder[] },
): Obtained | undefined {
  const proven = made
    .filter(({ order }) => isAutomaticName(order.inputs))
    .flatMap(({ order, things }) => things.map((instance) => ({ order, instance })))
    .sort((one, other) => (one.instance.createdTime < other.instance.createdTime ? 1 : -1));
  const [newest] = proven;
  const all = made.flatMap(({ things }) => things);
  if (newest === undefined) {
    nameUnproven(operation, inputs, all);
    return undefined;
  }
  const { order, instance } = newest;
  const { instanceId: id, instanceName } = instance;
  const ordered: InstanceState = {
    ...withOrderOf(INSTANCE_ARGUMENTS, inputs, order.inputs),
    instanceName,
    // Shows in the state that this order is settled.
    __token: order.token,
    ...settledBy(unfinished, open),
  };
  const others = all.filter((one) => one !== instance);
  const changed = changedOrder(inputs, order, instanceName);
  if (others.length === 0 && changed.length === 0) {
    warnTakenOver(operation, instance);
    return { id, ordered, tookOver: order.token };
  }
  void operation.context.orders.settle(order.token);
  throw new PartlyMadeError(id, ordered, describeTakeOver(instance, changed, others));
}

/** Why the next run has something to do about an instance that was taken over. */
function describeTakeOver(
  instance: Instance,
  changed: readonly string[],
  others: readonly Instance[],
): string {
  const replaced = `The program has changed since (${changed.join(", ")}): the next \`pulumi up\` replaces it.`;
  const left = `Interrupted runs ordered ${others.map(nameAndId).join(", ")} too. ${DELETE_ADVICE}`;
  return [
    `${nameAndId(instance)}, ordered by an interrupted \`pulumi up\`, is taken into the stack's state.`,
    ...(changed.length > 0 ? [replaced] : []),
    ...(others.length > 0 ? [left] : []),
  ].join(" ");
}

/** The arguments that the program says otherwise than the interrupted order did. */
function changedOrder(
  inputs: InstanceInputs,
  { inputs: ordered }: UnfinishedOrder,
  instanceName: string,
): string[] {
  const given: Values = inputs;
  const isRenamed = !isAutomaticName(inputs) && instanceName !== inputs.instanceName;
  return [
    ...orderedNames(INSTANCE_ARGUMENTS).filter((name) => ordered[name] !== given[name]),
    ...(isRenamed ? ["instanceName"] : []),
  ];
}

function warnTakenOver(operation: Operation, instance: Instance): void {
  operation.warn(
    `took over ${nameAndId(instance)}, which an interrupted \`pulumi up\` had ordered. ` +
      "It has the password of that time: if the stack's password has changed since, replace the instance (`pulumi up --replace <urn>`). " +
      "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
  );
}

/** Somebody else may have ordered a name of the user's meanwhile. */
function nameUnproven(
  operation: Operation,
  inputs: InstanceInputs,
  found: readonly Instance[],
): void {
  if (found.length === 0) return;
  const fact = `${found.map(nameAndId).join(", ")} exists. An interrupted \`pulumi up\` had begun to order that name, which is no proof that the instance is this stack's`;
  const taken = found.filter(({ instanceName }) => instanceName === inputs.instanceName);
  const [first] = taken;
  if (first === undefined) {
    operation.warn(
      `${fact}. ${inputs.instanceName} is ordered now. Find out in the console whose it is.`,
    );
    return;
  }
  const id = taken.length === 1 ? first.instanceId : "<the id of yours>";
  throw new Error(
    `${fact}. Nothing was ordered. To take it over, give the resource option \`import: "${id}"\`; ` +
      "if the stack still has the instance that it was to replace, run `pulumi state delete <urn>` before. Otherwise give another instanceName.",
  );
}

/** Without the stack's record nothing is taken over: an instance that may be ours is named. */
export async function warnAlike(
  operation: Operation,
  inputs: InstanceInputs,
  reason: string,
): Promise<void> {
  if (!isAutomaticName(inputs)) return;
  const prefix = inputs.instanceName.replace(/[0-9a-f]+$/, "");
  const isAlike = ({ instanceName }: Instance): boolean =>
    instanceName.startsWith(prefix) && /^[0-9a-f]{7}$/.test(instanceName.slice(prefix.length));
  const found = await operation.account.instances.until(
    operation,
    (instances) => instances.filter(isAlike),
    { what: "listing the instances", onListError: "fail" },
  );
  if (found.length > 0)
    operation.warn(
      `there is ${found.map(nameAndId).join(", ")}, and whether an interrupted \`pulumi up\` of this stack had ordered it can't be told (${reason}). ` +
        "A new one is ordered. If the other one is left over, take it over by the resource option `import`, or delete it in the console.",
    );
}
