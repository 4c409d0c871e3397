import type { dynamic } from "@pulumi/pulumi";

import { architectureWord, sameVersion } from "../../sdk/names";
import { CdsApiError, CdsError } from "../client/errors";
import { createInstance, deleteInstance, type Instance } from "../client/instances";
import type { Account } from "./account";
import { defined } from "./arguments";
import type { Context } from "./context";
import { checkInstance, type InstanceInputs } from "./instanceArguments";
import { changedSpec, type Spec } from "./instanceSpec";
import {
  findInstanceById,
  findInstancesByName,
  waitInstanceAbsent,
  waitInstanceListed,
  waitInstanceRunning,
} from "./instanceWait";
import { PartlyMadeError } from "./partlyMade";
import { deadlineOf, timeoutsChanged } from "./timeouts";

const CREATE_TIMEOUT_MS = 30 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;

/** What is kept of the instance: the arguments, and what the vendor tells. */
interface InstanceState extends Omit<InstanceInputs, "password" | "basePipeId"> {
  /** Not told by the vendor, so unknown of an instance that was made elsewhere. */
  readonly password?: string;
  readonly basePipeId?: string;
  readonly status?: string;
  readonly ip?: string;
  readonly connectionString?: string;
  readonly createdTime?: string;
  readonly vdcName?: string;
  readonly resourceId?: string;
  /** What was ordered, and how the vendor told it when it was delivered. */
  readonly __delivered?: { readonly ordered: Ordered; readonly told: Told };
}

type Ordered = Partial<Told> & Spec;

/** Arguments whose change orders a new instance, beside those of the specification. */
const ORDER_ARGUMENTS = [
  "regionId",
  "vdcId",
  "basePipeId",
  "password",
  "port",
  "testGroupId",
  "subjectId",
  "account",
] as const;

/** The life of a RedisInstance, as the engine drives it. */
export function instanceProvider(context: Context): dynamic.ResourceProvider {
  return {
    configure: ({ config }) => {
      context.configure((key) => config.get(key));
      return Promise.resolve();
    },
    check: (olds: Partial<InstanceInputs>, news: Partial<InstanceInputs>) =>
      checkInstance(context, olds, news),
    diff: (_id, olds: InstanceState, news: InstanceInputs) => Promise.resolve(diff(olds, news)),
    create: (inputs: InstanceInputs) => create(context, inputs),
    read: (id, props: InstanceState) => read(context, id, props),
    update: (id, olds: InstanceState, news: InstanceInputs) => update(context, id, olds, news),
    delete: (id, props: InstanceState) => remove(context, id, props),
  };
}

function diff(olds: InstanceState, news: InstanceInputs): dynamic.DiffResult {
  const automaticName = news.__defaults?.includes("instanceName") === true;
  const wasAutomatic = olds.__defaults?.includes("instanceName") === true;
  const replaces: string[] = [
    ...changedSpec(olds, news),
    ...ORDER_ARGUMENTS.filter((name) => olds[name] !== news[name] && !isUntold(name, olds)),
    // A name of our own making is not worth a new instance when somebody renames it.
    ...(olds.instanceName !== news.instanceName && !automaticName ? ["instanceName"] : []),
  ];
  return {
    changes: replaces.length > 0 || timeoutsChanged(olds, news),
    replaces,
    // Two instances of one name could not be told apart.
    deleteBeforeReplace: !automaticName && !wasAutomatic && olds.instanceName === news.instanceName,
  };
}

/** What the vendor doesn't tell of an instance made elsewhere is not known to differ. */
function isUntold(name: (typeof ORDER_ARGUMENTS)[number], olds: InstanceState): boolean {
  return (name === "password" || name === "basePipeId") && olds[name] === undefined;
}

async function create(context: Context, inputs: InstanceInputs): Promise<dynamic.CreateResult> {
  const account = context.account(inputs.account);
  const deadline = deadlineOf(context.clock, inputs, "create", CREATE_TIMEOUT_MS);
  // Two of one name, looked for and ordered side by side, would both find it free.
  const id = await account.inTurn(`name ${inputs.instanceName}`, async () => {
    await refuseTakenName(account, inputs.instanceName, deadline);
    context.reporter(inputs.__urn)("ordering");
    return order(context, account, inputs, deadline);
  });
  return { id, outs: await deliver(context, account, id, inputs, deadline) };
}

/** A name that is in use can't tell our instance from the other one. */
async function refuseTakenName(account: Account, name: string, deadline: number): Promise<void> {
  const [taken] = await findInstancesByName(account, name, deadline);
  if (taken === undefined) return;
  throw new Error(
    `an instance named ${name} exists already (${taken.instanceId}, ${taken.status}); nothing was ordered. ` +
      "Give another instanceName, or leave it out for a name of its own.",
  );
}

/** Orders once and gives the id. More than one instance for it: one is kept, all are named. */
async function order(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
): Promise<string> {
  const [id = "", ...others] = await orderedIds(context, account, inputs, deadline);
  if (others.length === 0) return id;
  throw new PartlyMadeError(
    id,
    inputs,
    `the vendor has ${others.length + 1} instances for the one order ${inputs.instanceName}. ` +
      `${id} is kept in the stack's state; look in the console at ${others.join(", ")}, and delete what is not yours.`,
  );
}

/** The ids of what was ordered, looked up by name where the answer has none. */
async function orderedIds(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  deadline: number,
): Promise<readonly string[]> {
  let doubt: CdsError | undefined;
  try {
    const ids = await createInstance(account.client, {
      ...inputs,
      paasGoodsId: inputs.paasGoodsId ?? 0,
    });
    if (ids.length > 0) return ids;
  } catch (error) {
    // Whether it was ordered can't be told: sending it again could order two.
    if (!(error instanceof CdsError) || !error.ambiguous) throw error;
    doubt = error;
  }
  context.reporter(inputs.__urn)("looking for the ordered instance by its name");
  return waitInstanceListed(context, account, inputs.instanceName, deadline, doubt);
}

/** Waits for RUNNING; whatever stops the wait leaves the instance in state. */
async function deliver(
  context: Context,
  account: Account,
  id: string,
  inputs: InstanceState,
  deadline: number,
): Promise<InstanceState> {
  try {
    const instance = await waitInstanceRunning(context, account, id, inputs, deadline);
    return stateOf(inputs, instance);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PartlyMadeError(
      id,
      inputs,
      `${inputs.instanceName} (${id}) is ordered and kept in the stack's state, but not ready: ${reason}`,
    );
  }
}

async function read(
  context: Context,
  id: string,
  props: InstanceState,
): Promise<dynamic.ReadResult> {
  const instance = await findInstanceById(context, context.account(props.account), id);
  return instance === undefined ? { id: "", props: {} } : { id, props: stateOf(props, instance) };
}

async function update(
  context: Context,
  id: string,
  olds: InstanceState,
  news: InstanceInputs,
): Promise<dynamic.UpdateResult> {
  const deadline = deadlineOf(context.clock, news, "update", CREATE_TIMEOUT_MS);
  // Arguments that were not sent again stay as they were sent.
  const kept = defined({
    ...news,
    instanceName: olds.instanceName,
    __delivered: olds.__delivered,
  });
  return { outs: await deliver(context, context.account(news.account), id, kept, deadline) };
}

async function remove(context: Context, id: string, props: InstanceState): Promise<void> {
  const account = context.account(props.account);
  const deadline = deadlineOf(context.clock, props, "delete", DELETE_TIMEOUT_MS);
  context.reporter(props.__urn)("deleting");
  try {
    await deleteInstance(account.client, id);
  } catch (error) {
    if (!(error instanceof CdsApiError) || !error.isNotFound) throw error;
  }
  await waitInstanceAbsent(context, account, id, props, deadline);
}

/**
 * What is kept of the instance. As long as the vendor tells the same as at delivery, the arguments
 * stand as they were ordered, in whatever way the vendor counts; what it tells otherwise is drift.
 */
function stateOf(inputs: InstanceState, instance: Instance): InstanceState {
  const told = toldOf(instance);
  const delivered = inputs.__delivered ?? { told, ordered: orderedOf(inputs) };
  const drift = driftOf(delivered.told, told);
  const { paasGoodsId, computeRole, ...rest } = { ...told, ...inputs, ...delivered.ordered };
  // No answer tells these two; they hold as long as the rest of the specification does.
  const specDrifted = "version" in drift || "architecture" in drift || "ramGb" in drift;
  return defined({
    ...rest,
    ...(specDrifted ? {} : { paasGoodsId, computeRole }),
    ...drift,
    __delivered: delivered,
    status: instance.status,
    ip: instance.ip,
    connectionString: connectionString(inputs.password, instance),
    createdTime: instance.createdTime,
    vdcName: instance.vdcName,
    resourceId: instance.resourceId,
  });
}

/** The arguments that the vendor tells back. */
interface Told {
  readonly regionId: string;
  readonly vdcId: string;
  readonly instanceName: string;
  readonly version: string;
  readonly architecture: string;
  readonly ramGb: number;
  readonly port: number;
}

function toldOf({ regionId, vdcId, instanceName, version, ...instance }: Instance): Told {
  const architecture = architectureWord(instance.subProductName);
  const { ramGb, port } = instance;
  return { regionId, vdcId, instanceName, version, architecture, ramGb, port };
}

/** What is told otherwise now; a patch of the same version is the vendor's own maintenance. */
function driftOf(before: Told, now: Told): Partial<Told> {
  const changed = Object.entries(now).filter(
    ([name, value]) => value !== "" && value !== 0 && value !== before[name as keyof Told],
  );
  const { version, ...drift } = Object.fromEntries(changed) as Partial<Told>;
  return version === undefined || sameVersion(version, before.version)
    ? drift
    : { ...drift, version };
}

function orderedOf(inputs: InstanceState): Ordered {
  const { regionId, vdcId, instanceName, port } = inputs;
  const { version, architecture, ramGb, paasGoodsId, computeRole } = inputs;
  const spec = { version, architecture, ramGb, paasGoodsId, computeRole };
  return defined({ regionId, vdcId, instanceName, port, ...spec });
}

function connectionString(
  password: string | undefined,
  { ip, port }: Instance,
): string | undefined {
  if (password === undefined || ip === "" || port === 0) return undefined;
  return `redis://:${encodeURIComponent(password)}@${ip}:${port}`;
}
