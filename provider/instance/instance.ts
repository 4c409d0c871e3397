import type { dynamic } from "@pulumi/pulumi";

import { CdsApiError, CdsConfigError } from "../vendor/errors";
import { deleteInstance, type Instance } from "../vendor/instances";
import type { Account } from "../core/account";
import { defined } from "../core/arguments";
import type { Context } from "../core/context";
import { checkInstance } from "./arguments";
import type { InstanceInputs } from "./inputs";
import { takeFinalBackup, wishedFinalBackup } from "./finalBackup";
import { requireNewToStack, requireSameImport } from "../core/imports";
import { importObstacle } from "./import";
import { obtainInstance } from "./order";
import { changedSpec } from "./spec";
import { stateOf, type InstanceState } from "./state";
import { noteOf } from "./takeOver";
import {
  findInstanceById,
  InstanceLostError,
  InstanceTwinsError,
  READ_TIMEOUT_MS,
  waitInstanceAbsent,
  waitInstanceRunning,
} from "./wait";
import { requireSameOwner } from "../core/owner";
import { PartlyMadeError } from "../core/partlyMade";
import { sendUntilTaken } from "../core/sending";
import { deadlineOf, timeoutsChanged } from "../core/timeouts";
import { WaitTimeoutError } from "../core/waiter";
import { tryingAgain } from "../core/progress";

const CREATE_TIMEOUT_MS = 30 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;
/** Reads of a refresh come one after another: what one list shows serves those of so many milliseconds. */
const SHARED_READ_MS = 2_000;
const FINAL_BACKUP_TIMEOUT_MS = 60 * 60_000;

/** Arguments whose change orders a new instance, beside those of the specification. */
const ORDER_ARGUMENTS = [
  "regionId",
  "vdcId",
  "basePipeId",
  "password",
  "passwordVersion",
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
    // A promise, so that what it throws is a refusal.
    diff: async (id, olds: InstanceState, news: InstanceInputs) =>
      context.unfinished.remind(news.__urn).then(() => {
        // Of a replacement the state of the old instance has the wish before, in a later run, too.
        for (const key of [id, news.__urn ?? id])
          context.finalBackups.set(key, news.finalBackup ?? false);
        return diff(id, olds, news);
      }),
    create: (inputs: InstanceInputs) => create(context, inputs),
    read: (id, props: InstanceState) => read(context, id, props),
    update: (id, olds: InstanceState, news: InstanceInputs) => update(context, id, olds, news),
    delete: (id, props: InstanceState) => remove(context, id, props),
  };
}

function diff(id: string, olds: InstanceState, news: InstanceInputs): dynamic.DiffResult {
  requireSameImport(news, id);
  const automaticName = news.__defaults?.includes("instanceName") === true;
  const wasAutomatic = olds.__defaults?.includes("instanceName") === true;
  const replaces: string[] = [
    ...changedSpec(olds, news),
    ...ORDER_ARGUMENTS.filter((name) => olds[name] !== news[name] && !isUntold(name, olds, news)),
    // A name of our own making is not worth a new instance when somebody renames it.
    ...(olds.instanceName !== news.instanceName && !automaticName ? ["instanceName"] : []),
  ];
  const passwordMoved =
    olds.password !== news.password ||
    JSON.stringify(olds.passwordFrom) !== JSON.stringify(news.passwordFrom) ||
    olds.passwordVersion !== news.passwordVersion;
  const finalBackupChanged = JSON.stringify(olds.finalBackup) !== JSON.stringify(news.finalBackup);
  const updates = timeoutsChanged(olds, news) || passwordMoved || finalBackupChanged;
  return {
    changes: replaces.length > 0 || updates,
    replaces,
    // Two instances of one name could not be told apart.
    deleteBeforeReplace: !automaticName && !wasAutomatic && olds.instanceName === news.instanceName,
  };
}

/** What the state doesn't hold, or holds no longer by the user's wish, is not known to differ. */
function isUntold(
  name: (typeof ORDER_ARGUMENTS)[number],
  olds: InstanceState,
  news: InstanceInputs,
): boolean {
  if (name === "basePipeId") return olds.basePipeId === undefined;
  if (name === "password") return olds.password === undefined || news.password === undefined;
  if (name === "passwordVersion")
    return olds.passwordFrom === undefined || news.password !== undefined;
  return false;
}

async function create(context: Context, given: InstanceInputs): Promise<dynamic.CreateResult> {
  const account = context.account(given.account);
  const inputs = { ...given, __owner: account.owner };
  const deadline = deadlineOf(context.clock, inputs, "create", CREATE_TIMEOUT_MS);
  if (inputs.__import !== undefined) {
    const id = inputs.__import;
    await requireImportable(context, account, inputs, id);
    return { id, outs: await deliver(context, account, id, inputs, deadline) };
  }
  return context.unfinished.during(inputs, noteOf(inputs), account.owner, async () => {
    const obtained = await obtainInstance(context, account, inputs, deadline);
    const { id, ordered, tookOver, isTwin } = obtained;
    try {
      return { id, outs: await deliver(context, account, id, ordered, deadline, isTwin) };
    } finally {
      if (tookOver !== undefined) await context.unfinished.settle(tookOver);
    }
  });
}

/** The instance of the option `import`: compared, and left as it is. */
async function requireImportable(
  context: Context,
  account: Account,
  inputs: InstanceInputs,
  id: string,
): Promise<void> {
  await requireNewToStack(context, account, inputs, id);
  const instance = await findInstanceById(context, account, id);
  const obstacle = importObstacle(account, id, instance, inputs);
  if (obstacle !== undefined) throw new Error(obstacle);
}

/**
 * Waits for RUNNING; whatever stops the wait leaves the instance in state.
 *
 * @param inputs With the account that showed it last.
 * @param isTwin Of one that was ordered just now: whether another one was made by the same order.
 */
async function deliver(
  context: Context,
  account: Account,
  id: string,
  inputs: InstanceState,
  deadline: number,
  isTwin?: (instance: Instance) => boolean,
): Promise<InstanceState> {
  const name = `${inputs.instanceName} (${id})`;
  try {
    const instance = await waitInstanceRunning(context, account, id, inputs, deadline, isTwin);
    return { ...stateOf(inputs, instance), __owner: account.owner };
  } catch (error) {
    // Another account than the one that showed it proves nothing.
    if (error instanceof InstanceLostError) requireSameOwner(inputs.__owner, account.owner, name);
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      error instanceof WaitTimeoutError ? ". Run `pulumi up` again: it goes on waiting" : "";
    const state = error instanceof InstanceTwinsError ? "runs, but" : "but not ready:";
    throw new PartlyMadeError(
      id,
      inputs,
      `${name} is ordered and kept in the stack's state, ${state} ${reason}${advice}`,
    );
  }
}

async function read(
  context: Context,
  id: string,
  props: InstanceState,
): Promise<dynamic.ReadResult> {
  await context.unfinished.remind(props.__urn);
  const account = context.account(props.account);
  const limit = context.clock.now() + READ_TIMEOUT_MS;
  const instance = await findInstanceById(context, account, id, limit, SHARED_READ_MS);
  if (instance === undefined) {
    // Of what a program looks up by `get` no state is given; the engine would take none for an empty one.
    const { instanceName } = props as Partial<InstanceState>;
    if (instanceName === undefined)
      throw new CdsConfigError(
        `get: there is no instance ${id} at ${account.client.endpoint} for this access key.`,
      );
    requireSameOwner(props.__owner, account.owner, `${instanceName} (${id})`);
    return { id: "", props: {} };
  }
  const owner = props.__owner === undefined ? {} : { __owner: account.owner };
  return { id, props: { ...stateOf(props, instance), ...owner } };
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
    __token: olds.__token,
    __settled: olds.__settled,
    __owner: olds.__owner,
  });
  const account = context.account(news.account);
  return { outs: await deliver(context, account, id, kept, deadline) };
}

async function remove(context: Context, id: string, props: InstanceState): Promise<void> {
  const account = context.account(props.account);
  const backupMs = wishedFinalBackup(context, id, props) === false ? 0 : FINAL_BACKUP_TIMEOUT_MS;
  const deadline = deadlineOf(context.clock, props, "delete", DELETE_TIMEOUT_MS + backupMs);
  await context.unfinished.remind(props.__urn);
  const what = `deleting ${props.instanceName} (${id})`;
  if ((await takeFinalBackup(context, account, id, props, deadline)) === "gone") {
    requireSameOwner(props.__owner, account.owner, what);
    return;
  }
  const report = context.reporter(props.__urn);
  report("deleting");
  const outcome = await sendUntilTaken<"taken" | "absent">(context.clock, {
    send: async (timeoutMs) => {
      try {
        await deleteInstance(account.client, id, timeoutMs);
        return "taken";
      } catch (error) {
        if (error instanceof CdsApiError && error.isNotFound) return "absent";
        throw error;
      }
    },
    deadline,
    what,
    harmlessTwice: true,
    alreadyDone: async () => {
      const instance = await findInstanceById(context, account, id, deadline);
      return instance === undefined ? "absent" : undefined;
    },
    onAgain: tryingAgain(report),
  });
  const wasListed = await waitInstanceAbsent(context, account, id, props, deadline);
  if (outcome === "absent" && !wasListed) requireSameOwner(props.__owner, account.owner, what);
}
