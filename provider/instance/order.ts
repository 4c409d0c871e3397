import { lookUp, NEXT_LIST } from "../core/absence";
import type { Account } from "../core/account";
import { changedArguments, importDifference, withOrderOf } from "../core/arguments";
import { isUnknown } from "../core/engineValues";
import { PartlyMadeError, UnsettledOrderError, WaitTimeoutError } from "../core/errors";
import type { Operation } from "../core/operation";
import type { Left, OrderKind } from "../core/recovery";
import { orderOnce } from "../core/send";
import { createInstance } from "../vendor/actions/instances";
import { sentence } from "../vendor/displayText";
import { CdsError } from "../vendor/errors";
import { INSTANCE_ARGUMENTS, isAutomaticName, passwordOf, type InstanceInputs } from "./arguments";
import { importAdvice } from "./name";
import { nameAndId, vendorFacts, type InstanceState } from "./state";
import type { Instance } from "../vendor/types";

/** Random names do not collide, so a list from the last 10 seconds is fresh enough. */
const RECENT_MS = 10_000;
/** For instances with a name that only the program's own orders can have. */
export const DELETE_ADVICE =
  "Look at them in the console, and delete there what nobody uses: no stack holds them.";

/** An order is known again by the name that it gave the instance. */
export function instanceOrders(account: Account): OrderKind<Instance> {
  return {
    nameOf: ({ inputs: { instanceName } }) =>
      isUnknown(instanceName) ? "an instance with a secret name" : String(instanceName),
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

/** The order of one instance: takes over what an interrupted run ordered, or else orders it. */
export class InstanceOrder {
  readonly #operation: Operation;
  readonly #inputs: InstanceInputs;
  readonly #left: Left<Instance>;
  /** A name with random digits proves that nobody else ordered it; a name of the user's does not. */
  readonly #isAutomatic: boolean;

  constructor(operation: Operation, inputs: InstanceInputs, left: Left<Instance>) {
    this.#operation = operation;
    this.#inputs = inputs;
    this.#left = left;
    this.#isAutomatic = isAutomaticName(inputs);
  }

  /** Returns exactly one instance for the order. */
  async obtain(): Promise<Obtained> {
    const { account } = this.#operation;
    const { instanceName } = this.#inputs;
    const taken = this.#takeOver();
    if (taken !== undefined) return taken;
    // Two orders of one name, looked for side by side, would both find the name free.
    return account.inTurn(this.#operation, `the name ${instanceName}`, async () => {
      await this.#lookForOthers().catch(rethrowNothingOrdered);
      this.#operation.report(`ordering ${instanceName}`);
      return this.#order();
    });
  }

  /** Takes over the newest instance that an unfinished order with an automatic name made. */
  #takeOver(): Obtained | undefined {
    const { account } = this.#operation;
    const { made, settled } = this.#left;
    // An import of this run may have taken one over.
    const all = made
      .flatMap(({ order, things }) => things.map((instance) => ({ order, instance })))
      .filter(({ instance }) => !account.isClaimed(instance.instanceId));
    const proven = all.filter(({ order }) => isAutomaticName(order.inputs));
    const unproven = all.filter((one) => !proven.includes(one)).map(({ instance }) => instance);
    const [newest] = proven.sort((one, other) =>
      one.instance.createdTime < other.instance.createdTime ? 1 : -1,
    );
    this.#nameUnproven(unproven, newest !== undefined);
    if (newest === undefined) return undefined;
    for (const { instance } of proven) account.claim(instance.instanceId);
    const { order, instance } = newest;
    const { instanceId: id, instanceName, status } = instance;
    const sent = withOrderOf(INSTANCE_ARGUMENTS, this.#inputs, order.inputs);
    const ordered = { ...sent, instanceName, status, __token: order.token, ...settled };
    const others = proven.map((one) => one.instance).filter((one) => one !== instance);
    const changed = changedArguments(INSTANCE_ARGUMENTS, "replace", ordered, this.#inputs);
    if (others.length === 0 && changed.length === 0) {
      this.#operation.warn(
        `took over ${nameAndId(instance)}, which an interrupted \`pulumi up\` had ordered. ` +
          "It has the password of that time: if the stack's password has changed since, replace the instance (`pulumi up --replace <urn>`, which deletes this one and its data). " +
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

  /**
   * Somebody else may have ordered a name of the user's meanwhile.
   *
   * @param isTaken Whether another instance is taken over, so that none is ordered.
   */
  #nameUnproven(found: readonly Instance[], isTaken: boolean): void {
    if (found.length === 0) return;
    const { instanceName } = this.#inputs;
    const fact = `${found.map(nameAndId).join(", ")} exists. An interrupted \`pulumi up\` had begun to order that name, which is no proof that the instance is this stack's`;
    const [taken, ...others] = found.filter((one) => one.instanceName === instanceName);
    if (taken === undefined || isTaken) {
      const ordered = isTaken ? "" : ` ${instanceName} is ordered now.`;
      this.#operation.warn(`${fact}.${ordered} Find out in the console whose it is.`);
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
  async #lookForOthers(): Promise<void> {
    const { instances } = this.#operation.account;
    const { instanceName } = this.#inputs;
    const { reason } = this.#left;
    const recent = instances.recent(RECENT_MS);
    const isFree = recent?.every((one) => one.instanceName !== instanceName) === true;
    if (this.#isAutomatic && isFree && reason === undefined) return;
    const all = await lookUp(this.#operation, instances, {
      what: `listing the instances named ${instanceName}`,
      isWanted: () => true,
      needed: NEXT_LIST,
    });
    const taken = all.find((one) => one.instanceName === instanceName);
    if (taken !== undefined) throw this.#nameTaken(taken);
    if (!this.#isAutomatic || reason === undefined) return;
    const prefix = instanceName.replace(/[0-9a-f]+$/, "");
    const alike = all.filter(
      ({ instanceName: name }) =>
        name.startsWith(prefix) && /^[0-9a-f]{7}$/.test(name.slice(prefix.length)),
    );
    if (alike.length > 0)
      this.#operation.warn(
        `there is ${alike.map(nameAndId).join(", ")}, and whether an interrupted \`pulumi up\` of this stack had ordered it can't be told (${reason}). ` +
          "A new one is ordered. If the other one is left over, take it over by the resource option `import`, or delete it in the console.",
      );
  }

  /** Orders once. Of more than one instance for the order one is kept, and all are named. */
  async #order(): Promise<Obtained> {
    const { client, instances } = this.#operation.account;
    const { instanceName, paasGoodsId = 0 } = this.#inputs;
    const password = passwordOf(this.#operation, this.#inputs);
    const request = { ...this.#inputs, paasGoodsId, password };
    const answer = { tellsIds: false };
    const made = await orderOnce<Ordered>(this.#operation, {
      what: `ordering ${instanceName}`,
      send: async (timeoutMs) => {
        const ids = await createInstance(client, request, timeoutMs);
        answer.tellsIds = ids.length > 0;
        return ids.map((instanceId) => ({ instanceId, instanceName, status: "" }));
      },
      find: async (needed) => {
        const found = await lookUp(this.#operation, instances, {
          what: `looking for the instance named ${instanceName}`,
          // During `--replace` the old instance has the name, too: it is not what was ordered.
          isWanted: (one) =>
            one.instanceName === instanceName && !this.#left.inState(one.instanceId),
          needed,
        });
        const ours = found.filter((one) => this.#isAsOrdered(one));
        return { ours, doubtful: found.filter((one) => !ours.includes(one)) };
      },
      refuse: (taken) => {
        throw this.#nameTaken(taken);
      },
      unsettled: (found) => unsettled(instanceName, found),
    });
    return this.#keepOne(made, answer.tellsIds || this.#isAutomatic);
  }

  #nameTaken({ instanceName, instanceId, status }: Ordered): Error {
    const advice = this.#left.inState(instanceId)
      ? "It is this stack's own, and is not to be imported. To replace it, give the resource the option `deleteBeforeReplace: true`, since two can't have one name: `pulumi up --replace` orders first otherwise. Where the resource was renamed, give the option `aliases`."
      : importAdvice(instanceId);
    return new Error(
      `an instance named ${instanceName} exists already (${instanceId}, ${status}). Nothing was ordered. ${advice}`,
    );
  }

  /** An instance with a name of the user's may be somebody else's, ordered in the same moment. */
  #isAsOrdered(instance: Instance): boolean {
    if (this.#isAutomatic) return true;
    const { instanceName } = instance;
    return importDifference(instanceName, vendorFacts(instance), this.#inputs) === undefined;
  }

  #keepOne(made: readonly Ordered[], isCertain: boolean): Obtained {
    const { instanceName } = this.#inputs;
    const [{ instanceId: id, status } = { instanceId: "", status: "" }, ...others] = made;
    if (!isCertain && others.length > 0)
      throw new UnsettledOrderError(unsettled(instanceName, made));
    if (!isCertain)
      this.#operation.warn(
        `${made.map(nameAndId).join(", ")} was found by its name alone: whether another stack or person ordered it in the same moment can't be told.`,
      );
    const seen = status === "" ? {} : { status };
    const ordered = { ...this.#inputs, ...this.#left.settled, ...seen };
    if (others.length === 0) return { id, ordered };
    throw new PartlyMadeError(
      id,
      ordered,
      `the vendor has ${made.length} instances for the one order ${instanceName}. ` +
        `${id} is kept in the stack's state. Others: ${others.map((one) => one.instanceId).join(", ")}. ${DELETE_ADVICE}`,
    );
  }
}

/** Rethrows the error of a failed list call and adds that nothing was ordered. */
function rethrowNothingOrdered(error: unknown): never {
  if (error instanceof CdsError || error instanceof WaitTimeoutError)
    throw new Error(`${sentence(error.message)} Nothing was ordered: run \`pulumi up\` again.`);
  throw error;
}

/** What is known of an instance that an order made; the answer to the order does not tell the status. */
type Ordered = Pick<Instance, "instanceId" | "instanceName" | "status">;

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
