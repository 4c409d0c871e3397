import { LOST, NEVER_MADE, NOT_TAKEN } from "../core/absence";
import {
  CancelledError,
  emptyOnVendorError,
  PartlyMadeError,
  UnsettledOrderError,
  WaitTimeoutError,
} from "../core/errors";
import { importDifference } from "../core/arguments";
import type { Operation } from "../core/operation";
import { findUnfinished, settledBy, type Unfinished } from "../core/recovery";
import { sendUntilTaken } from "../core/send";
import { CdsApiError, CdsError } from "../vendor/errors";
import { createInstance, type Instance } from "../vendor/actions/instances";
import { isAutomaticName, type InstanceInputs } from "./arguments";
import { passwordOf } from "./password";
import { nameAndId, vendorFacts } from "./state";
import { DELETE_ADVICE, instanceOrders, takeOver, warnAlike, type Obtained } from "./takeOver";
import { findInstancesByName, lookUpInstances } from "./wait";

/** Random names do not collide, so a list from the last 10 seconds is fresh enough. */
const RECENT_MS = 10_000;

/** Takes over what an interrupted run ordered for this resource, or else orders it: exactly one. */
export async function obtainInstance(
  operation: Operation,
  inputs: InstanceInputs,
): Promise<Obtained> {
  const { account, context } = operation;
  const unfinished = await context.orders.of(operation, inputs.__token);
  // Two orders of one name, looked for side by side, would both find the name free.
  return account.inTurn(operation, `the name ${inputs.instanceName}`, async () => {
    const { made, open } = await findUnfinished(operation, unfinished, instanceOrders(account));
    const left = takeOver(operation, inputs, unfinished, { made, open });
    if (left !== undefined) return left;
    if (unfinished.reason !== undefined)
      await warnAlike(operation, inputs, unfinished.reason).catch(rethrowNothingOrdered);
    await refuseTakenName(operation, inputs).catch(rethrowNothingOrdered);
    operation.report(`ordering ${inputs.instanceName}`);
    const id = await order(operation, inputs, unfinished);
    return { id, ordered: { ...inputs, ...settledBy(unfinished, open) } };
  });
}

/** Throws where an instance has the name already: it could not be told from the ordered one. */
async function refuseTakenName(operation: Operation, inputs: InstanceInputs): Promise<void> {
  const { instanceName } = inputs;
  const recent = operation.account.instances.recent(RECENT_MS);
  const isFree = recent?.every((one) => one.instanceName !== instanceName) === true;
  if (isAutomaticName(inputs) && isFree) return;
  const [taken] = await findInstancesByName(operation, instanceName);
  if (taken !== undefined) throw nameTaken(taken);
}

/** Rethrows the error of a failed list call and adds that nothing was ordered. */
function rethrowNothingOrdered(error: unknown): never {
  if (error instanceof CdsError || error instanceof WaitTimeoutError)
    throw new Error(`${error.message} Nothing was ordered: run \`pulumi up\` again.`);
  throw error;
}

function nameTaken({ instanceName, instanceId, status }: Instance): Error {
  return new Error(
    `an instance named ${instanceName} exists already (${instanceId}, ${status}). Nothing was ordered. ` +
      `Give another instanceName, or leave it out for a name of its own. To take this instance over, give the resource option \`import: "${instanceId}"\`.`,
  );
}

/** Orders once and returns the id. Of more than one instance for the order one is kept, and all are named. */
async function order(
  operation: Operation,
  inputs: InstanceInputs,
  { inState }: Unfinished,
): Promise<string> {
  const search = new OrderSearch(operation, inputs, inState);
  const [id = "", ...others] = (await send(operation, inputs, search)) ?? (await search.settle());
  if (others.length === 0) return id;
  throw new PartlyMadeError(
    id,
    inputs,
    `the vendor has ${others.length + 1} instances for the one order ${inputs.instanceName}. ` +
      `${id} is kept in the stack's state. Others: ${others.join(", ")}. ${DELETE_ADVICE}`,
  );
}

/** Sends the order. Returns the ids of the answer, or undefined where the list has to tell what became of it. */
async function send(
  operation: Operation,
  inputs: InstanceInputs,
  search: OrderSearch,
): Promise<readonly string[] | undefined> {
  const { client } = operation.account;
  const { paasGoodsId = 0 } = inputs;
  const request = { ...inputs, paasGoodsId, password: passwordOf(operation, inputs) };
  try {
    const ids = await sendUntilTaken(operation, {
      what: `ordering ${inputs.instanceName}`,
      send: (timeoutMs) => {
        search.isSent = true;
        return createInstance(client, request, timeoutMs);
      },
      isHarmlessTwice: false,
      alreadyDone: (refusal) => search.afterRefusal(refusal),
    });
    return ids.length > 0 ? ids : undefined;
  } catch (error) {
    if (error instanceof CancelledError && search.isSent) search.doubt = error;
    else if (!(error instanceof CdsError)) throw error;
    else if (error.ambiguous) search.doubt = error;
    else {
      // The refusal may come from a gateway behind the vendor's answer: the list knows.
      const made = await search.listed();
      if (made.length === 0) throw error;
      return made;
    }
    return undefined;
  }
}

/** Finds by its name what an order made whose answer has no id. */
class OrderSearch {
  /** The answer that left it open whether the order was carried out. */
  doubt: CdsError | CancelledError | undefined;
  isSent = false;
  readonly #operation: Operation;
  readonly #inputs: InstanceInputs;
  readonly #isHeld: (instance: Instance) => boolean;

  /** @param inState During `--replace` the old instance has the name, too: it is not what was ordered. */
  constructor(operation: Operation, inputs: InstanceInputs, inState: (id: string) => boolean) {
    this.#operation = operation;
    this.#inputs = inputs;
    this.#isHeld = ({ instanceId }) => inState(instanceId);
  }

  /** Ids in the next list. */
  async listed(): Promise<readonly string[]> {
    const found = await findInstancesByName(this.#operation, this.#inputs.instanceName).catch(
      emptyOnVendorError,
    );
    return this.#idsOf(found.filter((instance) => !this.#isHeld(instance)));
  }

  /** Looks before a refused order is sent again. Undefined where it was not carried out. */
  async afterRefusal(refusal: CdsError): Promise<readonly string[] | undefined> {
    // Too many calls are refused before anything is done; that the vendor is busy is less clear.
    const isThrottled = !(refusal instanceof CdsApiError) || refusal.isThrottled;
    const found = await this.#lookUp(isThrottled ? NOT_TAKEN : LOST);
    const [other] = found;
    if (other === undefined) return undefined;
    const ids = this.#idsOf(found);
    if (ids.length === 0) throw nameTaken(other);
    return ids;
  }

  /** Looks for what the order made. Throws an {@link UnsettledOrderError} where nothing shows it. */
  async settle(): Promise<readonly string[]> {
    const isRefused = this.doubt instanceof CdsApiError && this.doubt.refusalInDoubt;
    this.#operation.report(
      `looking for the ordered instance by its name, ${isRefused ? "30 seconds" : "two minutes"} at most`,
    );
    const found = await this.#lookUp(isRefused ? LOST : NEVER_MADE).catch(emptyOnVendorError);
    const ids = this.#idsOf(found);
    const isOne = ids.length === 1 || (ids.length > 1 && isAutomaticName(this.#inputs));
    if (!isOne) throw this.#unsettled(found);
    if (!isAutomaticName(this.#inputs))
      this.#operation.warn(
        `${found.map(nameAndId).join(", ")} was found by its name alone: whether another stack or person ordered it in the same moment can't be told.`,
      );
    return ids;
  }

  async #lookUp(needed: typeof LOST): Promise<readonly Instance[]> {
    const { instanceName } = this.#inputs;
    return lookUpInstances(this.#operation, instanceName, needed, this.#isHeld);
  }

  /** An instance with a name of the user's may be somebody else's, ordered in the same moment. */
  #idsOf(found: readonly Instance[]): string[] {
    const isOurs = (one: Instance): boolean =>
      isAutomaticName(this.#inputs) ||
      importDifference(nameAndId(one), vendorFacts(one), this.#inputs) === undefined;
    return found.filter(isOurs).map(({ instanceId }) => instanceId);
  }

  #unsettled(found: readonly Instance[]): UnsettledOrderError {
    const { instanceName, __token: token } = this.#inputs;
    const ids = found.map(({ instanceId }) => instanceId).join(", ");
    const seen =
      found.length === 0
        ? "has not listed it so far"
        : `lists ${ids}, and whether this order or somebody else's made ${found.length === 1 ? "it" : "which"} can't be told`;
    const next = this.#operation.context.orders.isNoted(token)
      ? "Run `pulumi up` again first: from this machine it takes the instance over, or names it. From elsewhere, look"
      : "If it appears, look";
    const answer =
      this.doubt === undefined ? "" : ` The answer to the order: ${this.doubt.message}`;
    return new UnsettledOrderError(
      `whether ${instanceName} was ordered is not known: the vendor gave no clear answer, and ${seen}. ` +
        `${next} for the name in the console, and give the resource option \`import: "<its InstanceUuid>"\`, or delete it there if nobody uses it.${answer}`,
    );
  }
}
