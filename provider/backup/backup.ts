import { requireSameOwner } from "../core/account";
import {
  changedArguments,
  checkArguments,
  defined,
  importDifference,
  isImported,
  newToken,
  orderOf,
  type Checked,
} from "../core/arguments";
import { hasUnknown, isUnknown, UNKNOWN } from "../core/engineValues";
import { requireNewToStack, requireSingleImport } from "../core/import";
import type { Difference, Life, Operation } from "../core/operation";
import { saysFinished } from "../core/status";
import { CdsConfigError } from "../vendor/errors";
import { hasId } from "../vendor/ids";
import { BACKUP_ARGUMENTS, hasSameTriggers, type BackupInputs } from "./arguments";
import { byShard, mostEntries, wholeBackup, withoutMark } from "./entries";
import { findBackupEntries, requireNoContradiction } from "./find";
import { deleteEntries, finishBackup } from "./finish";
import { backupOrders, nextToken, obtainBackup } from "./order";
import {
  earlierBackups,
  heldBackupIds,
  partsOf,
  stateOf,
  surplusBackups,
  type BackupState,
} from "./state";
import type { BackupEntry } from "../vendor/types";

const CREATE_TIMEOUT_MS = 60 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;

/** The life of a RedisBackup, as the engine drives it. */
export const backupLife: Life<BackupInputs, BackupState> = {
  check,
  diff,
  create,
  read,
  update,
  delete: remove,
};

/** Checks the arguments against their rules, and marks the backup to be. */
async function check(
  operation: Operation,
  olds: Partial<BackupInputs>,
  given: Partial<BackupInputs>,
): Promise<Checked<BackupInputs>> {
  return checkArguments(BACKUP_ARGUMENTS, given, async (news) => {
    const { __token: before } = olds;
    const { importId } = operation;
    const { instanceId, description, account } = news;
    if (before !== undefined) {
      const isSame = hasSameTriggers(olds, news);
      // An update plan would keep the mark of triggers that are not known yet.
      const next = hasUnknown(news.triggers) ? UNKNOWN : nextToken(before, news.triggers);
      return { ...news, __token: isSame ? before : next };
    }
    if (importId !== undefined && ![instanceId, description, account].some(isUnknown)) {
      const entries = await findImported(operation, news, importId);
      const ids = entries.map(({ backupId }) => `${instanceId ?? ""}/${backupId}`);
      await requireSingleImport(operation, [importId, ...ids]);
      operation.report(`takes over ${importId}, changes nothing`);
    }
    return { ...news, __token: operation.random(newToken) };
  });
}

async function diff(
  operation: Operation,
  _id: string,
  olds: BackupState,
  news: BackupInputs,
): Promise<Difference> {
  await operation.context.orders.warnOnce(operation);
  const replaces = changedArguments(BACKUP_ARGUMENTS, "replace", olds, news);
  if (replaces.length === 0) describeUpdate(operation, olds, news);
  const updates = [
    ...changedArguments(BACKUP_ARGUMENTS, "update", olds, news),
    ...(olds.__isUnfinished === true ? ["status"] : []),
  ];
  return { replaces, updates, deleteBeforeReplace: false };
}

/** Shows on the row of a preview which backups an update takes and deletes: the arguments don't tell. */
function describeUpdate(operation: Operation, olds: BackupState, news: BackupInputs): void {
  const isAnother = !hasSameTriggers(olds, news);
  const earlier = isAnother ? earlierBackups(olds) : (olds.earlier ?? []);
  const surplus = surplusBackups(news, earlier).length;
  const isFirst = isImported(olds) && news.triggers !== undefined;
  const what = [
    ...(isFirst ? ["takes no backup for the first triggers after an import"] : []),
    ...(isAnother ? ["takes another backup"] : []),
    ...(surplus === 0 ? [] : [`deletes ${surplus} earlier`]),
  ];
  if (what.length > 0) operation.report(what.join(", then "));
}

async function create(
  given: Operation,
  inputs: BackupInputs,
): Promise<{ readonly id: string; readonly state: BackupState }> {
  const operation = given.within(CREATE_TIMEOUT_MS);
  const { account, importId: id } = operation;
  const { instanceId, __token: token } = inputs;
  // The vendor works on one backup of an instance at a time.
  return account.inTurn(operation, instanceId, async () => {
    if (id === undefined) return take(operation, inputs);
    await requireNewToStack(operation, token, id);
    const latest = await findImported(operation, inputs, id);
    for (const { backupId } of latest) account.claim(`${instanceId}/${backupId}`);
    return { id, state: await finishBackup(operation, { id, inputs, latest, mayGrow: false }) };
  });
}

/** Takes one backup, or takes it over from an interrupted run. */
async function take(
  operation: Operation,
  inputs: BackupInputs,
  before?: { readonly id: string; readonly olds: BackupState },
): Promise<{ readonly id: string; readonly state: BackupState }> {
  const { context, account } = operation;
  const { id: knownId, olds = {} } = before ?? {};
  const order = { token: inputs.__token, inputs: orderOf(BACKUP_ARGUMENTS, inputs) };
  return context.orders.settling(operation, order, backupOrders(account, inputs), async (left) => {
    const held = knownId === undefined ? new Set<string>() : heldBackupIds(olds, knownId);
    const { latest, token, unrecorded } = await obtainBackup(operation, inputs, left, held);
    const id = knownId ?? `${inputs.instanceId}/${latest[0]?.backupId ?? ""}`;
    const marked = { ...inputs, __token: token, ...left.settled };
    const earlier = earlierBackups(olds, unrecorded);
    const work = { id, inputs: marked, latest, earlier, mayGrow: true };
    return { id, state: await finishBackup(operation, work) };
  });
}

async function read(
  operation: Operation,
  id: string,
  state: BackupState,
): Promise<BackupState | undefined> {
  const { account, context } = operation;
  await context.orders.warnOnce(operation);
  const [instanceId, first] = partsOf(id);
  if (instanceId === "" || first === "")
    throw new CdsConfigError(
      `${JSON.stringify(id)} is no id of a backup: give <instanceId>/<BackupId>.`,
    );
  const ids = heldBackupIds(state, id);
  // Of a backup that was made elsewhere only one entry is known by its id.
  const isOurs = (entries: readonly BackupEntry[]): readonly BackupEntry[] =>
    state.entries === undefined
      ? wholeBackup(entries, first)
      : entries.filter((entry) => hasId(ids, entry.backupId));
  const found = await findBackupEntries(operation, instanceId, isOurs, ids.size);
  const { __owner: owner } = state;
  if (found.length > 0) {
    const told = state.entries === undefined ? toldOf(found) : {};
    // A backup of which entries are gone will never be whole.
    const ended = warnOfLost(operation, id, ids, found) ? { __isUnfinished: undefined } : {};
    const current = stateOf({ ...told, ...state, ...ended, instanceId }, found);
    // States of release 0.1.0 may name no account; what was made elsewhere is this account's.
    const isOfNobody = owner === undefined && state.entries !== undefined;
    return isOfNobody ? current : { ...current, __owner: account.owner };
  }
  // What a program looks up by `get` has no state; the engine would take an empty answer for a backup.
  if ((state as Partial<BackupState>).instanceId === undefined)
    throw new CdsConfigError(
      `there is no backup ${id} at ${account.client.endpoint} for this access key.`,
    );
  requireSameOwner(owner, account.owner, `the backup ${id}`);
  operation.warn(
    `the backup ${id} is gone: the vendor does not list it. It leaves the stack's state, and the next \`pulumi up\` takes another.`,
  );
  return undefined;
}

/** Warns of entries of the state that are gone. Returns whether there are any. */
function warnOfLost(
  operation: Operation,
  id: string,
  ids: ReadonlySet<string>,
  found: readonly BackupEntry[],
): boolean {
  const listed = found.map(({ backupId }) => backupId);
  const lost = [...ids].filter((held) => !hasId(listed, held));
  if (lost.length > 0)
    operation.warn(
      `the backup ${id} has lost ${lost.join(", ")}: the vendor does not list them any more. They leave the stack's state. What is left may not be a whole backup: change a trigger to take another.`,
    );
  return lost.length > 0;
}

/** What the vendor tells of the arguments. */
function toldOf([entry]: readonly BackupEntry[]): Pick<BackupInputs, "description"> {
  const description = withoutMark(entry?.description ?? "");
  return description === "" ? {} : { description };
}

/** Takes another backup where a trigger changed; else goes on with what is under way. */
async function update(
  given: Operation,
  id: string,
  olds: BackupState,
  news: BackupInputs,
): Promise<BackupState> {
  const operation = given.within(CREATE_TIMEOUT_MS);
  return operation.account.inTurn(operation, news.instanceId, async () => {
    if (!hasSameTriggers(olds, news)) return (await take(operation, news, { id, olds })).state;
    const { entries: latest = [], status, earlier, __owner: owner, __token, __settled } = olds;
    const inputs = { ...news, ...defined({ __token, __settled }) };
    const mayGrow = olds.__isUnfinished === true || !saysFinished(status);
    return finishBackup(operation, { id, inputs, latest, earlier, owner, mayGrow });
  });
}

async function remove(given: Operation, id: string, state: BackupState): Promise<void> {
  const operation = given.within(DELETE_TIMEOUT_MS);
  await operation.context.orders.warnOnce(operation);
  operation.report("deleting");
  const wasThere = await deleteEntries(operation, state.instanceId, heldBackupIds(state, id));
  if (wasThere) return;
  requireSameOwner(state.__owner, operation.account.owner, `the backup ${id}`);
  await requireNoContradiction(operation, state.instanceId);
}

/** The entries of the backup to import. Throws where there is none, or where it differs from the arguments. */
async function findImported(
  operation: Operation,
  inputs: Partial<BackupInputs>,
  id: string,
): Promise<readonly BackupEntry[]> {
  const [instanceId, backupId] = partsOf(id);
  if (instanceId === "" || backupId === "")
    throw new CdsConfigError(
      `import: ${JSON.stringify(id)} is no id of a backup: give <instanceId>/<BackupId>.`,
    );
  const { description = "" } = inputs;
  const other = importDifference(id, { instanceId }, inputs);
  if (other !== undefined) throw new CdsConfigError(other);
  let most = 0;
  const found = await findBackupEntries(operation, instanceId, (entries) => {
    most = mostEntries(entries);
    return wholeBackup(entries, backupId);
  });
  const [first] = found;
  if (first === undefined)
    throw new CdsConfigError(
      `import: there is no backup ${backupId} of ${instanceId} at ${operation.account.client.endpoint} for this access key.`,
    );
  if (found.length < most)
    throw new CdsConfigError(
      `import: ${id} has ${found.length} of the ${most} entries (one for each shard) that other backups of the instance have: it is not whole, so it is not taken over.`,
    );
  const live = withoutMark(first.description);
  if (live !== description)
    throw new CdsConfigError(
      `import: ${id} differs from the arguments: description is ${JSON.stringify(live)}, the program says ${JSON.stringify(description)}. ` +
        "Nothing was changed: make the arguments equal to take it over.",
    );
  return byShard(found);
}
