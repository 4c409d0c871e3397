import type { dynamic } from "@pulumi/pulumi";

import { createBackup, deleteBackup, type BackupEntry } from "../client/backups";
import { CdsApiError, CdsError } from "../client/errors";
import type { Account } from "./account";
import { defined } from "./arguments";
import { checkBackup, descriptionOf, type BackupInputs } from "./backupArguments";
import { byShard, summaryOf, type BackupSummary } from "./backupSummary";
import {
  ABSENT_LISTS,
  listBackups,
  waitBackupAbsent,
  waitBackupFinished,
  waitBackupListed,
} from "./backupWait";
import type { Context } from "./context";
import { PartlyMadeError } from "./partlyMade";
import { deadlineOf, timeoutsChanged } from "./timeouts";

const CREATE_TIMEOUT_MS = 60 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;
const READ_TIMEOUT_MS = 120_000;

interface BackupState extends BackupInputs, Partial<BackupSummary> {}

/** The life of a RedisBackup, as the engine drives it. */
export function backupProvider(context: Context): dynamic.ResourceProvider {
  return {
    configure: ({ config }) => {
      context.configure((key) => config.get(key));
      return Promise.resolve();
    },
    check: (olds: Partial<BackupInputs>, news: Partial<BackupInputs>) =>
      Promise.resolve(checkBackup(context, olds, news)),
    diff: (_id, olds: BackupState, news: BackupInputs) => Promise.resolve(diff(olds, news)),
    create: (inputs: BackupInputs) => create(context, inputs),
    read: (id, props: BackupState) => read(context, id, props),
    update: (id, olds: BackupState, news: BackupInputs) => update(context, id, olds, news),
    delete: (id, props: BackupState) => remove(context, id, props),
  };
}

function diff(olds: BackupState, news: BackupInputs): dynamic.DiffResult {
  const replaces = (["instanceId", "description", "triggers", "account"] as const).filter(
    (name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]),
  );
  return { changes: replaces.length > 0 || timeoutsChanged(olds, news), replaces: [...replaces] };
}

async function create(context: Context, inputs: BackupInputs): Promise<dynamic.CreateResult> {
  const account = context.account(inputs.account);
  const deadline = deadlineOf(context.clock, inputs, "create", CREATE_TIMEOUT_MS);
  // The vendor works on one backup of an instance at a time.
  return account.inTurn(inputs.instanceId, async () => {
    const before = await listBackups(account, inputs.instanceId, deadline);
    context.reporter(inputs.__urn)("starting");
    await start(account, inputs);
    const earlier = new Set(before.map((entry) => entry.backupId));
    const listed = byShard(await waitBackupListed(account, inputs, earlier, deadline));
    const id = `${inputs.instanceId}/${listed[0]?.backupId ?? ""}`;
    return { id, outs: await finish(context, account, id, inputs, earlier, listed, deadline) };
  });
}

async function start(account: Account, inputs: BackupInputs): Promise<void> {
  try {
    await createBackup(account.client, inputs.instanceId, descriptionOf(inputs));
  } catch (error) {
    // Whether it was started can't be told: the list shows it.
    if (!(error instanceof CdsError) || !error.ambiguous) throw error;
  }
}

/** Waits until every entry is finished; whatever stops the wait leaves the backup in state. */
async function finish(
  context: Context,
  account: Account,
  id: string,
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
  listed: readonly BackupEntry[],
  deadline: number,
): Promise<BackupState> {
  let last = listed;
  try {
    last = await waitBackupFinished(context, account, inputs, earlier, deadline, (entries) => {
      // A list that lacks an entry for a while doesn't unmake it.
      const ids = new Set(entries.map((entry) => entry.backupId));
      last = [...last.filter((entry) => !ids.has(entry.backupId)), ...entries];
    });
    return stateOf(inputs, last);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PartlyMadeError(
      id,
      stateOf(inputs, last),
      `the backup ${id} is started and kept in the stack's state, but not finished: ${reason}`,
    );
  }
}

async function read(context: Context, id: string, props: BackupState): Promise<dynamic.ReadResult> {
  const ids = entryIds(props, id);
  let absentLists = 0;
  const found = await context
    .account(props.account)
    .backups(props.instanceId)
    .until(
      (entries) => {
        const mine = entries.filter((entry) => ids.has(entry.backupId));
        absentLists = mine.length === 0 ? absentLists + 1 : 0;
        return mine.length > 0 || absentLists >= ABSENT_LISTS ? mine : undefined;
      },
      {
        deadline: context.clock.now() + READ_TIMEOUT_MS,
        what: `reading the backup ${id}`,
        onListError: "fail",
      },
    );
  return found.length === 0 ? { id: "", props: {} } : { id, props: stateOf(props, found) };
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
  const mine = entries.filter((entry) => ids.has(entry.backupId));
  const others = entries.map((entry) => entry.backupId).filter((backupId) => !ids.has(backupId));
  return { outs: await finish(context, account, id, news, new Set(others), mine, deadline) };
}

async function remove(context: Context, id: string, props: BackupState): Promise<void> {
  const account = context.account(props.account);
  const deadline = deadlineOf(context.clock, props, "delete", DELETE_TIMEOUT_MS);
  context.reporter(props.__urn)("deleting");
  const ids = entryIds(props, id);
  for (const backupId of ids) {
    try {
      await deleteBackup(account.client, props.instanceId, backupId);
    } catch (error) {
      if (!(error instanceof CdsApiError) || !error.isNotFound) throw error;
    }
  }
  await waitBackupAbsent(account, props.instanceId, ids, deadline);
}

/** The ids in state; the resource's own id has the first of them. */
function entryIds(props: BackupState, id: string): ReadonlySet<string> {
  const first = id.slice(id.indexOf("/") + 1);
  return new Set([first, ...(props.entries ?? []).map((entry) => entry.backupId)]);
}

function stateOf(inputs: BackupInputs, found: readonly BackupEntry[]): BackupState {
  return defined({ ...inputs, ...summaryOf(found) });
}
