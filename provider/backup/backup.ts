import type { dynamic } from "@pulumi/pulumi";

import { CdsConfigError } from "../vendor/errors";
import type { Account } from "../core/account";
import { checkBackup, sameTriggers } from "./arguments";
import type { BackupInputs, Started } from "./inputs";
import { deleteEntries } from "./delete";
import { importedBackup, partsOf } from "./import";
import { isSameSeries } from "./marks";
import { earlierOf, heldIds, seriesOf, stateOf, surplusOf, type BackupState } from "./series";
import { summaryOf, wholeBackup, type BackupFile, type BackupSummary } from "./summary";
import { obtainAnother, obtainBackup } from "./takeOver";
import { EntryLostError, findBackupEntries, waitBackupFinished } from "./wait";
import { mayInstanceHaveShards } from "./wholeness";
import type { Context } from "../core/context";
import { requireSameImport } from "../core/imports";
import { requireSameOwner } from "../core/owner";
import { PartlyMadeError } from "../core/partlyMade";
import { saysFinished } from "../core/status";
import { deadlineOf, timeoutsChanged } from "../core/timeouts";
import { WaitTimeoutError } from "../core/waiter";

const CREATE_TIMEOUT_MS = 60 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;

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
      context.unfinished.remind(news.__urn).then(() => {
        const difference = diff(id, olds, news);
        if (difference.replaces?.length === 0) foretell(context, olds, news);
        return difference;
      }),
    create: (inputs: BackupInputs) => create(context, inputs),
    read: (id, props: Partial<BackupState>) => read(context, id, props),
    update: (id, olds: BackupState, news: BackupInputs) => update(context, id, olds, news),
    delete: (id, props: BackupState) => remove(context, id, props),
  };
}

function diff(id: string, olds: BackupState, news: BackupInputs): dynamic.DiffResult {
  requireSameImport(news, id);
  const replaces = (["instanceId", "description", "account"] as const).filter(
    (name) => olds[name] !== news[name],
  );
  const changes =
    replaces.length > 0 ||
    !sameTriggers(olds, news) ||
    olds.keepLatest !== news.keepLatest ||
    timeoutsChanged(olds, news);
  return { changes, replaces: [...replaces] };
}

/** Shows on the row of a preview what an update takes and deletes, which the arguments don't tell. */
function foretell(context: Context, olds: BackupState, news: BackupInputs): void {
  const isAnother = !sameTriggers(olds, news);
  const earlier = isAnother ? earlierOf(olds) : (olds.earlier ?? []);
  const surplus = surplusOf(news, earlier).length;
  const what = [
    ...(isAnother ? ["takes another backup"] : []),
    ...(surplus === 0 ? [] : [`deletes ${surplus} earlier`]),
  ];
  if (what.length > 0) context.reporter(news.__urn)(what.join(", then "));
}

async function create(context: Context, inputs: BackupInputs): Promise<dynamic.CreateResult> {
  const account = context.account(inputs.account);
  const deadline = deadlineOf(context.clock, inputs, "create", CREATE_TIMEOUT_MS);
  const { instanceId, __import } = inputs;
  // The vendor works on one backup of an instance at a time.
  return account.inTurn(instanceId, deadline, async () => {
    if (__import !== undefined) {
      const started = await importedBackup(context, account, inputs, __import);
      const outs = await finish(context, account, __import, inputs, started, deadline);
      return { id: __import, outs };
    }
    return context.unfinished.during(inputs, { instanceId }, account.owner, async () => {
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

/**
 * Waits until every entry is finished, then deletes what is too much before it; whatever stops that
 * leaves all there is in state.
 */
async function finish(
  context: Context,
  account: Account,
  id: string,
  inputs: BackupInputs,
  { entries: listed, token, settled, mayGrow, seenBy }: Started,
  deadline: number,
  earlier: readonly BackupSummary[] = [],
): Promise<BackupState> {
  const marked = { ...inputs, __token: token, ...settled };
  const known = new Set(listed.map((entry) => entry.backupId));
  let owner = seenBy ?? account.owner;
  let last: readonly BackupFile[] = listed;
  const state = (before: readonly BackupSummary[]): BackupState =>
    stateOf({ ...marked, __owner: owner }, { ...summaryOf(last), earlier: before });
  const partlyMade = (what: string, error: unknown, advice: string): PartlyMadeError => {
    const reason = error instanceof Error ? error.message : String(error);
    const again =
      error instanceof WaitTimeoutError
        ? `. Run \`pulumi up\` again: ${advice}`
        : error instanceof EntryLostError
          ? ". Run `pulumi refresh`, then `pulumi up`"
          : "";
    return new PartlyMadeError(
      id,
      state(earlier),
      `the backup ${id} is ${what}: ${reason}${again}`,
    );
  };
  try {
    const { instanceId } = inputs;
    const shards = mayGrow
      ? {
          mayBeMany: await mayInstanceHaveShards(account, context.clock, instanceId),
          leastQuietMs: 0,
        }
      : undefined;
    const expected = { known, shards };
    last = await waitBackupFinished(context, account, marked, expected, deadline, (entries) => {
      if (entries.length > 0) owner = account.owner;
      // A list that lacks an entry for a while doesn't unmake it.
      const ids = new Set(entries.map((entry) => entry.backupId));
      last = [...last.filter((entry) => !ids.has(entry.backupId)), ...entries];
    });
  } catch (error) {
    // Another account than the one that showed it proves nothing.
    if (error instanceof EntryLostError) requireSameOwner(owner, account.owner, `the backup ${id}`);
    const what = "started and kept in the stack's state, but not finished";
    throw partlyMade(what, error, "it goes on waiting");
  }
  const surplus = surplusOf(inputs, earlier);
  const ids = surplus.flatMap(({ entries }) => entries.map((entry) => entry.backupId));
  if (ids.length === 0) return state(earlier);
  const report = context.reporter(inputs.__urn);
  report(`deleting ${surplus.length} earlier`);
  try {
    await deleteEntries(context, account, inputs.instanceId, new Set(ids), deadline, report);
  } catch (error) {
    const what = "finished, but earlier ones that are to go are not gone";
    throw partlyMade(what, error, "it goes on deleting");
  }
  return state(earlier.filter((backup) => !surplus.includes(backup)));
}

async function read(
  context: Context,
  id: string,
  props: Partial<BackupState>,
): Promise<dynamic.ReadResult> {
  await context.unfinished.remind(props.__urn);
  const account = context.account(props.account);
  const [instanceId, first] = partsOf(id);
  if (instanceId === "" || first === "")
    throw new CdsConfigError(
      `${JSON.stringify(id)} is no id of a backup: give <instanceId>/<BackupId>.`,
    );
  const ids = heldIds(props, id);
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
    requireSameOwner(props.__owner, account.owner, `the backup ${id}`);
    return { id: "", props: {} };
  }
  const owner = props.__owner === undefined ? {} : { __owner: account.owner };
  const series = seriesOf(props, found);
  return { id, props: { ...stateOf({ ...props, instanceId }, series), ...owner } };
}

/** Takes another backup where a trigger changed; else goes on with what is under way. */
async function update(
  context: Context,
  id: string,
  olds: BackupState,
  news: BackupInputs,
): Promise<dynamic.UpdateResult> {
  const deadline = deadlineOf(context.clock, news, "update", CREATE_TIMEOUT_MS);
  const account = context.account(news.account);
  const settled = olds.__settled === undefined ? {} : { __settled: olds.__settled };
  const { instanceId, __token: token } = news;
  return account.inTurn(instanceId, deadline, async () => {
    if (sameTriggers(olds, news)) {
      const { entries = [], status } = olds;
      const mayGrow = !saysFinished(status);
      const seenBy = olds.__owner;
      const started = { entries, token: olds.__token, settled, mayGrow, seenBy };
      return { outs: await finish(context, account, id, news, started, deadline, olds.earlier) };
    }
    const isOurs = (one: string): boolean => isSameSeries(one, token);
    const begun = await context.unfinished.begunFor(news.__urn, isOurs);
    return context.unfinished.during(news, { instanceId }, account.owner, async () => {
      const held = heldIds(olds, id);
      const another = await obtainAnother(context, account, news, held, begun, deadline);
      const started = { entries: another.entries, token, settled, mayGrow: true };
      const earlier = earlierOf(olds, another.strays);
      try {
        return { outs: await finish(context, account, id, news, started, deadline, earlier) };
      } finally {
        for (const one of begun) await context.unfinished.settle(one);
      }
    });
  });
}

async function remove(context: Context, id: string, props: BackupState): Promise<void> {
  const account = context.account(props.account);
  const deadline = deadlineOf(context.clock, props, "delete", DELETE_TIMEOUT_MS);
  await context.unfinished.remind(props.__urn);
  const report = context.reporter(props.__urn);
  report("deleting");
  const ids = heldIds(props, id);
  const { instanceId } = props;
  const wasThere = await deleteEntries(context, account, instanceId, ids, deadline, report);
  if (!wasThere) requireSameOwner(props.__owner, account.owner, `the backup ${id}`);
}
