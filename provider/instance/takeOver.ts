import type { Instance } from "../vendor/instances";
import type { Account } from "../core/account";
import { defined } from "../core/arguments";
import type { Context } from "../core/context";
import type { InstanceInputs } from "./inputs";
import type { InstanceState } from "./state";
import { lookUpInstances } from "./wait";
import { PartlyMadeError } from "../core/partlyMade";
import { settledBy, type Unfinished, type UnfinishedOrder } from "../core/unfinished";
import { WaitTimeoutError } from "../core/waiter";

/** What an order says, without its secret: kept as a note, and compared when it is taken over. */
const ORDERED = [
  ...["regionId", "vdcId", "basePipeId", "port", "testGroupId", "subjectId", "account"],
  ...["version", "architecture", "computeRole", "ramGb", "paasGoodsId", "passwordVersion"],
] as const;

export interface Obtained {
  readonly id: string;
  /** The arguments as they were ordered. */
  readonly ordered: InstanceState;
  /** The mark of the interrupted order that this is, to be settled once the engine has it. */
  readonly tookOver?: string;
  /** Whether another instance was made by the same order. */
  readonly isTwin?: (instance: Instance) => boolean;
}

/** What a note of the order holds. */
export function noteOf(inputs: InstanceInputs): Readonly<Record<string, unknown>> {
  const { instanceName, __defaults } = inputs;
  return defined({ instanceName, __defaults, ...orderOf(inputs) });
}

/**
 * An instance that the stack's own record proves to be ordered for this resource: it has begun to
 * order a name that nobody else can have thought of. Of a name of the user's it is no proof.
 */
export async function takeOver(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  unfinished: Extract<Unfinished, { proof: true }>,
  deadline: number,
): Promise<Obtained | undefined> {
  const elsewhere = unfinished.orders.filter((one) => isElsewhere(one, account));
  nameWhatIsElsewhere(context, account, inputs, elsewhere);
  const orders = unfinished.orders.filter((one) => !elsewhere.includes(one));
  if (orders.length === 0) return undefined;
  const names = orders.map(nameOf);
  context.reporter(inputs.__urn)(
    `looking for ${names.join(", ")} of an interrupted run, two minutes at most`,
  );
  const found = await lookUpInstances(context, account, names, deadline, ({ instanceId }) =>
    unfinished.inState(instanceId),
  ).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw new WaitTimeoutError(
      `${error.message}. An interrupted \`pulumi up\` had begun to order it, and the search takes two minutes: ` +
        "give customTimeouts.create more; nothing was ordered.",
    );
  });
  const listed = new Set(found.map(({ instanceName }) => instanceName));
  const absent = orders.filter((one) => !listed.has(nameOf(one)));
  // What was looked for long enough and is not there was not carried out, unless the key was another's.
  const open = absent.filter(({ owner }) => owner !== undefined && owner.key !== account.owner.key);
  nameWhatIsElsewhere(context, account, inputs, open);
  for (const one of absent) if (!open.includes(one)) await context.unfinished.settle(one.token);
  const proven = orders
    .filter((one) => isAutomatic(one.inputs))
    .flatMap((begun) => {
      const instance = found.find(({ instanceName }) => instanceName === nameOf(begun));
      return instance === undefined ? [] : [{ begun, instance }];
    })
    .sort((one, other) => (one.instance.createdTime < other.instance.createdTime ? 1 : -1))[0];
  if (proven === undefined) {
    nameWhatIsUnproven(context, inputs, found);
    return undefined;
  }
  const { begun, instance } = proven;
  const { token } = begun;
  const { instanceId: id, instanceName } = instance;
  const others = found.filter((one) => one !== instance);
  const nothing = Object.fromEntries(ORDERED.map((name) => [name, undefined]));
  const ordered = {
    ...defined({ ...inputs, ...nothing, ...orderOf(begun.inputs) }),
    instanceName,
    // Shows in the state that this order is settled.
    __token: token,
    ...settledBy(unfinished, [...elsewhere, ...open]),
  } as InstanceState;
  const isRenamed = !isAutomatic(inputs) && instanceName !== inputs.instanceName;
  const changed: string[] = [
    ...ORDERED.filter((name) => begun.inputs[name] !== inputs[name]),
    ...(isRenamed ? ["instanceName"] : []),
  ];
  if (others.length > 0 || changed.length > 0) {
    await context.unfinished.settle(token);
    throw new PartlyMadeError(
      id,
      ordered,
      `${instanceName} (${id}), ordered by an interrupted \`pulumi up\`, is taken into the stack's state. ` +
        (changed.length > 0
          ? `The program has changed since (${changed.join(", ")}): the next \`pulumi up\` replaces it. `
          : "") +
        (others.length > 0
          ? `Interrupted runs ordered ${idsOf(others)} too: ${DELETE_ADVICE}`
          : ""),
    );
  }
  context.warn(
    inputs.__urn,
    `took over ${instanceName} (${id}), which an interrupted \`pulumi up\` had ordered. ` +
      "It has the password of that time: where the stack's is another by now, replace it (`pulumi up --replace <urn>`). " +
      "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
  );
  return { id, ordered, tookOver: token };
}

/** Whether it was ordered at another address of the vendor than the program names by now. */
export function isElsewhere({ owner }: UnfinishedOrder, account: Account): boolean {
  return owner !== undefined && owner.endpoint !== account.owner.endpoint;
}

/** What this account can't show is neither looked for any more nor forgotten. */
function nameWhatIsElsewhere(
  context: Context,
  { owner: now }: Account,
  { __urn: urn }: InstanceInputs,
  orders: readonly UnfinishedOrder[],
): void {
  for (const order of orders) {
    const where =
      order.owner?.endpoint === now.endpoint
        ? "with another access key"
        : `at ${order.owner?.endpoint ?? ""}`;
    context.warn(
      urn,
      `an interrupted \`pulumi up\` had begun to order ${nameOf(order)} ${where}, where this run doesn't look. ` +
        `Look for it there, and delete it if it is not wanted; then delete the note ${context.unfinished.placeOf(order.token)}.`,
    );
  }
}

/** Somebody else may have ordered a name of the user's meanwhile. */
function nameWhatIsUnproven(
  context: Context,
  inputs: InstanceInputs,
  found: readonly Instance[],
): void {
  if (found.length === 0) return;
  const fact = `${idsOf(found)} exists, and an interrupted \`pulumi up\` had begun to order that name, which is no proof that this is its instance`;
  const [taken] = found.filter(({ instanceName }) => instanceName === inputs.instanceName);
  if (taken !== undefined)
    throw new Error(
      `${fact}: nothing was ordered. To take it over, give the resource option \`import: "${taken.instanceId}"\`; else give another instanceName.`,
    );
  context.warn(inputs.__urn, `${fact}; ${inputs.instanceName} is ordered. ${DELETE_ADVICE}`);
}

export const DELETE_ADVICE =
  "look at them in the console, and delete there what is not in use, since no stack holds them.";

/** Without the stack's record nothing is taken over: what may be ours is named. */
export async function nameWhatIsThere(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  { reason, orders }: Extract<Unfinished, { proof: false }>,
  deadline: number,
): Promise<void> {
  const fact = `whether an interrupted \`pulumi up\` of this stack had ordered it can't be told (${reason})`;
  const advice =
    "Put the pulumi CLI on PATH and run `pulumi up` again, or take it over by the resource option `import`.";
  await refuseNoted(context, account, inputs, orders, deadline, fact, advice);
  if (!isAutomatic(inputs)) return;
  const prefix = inputs.instanceName.replace(/[0-9a-f]+$/, "");
  const isAlike = ({ instanceName }: Instance): boolean =>
    instanceName.startsWith(prefix) && /^[0-9a-f]{7}$/.test(instanceName.slice(prefix.length));
  const found = await account.instances.until((instances) => instances.filter(isAlike), {
    deadline,
    what: "listing the instances",
    onListError: "fail",
  });
  if (found.length === 0) return;
  context.warn(
    inputs.__urn,
    `there is ${idsOf(found)}, and ${fact}; a new one is ordered. If it is left over, take it over by the resource option \`import\`, or delete it in the console.`,
  );
}

/**
 * Throws where something is there that this machine began to order for the resource, be it for
 * another stack of the same name: it is neither taken over nor ordered again.
 */
export async function refuseNoted(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  noted: readonly UnfinishedOrder[],
  deadline: number,
  fact: string,
  advice: string,
  isHeld: (instance: Instance) => boolean = () => false,
): Promise<void> {
  const here = noted.filter((one) => !isElsewhere(one, account));
  if (here.length === 0) return;
  const names = here.map(nameOf);
  context.reporter(inputs.__urn)(
    `looking for ${names.join(", ")} of an interrupted run, two minutes at most`,
  );
  const found = await lookUpInstances(context, account, names, deadline, isHeld);
  if (found.length === 0) return;
  const listed = found.map(({ instanceName }) => instanceName);
  const notes = here
    .filter((one) => listed.includes(nameOf(one)))
    .map((one) => context.unfinished.placeOf(one.token));
  throw new Error(
    `this machine began an order for ${idsOf(found)}, and ${fact}; nothing was ordered. ${advice} ` +
      `If it is another stack's, delete the note ${notes.join(", ")}.`,
  );
}

/** Whether the name holds random digits. */
export function isAutomatic(inputs: { readonly __defaults?: unknown }): boolean {
  const { __defaults: defaults } = inputs;
  return Array.isArray(defaults) && defaults.includes("instanceName");
}

function nameOf({ inputs }: UnfinishedOrder): string {
  return String(inputs["instanceName"]);
}

function orderOf(inputs: object): Partial<InstanceInputs> {
  const entries = Object.entries(inputs) as [string, unknown][];
  const names: readonly string[] = ORDERED;
  return Object.fromEntries(entries.filter(([name]) => names.includes(name)));
}

function idsOf(instances: readonly Instance[]): string {
  return instances
    .map(({ instanceName, instanceId }) => `${instanceName} (${instanceId})`)
    .join(", ");
}
