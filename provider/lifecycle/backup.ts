import type { dynamic } from "@pulumi/pulumi";

import { deleteBackup, type BackupEntry } from "../client/backups";
import { CdsApiError, CdsConfigError } from "../client/errors";
import type { Account } from "./account";
import { defined } from "./arguments";
import { checkBackup, type BackupInputs } from "./backupArguments";
import { importedBackup, partsOf } from "./backupImport";
import { obtainBackup, type Started } from "./backupStart";
import { summaryOf, wholeBackup, type BackupSummary } from "./backupSummary";
import { findBackupEntries, listBackups, waitBackupAbsent, waitBackupFinished } from "./backupWait";
import type { Context } from "./context";
import { requireSameImport } from "./recovery/imports";
import { requireSameOwner, type Owner } from "./recovery/owner";
import { PartlyMadeError } from "./partlyMade";
import type { SettledOrders } from "./recovery/unfinished";
import { sendUntilTaken } from "./sending";
import { deadlineOf, timeoutsChanged } from "./timeouts";
import { WaitTimeoutError } from "./waiter";

const CREATE_TIMEOUT_MS = 60 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;

interface BackupState extends BackupInputs, Partial<BackupSummary>, SettledOrders {
  readonly __owner?: Owner;
}

/** The life of a RedisBackup, as the engine drives it. */
export function backupProvider(context: Context): dynamic.ResourceProvider {
  return {
    configure: ({ config }) => {
      context.configure((key) => config.get(key));
      return Promise.resolve();
    },
    check: (olds: Partial<BackupInputs>, news: Partial<BackupInputs>) =>
      checkBackup(context, olds, news),
    diff: async (id, olds: BackupState, news: BackupInputs) =>
      context.unfinished.remind(news.__urn).then(() => diff(id, olds, news)),
    create: (inputs: BackupInputs) => create(context, inputs),
    read: (id, props: Partial<BackupState>) => read(context, id, props),
    update: (id, olds: BackupState, news: BackupInputs) => update(context, id, olds, news),
    delete: (id, props: BackupState) => remove(context, id, props),
  };
}

function diff(id: string, olds: BackupState, news: BackupInputs): dynamic.DiffResult {
  requireSameImport(news, id);
  const replaces = (["instanceId", "description", "triggers", "account"] as const).filter(
    (name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]),
  );
  return { changes: replaces.length > 0 || timeoutsChanged(olds, news), replaces: [...replaces] };
}

async function create(context: Context, inputs: BackupInputs): Promise<dynamic.CreateResult> {
  const account = context.account(inputs.account);
  const deadline = deadlineOf(context.clock, inputs, "create", CREATE_TIMEOUT_MS);
  const { instanceId, __import } = inputs;
  // The vendor works on one backup of an instance at a time.
  return account.inTurn(instanceId, async () => {
    if (__import !== undefined) {
      const started = await importedBackup(context, account, inputs, __import);
      const outs = await finish(context, account, __import, inputs, started, deadline);
      return { id: __import, outs };
    }
    return context.unfinished.during(inputs, { instanceId }, async () => {
      const started = await obtainBackup(context, account, inputs, deadline);
      const id = `${instanceId}/${started.entries[0]?.backupId ?? ""}`;
      try {
        return { id, outs: await finish(context, account, id, inputs, started, deadline) };
      } finally {
        await context.unfinished.settle(started.token);
      }
    });
  });
}

/** Waits until every entry is finished; whatever stops the wait leaves the backup in state. */
async function finish(
  context: Context,
  account: Account,
  id: string,
  inputs: BackupInputs,
  { entries: listed, token, settled }: Started,
  deadline: number,
): Promise<BackupState> {
  const marked = { ...inputs, __token: token, ...settled };
  const known = new Set(listed.map((entry) => entry.backupId));
  const owned = { ...marked, __owner: account.owner };
  let last = listed;
  try {
    last = await waitBackupFinished(context, account, marked, known, deadline, (entries) => {
      // A list that lacks an entry for a while doesn't unmake it.
      const ids = new Set(entries.map((entry) => entry.backupId));
      last = [...last.filter((entry) => !ids.has(entry.backupId)), ...entries];
    });
    return stateOf(owned, last);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      error instanceof WaitTimeoutError ? ". Run `pulumi up` again: it goes on waiting" : "";
    throw new PartlyMadeError(
      id,
      stateOf(owned, last),
      `the backup ${id} is started and kept in the stack's state, but not finished: ${reason}${advice}`,
    );
  }
}

async function read(
  context: Context,
  id: string,
  props: Partial<BackupState>,
): Promise<dynamic.ReadResult> {
  await context.unfinished.remind(props.__urn);
  const account = context.account(props.account);
  const [instanceId, first] = partsOf(id);
  const ids = entryIds(props, id);
  const found = await findBackupEntries(
    context,
    account,
    instanceId,
    (entries) =>
      // Of a backup that was made elsewhere only one entry is known by its id.
      props.entries === undefined
        ? wholeBackup(entries, first)
        : entries.filter((entry) => ids.has(entry.backupId)),
    ids.size,
  );
  if (found.length === 0) {
    // Of what a program looks up by `get` no state is given; the engine would take none for an empty one.
    if (props.instanceId === undefined)
      throw new CdsConfigError(
        `get: there is no backup ${id} at ${account.client.endpoint} for this access key.`,
      );
    requireSameOwner(props.__owner, account, `the backup ${id}`);
    return { id: "", props: {} };
  }
  const owner = props.__owner === undefined ? {} : { __owner: account.owner };
  return { id, props: { ...stateOf({ ...props, instanceId }, found), ...owner } };
}

async function update(
  context: Context,
  id: string,
  olds: BackupState,
  news: BackupInputs,
): Promise<dynamic.UpdateResult> {
  const deadline = deadlineOf(context.clock, news, "update", CREATE_TIMEOUT_MS);
  const ids = entryIds(olds, id);
  const account = context.account(news.account);
  const entries = await listBackups(account, news.instanceId, deadline);
  const started = {
    entries: entries.filter((entry) => ids.has(entry.backupId)),
    token: olds.__token,
    settled: olds.__settled === undefined ? {} : { __settled: olds.__settled },
  };
  return { outs: await finish(context, account, id, news, started, deadline) };
}

async function remove(context: Context, id: string, props: BackupState): Promise<void> {
  const account = context.account(props.account);
  const deadline = deadlineOf(context.clock, props, "delete", DELETE_TIMEOUT_MS);
  await context.unfinished.remind(props.__urn);
  const { instanceId } = props;
  const report = context.reporter(props.__urn);
  report("deleting");
  const ids = entryIds(props, id);
  const outcomes: ("taken" | "absent")[] = [];
  for (const backupId of ids) {
    const outcome = await sendUntilTaken<"taken" | "absent">(context.clock, {
      send: async (timeoutMs) => {
        try {
          await deleteBackup(account.client, instanceId, backupId, timeoutMs);
          return "taken";
        } catch (error) {
          if (error instanceof CdsApiError && error.isNotFound) return "absent";
          throw error;
        }
      },
      deadline,
      what: `deleting the backup ${backupId}`,
      harmlessTwice: true,
      alreadyDone: async () => {
        const entries = await listBackups(account, instanceId, deadline);
        return entries.some((entry) => entry.backupId === backupId) ? undefined : "absent";
      },
      onAgain: (error) => {
        report(`trying again: ${error.message}`);
      },
    });
    outcomes.push(outcome);
  }
  const wasListed = await waitBackupAbsent(context, account, instanceId, ids, deadline);
  if (!outcomes.includes("taken") && !wasListed)
    requireSameOwner(props.__owner, account, `the backup ${id}`);
}

/** The ids in state; the resource's own id has the first of them. */
function entryIds(props: Partial<BackupState>, id: string): ReadonlySet<string> {
  return new Set([partsOf(id)[1], ...(props.entries ?? []).map((entry) => entry.backupId)]);
}

function stateOf<T extends Partial<BackupState>>(inputs: T, found: readonly BackupEntry[]): T {
  // How the state was come by is no part of it.
  return defined({ ...inputs, __import: undefined, ...summaryOf(found) }) as unknown as T;
}
