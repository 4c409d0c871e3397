import { requireSameOwner } from "../core/account";
import {
  changedArguments,
  checkArguments,
  defined,
  importDifference,
  newToken,
  type ArgumentTable,
  type Checked,
} from "../core/arguments";
import { isUnknown } from "../core/engineValues";
import { requireNewToStack, requireSingleImport } from "../core/import";
import type { Settings } from "../core/configuration";
import type { RandomHex } from "../core/context";
import type { Difference, Life, Operation } from "../core/operation";
import { deleteAll } from "../core/send";
import { isRunning, saysFailure } from "../core/status";
import type { Offer } from "../../sdk/offers";
import { oneLineText, withoutControls } from "../vendor/displayText";
import { CdsConfigError } from "../vendor/errors";
import { deleteInstance } from "../vendor/actions/instances";
import {
  checkPassword,
  DEFAULT_PORT,
  INSTANCE_ARGUMENTS,
  isAutomaticName,
  MAX_NAME,
  regionRule,
  type InstanceInputs,
} from "./arguments";
import { deliver, warnMisdelivery, warnStatus } from "./deliver";
import { finalBackupSetting, rememberFinalBackup, takeFinalBackup } from "./finalBackup";
import { noteDeletion, requireFreeName } from "./name";
import { requireNetwork } from "./network";
import { InstanceOrder, instanceOrders } from "./order";
import { warnReplacement } from "./replacement";
import { resolveSpec } from "./spec";
import { nameAndId, orderNote, stateOf, vendorFacts, type InstanceState } from "./state";
import type { Instance } from "../vendor/types";

const CREATE_TIMEOUT_MS = 30 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;
const FINAL_BACKUP_TIMEOUT_MS = 60 * 60_000;
/** Reads of a refresh come one after another: what one list shows serves those of so many milliseconds. */
const SHARED_READ_MS = 2_000;
const RANDOM_SUFFIX = 7;
const TWIN_FAILS = { onTwin: "fail" } as const;

/** The life of a RedisInstance, as the engine drives it. */
export const instanceLife: Life<InstanceInputs, InstanceState> = {
  check,
  diff,
  create,
  read,
  update,
  delete: remove,
};

/**
 * Checks the arguments against their rules and the live catalogue, and fills in what was left out.
 * What is not known at preview is checked when it is.
 */
async function check(
  operation: Operation,
  olds: Partial<InstanceInputs>,
  given: Partial<InstanceInputs>,
): Promise<Checked<InstanceInputs>> {
  const { account: accountName } = given;
  // `pulumi up --replace` asks for no diff.
  rememberFinalBackup(operation, given.finalBackup);
  // A default is as unknown as the account that it is of.
  const settings = isUnknown(accountName) ? undefined : operation.context.settings(accountName);
  const defaultRegion = settings === undefined ? accountName : settings.read("regionId");
  const regionId = given.regionId ?? defaultRegion;
  const located = defined({ ...given, regionId }) as Partial<InstanceInputs>;
  const table = regionId === undefined ? withRegionSetting(settings) : INSTANCE_ARGUMENTS;
  return checkArguments(table, located, async (news) => {
    const isNew = olds.instanceName === undefined;
    checkPassword(operation, olds, news);
    const importId = isNew ? operation.importId : undefined;
    const resolving = resolveSpec(() => operation.account, olds, news);
    const spec = await operation
      .unlessCancelled(resolving)
      .catch((error: unknown): Partial<Offer> => {
        // An instance outlives the sale of its size.
        if (importId !== undefined && error instanceof CdsConfigError) return {};
        throw error;
      });
    const specified = { ...news, ...spec };
    let live: Instance | undefined;
    if (importId !== undefined) {
      await requireSingleImport(operation, [importId]);
      if (!isUnknown(accountName)) live = await requireImportable(operation, importId, specified);
    } else if (!isUnknown(accountName)) {
      await requireNetwork(operation, olds, news);
      await requireFreeName(operation, olds, news);
    }
    if (live !== undefined) operation.report(`takes over ${nameAndId(live)}, ${effectOf(live)}`);
    return { ...specified, ...filledIn(operation, olds, news, live) };
  });
}

/** What an import will do, for the row of a preview. */
function effectOf({ status }: Instance): string {
  if (isRunning(status)) return "changes nothing";
  return `changes nothing, but waits: its status is ${oneLineText(status)}`;
}

/** The table whose rule for a missing region names where a default is read. */
function withRegionSetting(settings: Settings | undefined): ArgumentTable {
  const rule = regionRule(settings?.namesOf("regionId"));
  return { ...INSTANCE_ARGUMENTS, regionId: { ...INSTANCE_ARGUMENTS.regionId, rule } };
}

/** What the program leaves out: from the instance to import, else as it was chosen before, else anew. */
function filledIn(
  operation: Operation,
  olds: Partial<InstanceInputs>,
  news: Partial<InstanceInputs>,
  live: Partial<Instance> = {},
): Partial<InstanceInputs> {
  const wasLeftOut = (name: string): boolean => olds.__defaults?.includes(name) === true;
  const told = live.port === 0 ? undefined : live.port;
  const port = told ?? (wasLeftOut("port") ? olds.port : undefined);
  const name = live.instanceName ?? (wasLeftOut("instanceName") ? olds.instanceName : undefined);
  const { resourceName = "redis" } = operation;
  const start = withoutControls(resourceName).slice(0, MAX_NAME - RANDOM_SUFFIX - 1);
  // A cut may leave half a character.
  const prefix = withoutControls(start).trim();
  const defaults = [
    ...(news.instanceName === undefined ? ["instanceName"] : []),
    ...(news.port === undefined && port !== undefined ? ["port"] : []),
  ];
  const automaticName = (randomHex: RandomHex): string => `${prefix}-${randomHex(RANDOM_SUFFIX)}`;
  return defined({
    instanceName: news.instanceName ?? name ?? operation.random(automaticName),
    port: news.port ?? port ?? DEFAULT_PORT,
    __token: olds.__token ?? operation.random(newToken),
    __defaults: defaults.length === 0 ? undefined : defaults,
  });
}

async function diff(
  operation: Operation,
  id: string,
  olds: InstanceState,
  news: InstanceInputs,
): Promise<Difference> {
  await operation.context.orders.warnOnce(operation);
  rememberFinalBackup(operation, news.finalBackup, id);
  // The update below goes on waiting.
  if (!isUndelivered(olds))
    warnStatus(operation, nameAndId({ ...olds, instanceId: id }), olds.status);
  const passwordMoved =
    olds.password !== news.password || olds.passwordVersion !== news.passwordVersion;
  const hasOwnName = !isAutomaticName(news) && !isAutomaticName(olds);
  const replaces = changedArguments(INSTANCE_ARGUMENTS, "replace", olds, news);
  if (replaces.length > 0) await warnReplacement(operation, { id, olds, news, replaces });
  return {
    replaces,
    updates: [
      ...changedArguments(INSTANCE_ARGUMENTS, "update", olds, news),
      ...(passwordMoved ? ["password"] : []),
      // A refresh forgets that an update has to go on waiting.
      ...(isUndelivered(olds) ? ["status"] : []),
    ],
    // Two instances of one name could not be told apart.
    deleteBeforeReplace: hasOwnName && olds.instanceName === news.instanceName,
  };
}

/** Whether it was on its way when the vendor told it last. */
export function isUndelivered({
  status = "",
  ip = "",
}: Pick<InstanceState, "status" | "ip">): boolean {
  return status !== "" && ip === "" && !isRunning(status) && !saysFailure(status);
}

async function create(
  given: Operation,
  inputs: InstanceInputs,
): Promise<{ readonly id: string; readonly state: InstanceState }> {
  const operation = given.within(CREATE_TIMEOUT_MS);
  const { account, context, importId: id } = operation;
  if (id !== undefined) {
    await requireNewToStack(operation, inputs.__token, id);
    const instance = await requireImportable(operation, id, inputs);
    return { id, state: await deliver(operation, id, stateOf(inputs, instance), TWIN_FAILS) };
  }
  const order = { token: inputs.__token, inputs: orderNote(inputs) };
  return context.orders.settling(operation, order, instanceOrders(account), async (left) => {
    const { id: obtained, ordered } = await new InstanceOrder(operation, inputs, left).obtain();
    return { id: obtained, state: await deliver(operation, obtained, ordered, TWIN_FAILS) };
  });
}

/** The instance to import. Throws where there is none, or where it differs from the arguments. */
async function requireImportable(
  operation: Operation,
  id: string,
  inputs: Partial<InstanceInputs>,
): Promise<Instance> {
  const instance = await operation.account.findInstance(operation, id);
  if (instance === undefined)
    throw new CdsConfigError(
      `import: there is no instance ${id} at ${operation.account.client.endpoint} for this access key.`,
    );
  const difference = importDifference(nameAndId(instance), vendorFacts(instance), inputs);
  if (difference !== undefined) throw new CdsConfigError(difference);
  return instance;
}

async function read(
  operation: Operation,
  id: string,
  state: InstanceState,
): Promise<InstanceState | undefined> {
  const { account, context } = operation;
  await context.orders.warnOnce(operation);
  const instance = await account.findInstance(operation, id, SHARED_READ_MS);
  // What a program looks up by `get` has no state.
  const { instanceName } = state as Partial<InstanceState>;
  if (instance === undefined) {
    // The engine would take an empty answer for an instance with nothing in it.
    if (instanceName === undefined)
      throw new CdsConfigError(
        `there is no instance ${id} at ${account.client.endpoint} for this access key.`,
      );
    const name = nameAndId({ instanceName, instanceId: id });
    requireSameOwner(state.__owner, account.owner, name);
    if (state.status === undefined) {
      operation.warn(
        `${name} is ordered, and no list has shown it yet. It stays in the state: run \`pulumi up\`, which goes on waiting.`,
      );
      return state;
    }
    operation.warn(
      `${name} is gone: the vendor does not list it and does not know its id. It leaves the stack's state, and the next \`pulumi up\` orders another.`,
    );
    return undefined;
  }
  // States of release 0.1.0 may name no account; what was made elsewhere is this account's.
  const isOfNobody = state.__owner === undefined && instanceName !== undefined;
  const owner = isOfNobody ? {} : { __owner: account.owner };
  const current = { ...stateOf(state, instance), ...owner };
  if (instanceName !== undefined) {
    warnMisdelivery(operation, nameAndId(instance), current);
    warnStatus(operation, nameAndId(instance), instance.status);
  }
  return current;
}

/** Goes on waiting for what was ordered. Arguments that the vendor tells stay as they were delivered. */
async function update(
  given: Operation,
  id: string,
  olds: InstanceState,
  news: InstanceInputs,
): Promise<InstanceState> {
  const operation = given.within(CREATE_TIMEOUT_MS);
  const { instanceName, status, __delivered, __token, __settled, __owner } = olds;
  const { ip, connectionString, createdTime, vdcName, resourceId } = olds;
  const kept = {
    ...{ instanceName, status, ip, connectionString, createdTime, vdcName, resourceId },
    ...{ __delivered, __token, __settled, __owner },
  };
  const ordered = { ...news, ...defined(kept) } as InstanceState;
  return deliver(operation, id, ordered, { onTwin: "warn", token: news.__token });
}

async function remove(given: Operation, id: string, state: InstanceState): Promise<void> {
  const isSaved = finalBackupSetting(given, id, state) !== false;
  const operation = given.within(DELETE_TIMEOUT_MS + (isSaved ? FINAL_BACKUP_TIMEOUT_MS : 0));
  const { account, context } = operation;
  await context.orders.warnOnce(operation);
  const name = nameAndId({ ...state, instanceId: id });
  if ((await takeFinalBackup(operation, id, state)) === "gone") {
    requireSameOwner(state.__owner, account.owner, name);
    return;
  }
  operation.report("deleting");
  noteDeletion(operation, id);
  const { wasTaken, wasListed } = await deleteAll(operation, {
    what: name,
    kind: "deletion",
    ids: new Set([id]),
    loop: account.instances,
    idOf: ({ instanceId }) => instanceId,
    send: (spelt, timeoutMs) => deleteInstance(account.client, spelt, timeoutMs),
  });
  if (wasTaken) return;
  // The vendor took no delete: its lists and a query by the id must agree that there is nothing to delete.
  if (!wasListed) requireSameOwner(state.__owner, account.owner, name);
  if ((await account.queryInstance(operation, id)) !== undefined)
    throw new CdsConfigError(
      `deleting ${name}: the vendor answers that there is no such instance, but knows its id. Nothing was deleted: run the command again.`,
    );
}
