import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";

import {
  createBackup,
  deleteBackup,
  type BackupEntry as VendorBackupEntry,
} from "../client/backups";
import { CdsApiError, CdsError } from "../client/errors";
import type { HiddenInputs } from "../contract";
import type { Account } from "./account";
import { argumentFailures, defined, hiddenInputs, requiredText } from "./arguments";
import type { Context } from "./context";
import { PartlyMadeError } from "./partlyMade";
import { timeoutMs } from "./timeouts";

const CREATE_TIMEOUT_MS = 60 * 60_000;
const DELETE_TIMEOUT_MS = 20 * 60_000;
const READ_TIMEOUT_MS = 120_000;
/** A backup counts as gone when this many lists in a row don't have it. */
const ABSENT_LISTS = 3;
const MAX_DESCRIPTION = 100;
const TOKEN_DIGITS = 12;

/** The arguments as `check` leaves them. */
interface BackupInputs extends HiddenInputs {
  readonly instanceId: string;
  readonly description?: string;
  readonly triggers?: unknown;
  /** Goes into the vendor's description, since its answer to CreateBackup has no id. */
  readonly __token: string;
}

/** One entry as the user sees it. */
interface BackupEntry {
  readonly backupId: string;
  readonly shardId: string;
  readonly status: string;
  readonly sizeBytes: number;
  readonly startTime: string;
  readonly endTime: string;
}

interface BackupState extends BackupInputs {
  readonly entries?: readonly BackupEntry[];
  readonly status?: string;
  readonly sizeBytes?: number;
  readonly startTime?: string;
  readonly endTime?: string;
}

const rules: Readonly<Record<string, z.ZodType>> = {
  instanceId: requiredText("instanceId", "the id of the Redis instance, such as cache.id"),
  description: z
    .string({ error: "description must be text." })
    .max(MAX_DESCRIPTION, { error: `description is longer than ${MAX_DESCRIPTION} characters.` })
    .optional(),
  triggers: z.unknown(),
  ...hiddenInputs,
  __token: z.string().optional(),
};

/** The life of a RedisBackup, as the engine drives it. */
export function backupProvider(context: Context): dynamic.ResourceProvider {
  return {
    configure: ({ config }) => {
      context.configure((key) => config.get(key));
      return Promise.resolve();
    },
    check: (olds: Partial<BackupInputs>, news: Partial<BackupInputs>) =>
      Promise.resolve(check(context, olds, news)),
    diff: (_id, olds: BackupState, news: BackupInputs) => Promise.resolve(diff(olds, news)),
    create: (inputs: BackupInputs) => create(context, inputs),
    read: (id, props: BackupState) => read(context, id, props),
    update: (id, olds: BackupState, news: BackupInputs) => update(context, id, olds, news),
    delete: (_id, props: BackupState) => remove(context, props),
  };
}

function check(
  context: Context,
  olds: Partial<BackupInputs>,
  news: Partial<BackupInputs>,
): dynamic.CheckResult {
  const failures = argumentFailures(rules, news);
  if (failures.length > 0) return { inputs: news, failures };
  return { inputs: { ...news, __token: olds.__token ?? context.randomHex(TOKEN_DIGITS) } };
}

function diff(olds: BackupState, news: BackupInputs): dynamic.DiffResult {
  const replaces = (["instanceId", "description", "triggers"] as const).filter(
    (name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]),
  );
  const timeoutsChanged = JSON.stringify(olds.__timeouts) !== JSON.stringify(news.__timeouts);
  return { changes: replaces.length > 0 || timeoutsChanged, replaces: [...replaces] };
}

async function create(context: Context, inputs: BackupInputs): Promise<dynamic.CreateResult> {
  const account = context.account();
  const deadline = context.clock.now() + timeoutMs(inputs.__timeouts, "create", CREATE_TIMEOUT_MS);
  // The vendor works on one backup of an instance at a time.
  return account.inTurn(inputs.instanceId, async () => {
    const before = await listBackups(account, inputs.instanceId, deadline);
    context.reporter(inputs.__urn)("starting");
    await start(account, inputs);
    const earlier = new Set(before.map((entry) => entry.backupId));
    const [first] = byShard(await waitBackupListed(account, inputs, earlier, deadline));
    const id = `${inputs.instanceId}/${first?.backupId ?? ""}`;
    return { id, outs: await finish(context, account, id, inputs, earlier, deadline) };
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
  deadline: number,
): Promise<BackupState> {
  let last: readonly VendorBackupEntry[] = [];
  try {
    last = await waitBackupFinished(context, account, inputs, earlier, deadline, (entries) => {
      last = entries;
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
    .account()
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
  const deadline = context.clock.now() + timeoutMs(news.__timeouts, "update", CREATE_TIMEOUT_MS);
  const ids = entryIds(olds, id);
  const account = context.account();
  const entries = await listBackups(account, news.instanceId, deadline);
  const others = entries.map((entry) => entry.backupId).filter((backupId) => !ids.has(backupId));
  return { outs: await finish(context, account, id, news, new Set(others), deadline) };
}

async function remove(context: Context, props: BackupState): Promise<void> {
  const account = context.account();
  const deadline = context.clock.now() + timeoutMs(props.__timeouts, "delete", DELETE_TIMEOUT_MS);
  context.reporter(props.__urn)("deleting");
  const ids = new Set((props.entries ?? []).map((entry) => entry.backupId));
  for (const backupId of ids) {
    try {
      await deleteBackup(account.client, props.instanceId, backupId);
    } catch (error) {
      if (!(error instanceof CdsApiError) || !error.isNotFound) throw error;
    }
  }
  await waitBackupAbsent(account, props.instanceId, ids, deadline);
}

/** What the vendor shows as `Desc`: the user's text and the token that tells our backup from others. */
function descriptionOf(inputs: BackupInputs): string {
  const token = `pulumi-${inputs.__token}`;
  return inputs.description === undefined || inputs.description === ""
    ? token
    : `${inputs.description} ${token}`;
}

/** The ids in state; the resource's own id has the first of them. */
function entryIds(props: BackupState, id: string): ReadonlySet<string> {
  const first = id.slice(id.indexOf("/") + 1);
  return new Set([first, ...(props.entries ?? []).map((entry) => entry.backupId)]);
}

function stateOf(inputs: BackupInputs, found: readonly VendorBackupEntry[]): BackupState {
  const entries = byShard(found).map(
    ({ backupId, shardId, status, sizeBytes, startTime, endTime }) => ({
      backupId,
      shardId,
      status,
      sizeBytes,
      startTime,
      endTime,
    }),
  );
  const ends = entries.map((entry) => entry.endTime).filter((time) => time !== "");
  return defined({
    ...inputs,
    entries,
    status: entries.find((entry) => entry.status !== "finished")?.status ?? entries[0]?.status,
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    startTime: entries.map((entry) => entry.startTime).sort()[0],
    endTime: ends.length === entries.length ? ends.sort().at(-1) : undefined,
  });
}

/** In an order that doesn't depend on the answer's. */
function byShard(entries: readonly VendorBackupEntry[]): VendorBackupEntry[] {
  const key = (entry: VendorBackupEntry): string => `${entry.shardId} ${entry.backupId}`;
  return [...entries].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

async function listBackups(
  account: Account,
  instanceId: string,
  deadline: number,
): Promise<readonly VendorBackupEntry[]> {
  return account.backups(instanceId).until((entries) => entries, {
    deadline,
    what: `listing the backups of ${instanceId}`,
    onListError: "fail",
  });
}

/**
 * Our entries: those with the token. Where the vendor shows no token, one new manual entry alone
 * is ours; several can't be told from somebody else's.
 */
function ourEntries(
  entries: readonly VendorBackupEntry[],
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
): VendorBackupEntry[] {
  const marked = entries.filter((entry) => entry.description.includes(`pulumi-${inputs.__token}`));
  if (marked.length > 0) return marked;
  const added = entries.filter((entry) => !earlier.has(entry.backupId));
  const unmarked = added.filter((entry) => entry.mode === "manual" && entry.description === "");
  return unmarked.length === 1 && added.length === 1 ? unmarked : [];
}

function statusBackup(entry: VendorBackupEntry): "finished" | "failed" | "pending" {
  if (entry.status.toLowerCase() === "finished") return "finished";
  return /fail|error|except|失败|异常/i.test(entry.status) ? "failed" : "pending";
}

async function waitBackupListed(
  account: Account,
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
  deadline: number,
): Promise<VendorBackupEntry[]> {
  return account.backups(inputs.instanceId).until(
    (entries) => {
      const ours = ourEntries(entries, inputs, earlier);
      return ours.length === 0 ? undefined : ours;
    },
    {
      deadline,
      what: `waiting for the backup of ${inputs.instanceId} to be listed (Desc ${descriptionOf(inputs)})`,
    },
  );
}

async function waitBackupFinished(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  earlier: ReadonlySet<string>,
  deadline: number,
  onSeen: (entries: VendorBackupEntry[]) => void,
): Promise<VendorBackupEntry[]> {
  const report = context.reporter(inputs.__urn);
  let lastIds = "";
  let statuses = "";
  return account.backups(inputs.instanceId).until(
    (entries) => {
      const ours = ourEntries(entries, inputs, earlier);
      onSeen(ours);
      statuses = [...new Set(ours.map((entry) => entry.status))].join(", ");
      report(statuses || "not listed yet");
      const failed = ours.find((entry) => statusBackup(entry) === "failed");
      if (failed !== undefined)
        throw new Error(`entry ${failed.backupId} says ${failed.status}. Replace the backup.`);
      // A cluster's shards may be listed one after another: wait until no more come.
      const ids = ours.map((entry) => entry.backupId).join(" ");
      const complete = ours.every((entry) => entry.shardId === "") || ids === lastIds;
      lastIds = ids;
      const finished = ours.length > 0 && ours.every((entry) => statusBackup(entry) === "finished");
      return finished && complete ? ours : undefined;
    },
    {
      deadline,
      what: "waiting for finished",
      lastSeen: () => `last statuses: ${statuses || "none"}`,
    },
  );
}

async function waitBackupAbsent(
  account: Account,
  instanceId: string,
  ids: ReadonlySet<string>,
  deadline: number,
): Promise<void> {
  let absentLists = 0;
  await account.backups(instanceId).until(
    (entries) => {
      const left = entries.some((entry) => ids.has(entry.backupId));
      absentLists = left ? 0 : absentLists + 1;
      return absentLists >= ABSENT_LISTS ? true : undefined;
    },
    { deadline, what: `waiting for the backups ${[...ids].join(", ")} to be gone` },
  );
}
