import { CdsApiError, CdsError } from "../vendor/errors";
import { createInstance, type Instance } from "../vendor/instances";
import { GONE, LOST } from "../core/absence";
import type { Account } from "../core/account";
import type { Context } from "../core/context";
import type { InstanceInputs } from "./inputs";
import { importObstacle } from "./import";
import {
  DELETE_ADVICE,
  isAutomatic,
  isElsewhere,
  nameWhatIsThere,
  refuseNoted,
  takeOver,
  type Obtained,
} from "./takeOver";
import { findInstancesByName, lookUpInstances } from "./wait";
import { PartlyMadeError } from "../core/partlyMade";
import { passwordOf } from "./password";
import { sendUntilTaken } from "../core/sending";
import { settledBy, UnsettledOrderError } from "../core/unfinished";
import { tryingAgain } from "../core/progress";
import { noneSeen, WaitTimeoutError } from "../core/waiter";

const RECENT_MS = 10_000;

/** Takes over what an interrupted run ordered for this resource, else orders it: exactly one. */
export async function obtainInstance(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
): Promise<Obtained> {
  const unfinished = await context.unfinished.of(inputs);
  // Two of one name, looked for and ordered side by side, would both find it free.
  return account.inTurn(`the name ${inputs.instanceName}`, deadline, async () => {
    if (unfinished.proof) {
      const left = await takeOver(context, account, inputs, unfinished, deadline);
      if (left !== undefined) return left;
      await refuseNoted(
        context,
        account,
        inputs,
        unfinished.unidentified,
        deadline,
        "whether it was this stack's could not be told then",
        "Take it over by the resource option `import`, or delete it in the console and the note with it.",
        ({ instanceId }) => unfinished.inState(instanceId),
      );
    } else await nameWhatIsThere(context, account, inputs, unfinished, deadline);
    await refuseTakenName(account, inputs, deadline).catch(nothingOrdered);
    context.reporter(inputs.__urn)(`ordering ${inputs.instanceName}`);
    // By `--replace` the old one has the name, too, and a list may lack it for a moment.
    const isHeld: IsHeld = ({ instanceId }) => unfinished.proof && unfinished.inState(instanceId);
    const id = await order(context, account, inputs, deadline, isHeld);
    const open = unfinished.orders.filter((one) => isElsewhere(one, account));
    const isTwin: IsHeld = (one) =>
      one.instanceName === inputs.instanceName && one.instanceId !== id && !isHeld(one);
    return { id, ordered: { ...inputs, ...settledBy(unfinished, open) }, isTwin };
  });
}

/** A name that is in use can't tell our instance from the other one. */
async function refuseTakenName(
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
): Promise<void> {
  const { instanceName } = inputs;
  // Nobody else thinks of a random name: any list of late that lacks it will do.
  const recent = account.instances.recent(RECENT_MS);
  if (isAutomatic(inputs) && recent?.every((one) => one.instanceName !== instanceName) === true)
    return;
  const [taken] = await findInstancesByName(account, instanceName, deadline);
  if (taken !== undefined) throw nameTaken(taken);
}

/** Of a list that could not be had. */
function nothingOrdered(error: unknown): never {
  if (error instanceof CdsError || error instanceof WaitTimeoutError)
    throw new Error(`${error.message} Nothing was ordered: run \`pulumi up\` again.`);
  throw error;
}

function nameTaken({ instanceName, instanceId, status }: Instance): Error {
  return new Error(
    `an instance named ${instanceName} exists already (${instanceId}, ${status}); nothing was ordered. ` +
      `Give another instanceName, or leave it out for a name of its own; to take this instance over, give the resource option \`import: "${instanceId}"\`.`,
  );
}

/** Whether the stack has it already, so that it is not what was ordered. */
type IsHeld = (instance: Instance) => boolean;

/** Orders once and gives the id. More than one instance for it: one is kept, all are named. */
async function order(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
  isHeld: IsHeld,
): Promise<string> {
  const [id = "", ...others] = await orderedIds(context, account, inputs, deadline, isHeld);
  if (others.length === 0) return id;
  throw new PartlyMadeError(
    id,
    inputs,
    `the vendor has ${others.length + 1} instances for the one order ${inputs.instanceName}. ` +
      `${id} is kept in the stack's state; as to ${others.join(", ")}, ${DELETE_ADVICE}`,
  );
}

/** The ids of what was ordered, looked up by name where the answer has none. */
async function orderedIds(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
  isHeld: IsHeld,
): Promise<readonly string[]> {
  const { instanceName } = inputs;
  // Of a name of the user's it may be somebody else's, who ordered it in the same moment.
  const isOurs = (one: Instance): boolean =>
    !isHeld(one) &&
    (isAutomatic(inputs) || importObstacle(account, one.instanceId, one, inputs) === undefined);
  const oursOf = (instances: readonly Instance[]): string[] =>
    instances.filter(isOurs).map(({ instanceId }) => instanceId);
  const report = context.reporter(inputs.__urn);
  const request = {
    ...inputs,
    password: passwordOf(context, inputs),
    paasGoodsId: inputs.paasGoodsId ?? 0,
  };
  let doubt: CdsError | undefined;
  let lastRefusal: CdsError | undefined;
  try {
    const ids = await sendUntilTaken<readonly string[]>(context.clock, {
      send: (timeoutMs) => createInstance(account.client, request, timeoutMs),
      deadline,
      what: `ordering ${instanceName}`,
      harmlessTwice: false,
      alreadyDone: async () => {
        const found = await lookUpInstances(
          context,
          account,
          [instanceName],
          deadline,
          isHeld,
          // Too many calls are refused before anything is done; to be called busy is less clear.
          lastRefusal instanceof CdsApiError && !lastRefusal.isThrottled ? LOST : GONE,
        );
        const [other] = found;
        if (other === undefined) return undefined;
        const ours = oursOf(found);
        if (ours.length > 0) return ours;
        throw nameTaken(other);
      },
      onAgain: (error) => {
        lastRefusal = error;
        tryingAgain(report)(error);
      },
    });
    if (ids.length > 0) return ids;
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    if (!error.ambiguous) {
      // What refuses may be a gateway that saw the answer alone: the list knows.
      const listed = await findInstancesByName(account, instanceName, deadline).catch(noneSeen);
      const made = oursOf(listed);
      if (made.length === 0) throw error;
      return made;
    }
    // Whether it was ordered can't be told: sending it again could order two.
    doubt = error;
  }
  report("looking for the ordered instance by its name, two minutes at most");
  const found = await lookUpInstances(context, account, [instanceName], deadline, isHeld).catch(
    noneSeen,
  );
  const ours = oursOf(found);
  if (ours.length > 0) return ours;
  const answer = doubt === undefined ? "" : ` The answer to the order: ${doubt.message}`;
  const [other] = found;
  const seen =
    other === undefined
      ? "has not listed it so far"
      : `lists ${other.instanceId}, which is not what was ordered, so it may be somebody else's`;
  const next =
    context.unfinished.noteOf(inputs.__token) === undefined
      ? "If it appears, look"
      : "If it appears, the next `pulumi up` from this machine takes it over, or names it; from elsewhere, look";
  throw new UnsettledOrderError(
    `whether ${instanceName} was ordered is not known: the vendor gave no clear answer, and ${seen}. ` +
      `${next} for the name in the console ` +
      `and give the resource option \`import: "<its InstanceUuid>"\`, or delete it there.${answer}`,
  );
}
