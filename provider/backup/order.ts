import { createHash } from "node:crypto";

import { lookUp } from "../core/absence";
import type { Account } from "../core/account";
import { isUnknown } from "../core/engineValues";
import type { Operation } from "../core/operation";
import { rootOf, type Left, type Made, type OrderKind } from "../core/recovery";
import { orderOnce } from "../core/send";
import { createBackup } from "../vendor/actions/backups";
import { hasId } from "../vendor/ids";
import type { BackupInputs } from "./arguments";
import { backupsOf, byShard } from "./entries";
import { listBackups } from "./find";
import type { BackupEntry } from "../vendor/types";

const RECENT_MS = 10_000;
const DIGEST_DIGITS = 8;

type Inputs = Readonly<Record<string, unknown>>;

/** An order is known again by the mark in the description of its entries. */
export function backupOrders(
  account: Account,
  { instanceId: own }: BackupInputs,
): OrderKind<BackupEntry> {
  const instanceOf = ({ instanceId }: Inputs): string =>
    isUnknown(instanceId) ? own : String(instanceId);
  return {
    nameOf: ({ token, inputs }) =>
      `the backup marked ${descriptionOf({ instanceId: "", __token: token })} of ${instanceOf(inputs)}`,
    listOf: ({ inputs }) => account.backups(instanceOf(inputs)),
    isMadeBy: (entry, { token }) => markedEntries([entry], token).length > 0,
    idOf: (entry, { inputs }) => keyAt(instanceOf(inputs))(entry),
  };
}

/** A backup that was started or taken over. */
export interface ObtainedBackup {
  readonly latest: readonly BackupEntry[];
  /** The mark that the entries bear. */
  readonly token: string;
  /** What interrupted runs started for the resource besides, and no state holds. */
  readonly unrecorded: readonly BackupEntry[];
}

/**
 * Takes over the backup that an interrupted run started upon the same change, or else starts one:
 * exactly one. A new resource takes over the newest of its interrupted runs.
 *
 * @param held Ids of the entries in the state; none for a new resource.
 */
export async function obtainBackup(
  operation: Operation,
  inputs: BackupInputs,
  left: Left<BackupEntry>,
  held: ReadonlySet<string>,
): Promise<ObtainedBackup> {
  const { instanceId } = inputs;
  const made = madeHere(operation, instanceId, left);
  // What was looked for was listed just now.
  const recent =
    made.length > 0 ? operation.account.backups(instanceId).recent(RECENT_MS) : undefined;
  const before = recent ?? (await listBackups(operation, instanceId));
  const [newest] = held.size === 0 ? made : [];
  const token = newest?.order.token ?? inputs.__token;
  const marks = [inputs.__token, ...made.map(({ order }) => order.token)];
  const listed = marks.flatMap((mark) => seriesEntries(before, mark));
  const all = new Map(
    [...made.flatMap(({ things }) => things), ...listed].map((entry) => [entry.backupId, entry]),
  );
  const key = keyAt(instanceId);
  // An import of this run may have taken it over.
  const unheld = [...all.values()].filter(
    (entry) => !hasId(held, entry.backupId) && !operation.account.isClaimed(key(entry)),
  );
  const found = markedEntries(unheld, token);
  const others = unheld.filter((entry) => !found.includes(entry));
  const unrecorded = others.length === 0 ? [] : ownUnrecorded(operation, instanceId, others, left);
  for (const entry of [...found, ...unrecorded]) operation.account.claim(key(entry));
  if (found.length > 0) {
    operation.warn(
      `took over the backup ${idsOf(found)} of ${instanceId}, which an interrupted \`pulumi up\` had started. ` +
        "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
    );
    return { latest: byShard(found), token, unrecorded };
  }
  if (left.proven.length > 0) warnUnmarked(operation, instanceId, before);
  return { latest: await startBackup(operation, inputs, before), token, unrecorded };
}

/** What unfinished orders made of this instance, the newest first; names what is of another one. */
function madeHere(
  operation: Operation,
  instanceId: string,
  { made }: Left<BackupEntry>,
): readonly Made<BackupEntry>[] {
  const isHere = ({ order }: Made<BackupEntry>): boolean =>
    isUnknown(order.inputs["instanceId"]) || order.inputs["instanceId"] === instanceId;
  for (const { order, things } of made.filter((one) => !isHere(one)))
    operation.warn(
      `an interrupted \`pulumi up\` started the backup ${idsOf(things)} of ${String(order.inputs["instanceId"])}, which the program does not ask for any more. ` +
        "Delete it in the console if nobody needs it: no stack holds it.",
    );
  const startOf = ({ things }: Made<BackupEntry>): string => things[0]?.startTime ?? "";
  return made.filter(isHere).sort((one, other) => (startOf(one) < startOf(other) ? 1 : -1));
}

/**
 * Those that no other resource of the stack holds, which may have taken them over by `import`; none
 * where that can't be told.
 */
function ownUnrecorded(
  operation: Operation,
  instanceId: string,
  others: readonly BackupEntry[],
  { inState, reason }: Left<BackupEntry>,
): readonly BackupEntry[] {
  const key = keyAt(instanceId);
  if (reason === undefined) return others.filter((entry) => !inState(key(entry)));
  operation.warn(
    `interrupted runs started the backup ${idsOf(others)}, and whether another resource holds it can't be told (${reason}): it stays as it is. Delete it in the console if nobody needs it.`,
  );
  return [];
}

/** A vendor that shows no descriptions shows no marks. */
function warnUnmarked(
  operation: Operation,
  instanceId: string,
  entries: readonly BackupEntry[],
): void {
  const unmarked = entries.filter(
    ({ mode, description }) => mode === "manual" && description === "",
  );
  if (unmarked.length > 0)
    operation.warn(
      `an interrupted \`pulumi up\` may have started a backup of ${instanceId}, and one of ${idsOf(unmarked)} may be it: their descriptions don't say whose they are. Delete in the console what nobody needs.`,
    );
}

/**
 * Starts one backup and returns its entries as they are listed first. Where the vendor shows no
 * descriptions, one new manual backup is ours if the vendor took the call and no other comes for two
 * minutes. Several can't be told from somebody else's.
 *
 * @param before What is listed just before.
 */
export async function startBackup(
  operation: Operation,
  order: BackupOrder,
  before: readonly BackupEntry[],
): Promise<readonly BackupEntry[]> {
  const { client } = operation.account;
  const { instanceId, __token: token } = order;
  const earlier = new Set(before.map((entry) => entry.backupId));
  let wasTaken = false;
  operation.report("starting");
  const made = await orderOnce<BackupEntry>(operation, {
    what: `starting the backup of ${instanceId}`,
    send: async (timeoutMs) => {
      await createBackup(client, instanceId, descriptionOf(order), timeoutMs);
      wasTaken = true;
      return [];
    },
    find: async (needed) => {
      const ours = await lookUp(operation, operation.account.backups(instanceId), {
        what: `waiting for the backup of ${instanceId} to be listed`,
        isWanted: (entry) => markedEntries([entry], token).length > 0,
        needed,
      });
      if (ours.length > 0) return { ours, doubtful: [] };
      // Lists may have lacked ours for a while, and shown somebody else's.
      const entries = await listBackups(operation, instanceId);
      const added = entries.filter((entry) => !hasId(earlier, entry.backupId));
      return wasTaken && isOneUnmarked(added, entries)
        ? { ours: added, doubtful: [] }
        : { ours: [], doubtful: added };
    },
    unsettled: (doubtful) =>
      `whether the backup of ${instanceId} was started is not known: no list shows its mark (${descriptionOf(order)}). ` +
      (doubtful.length === 0
        ? ""
        : `New meanwhile, this order's or somebody else's: ${idsOf(doubtful)}. `) +
      "If the mark appears, delete the backup in the console if nobody needs it.",
  });
  return byShard(made);
}

/** Whether the added entries are one manual backup of a vendor that shows no descriptions. */
function isOneUnmarked(added: readonly BackupEntry[], all: readonly BackupEntry[]): boolean {
  const isManual = added.every(({ mode }) => mode === "manual");
  // Where any description is shown ours would be, too.
  const areShown = all.some(({ mode, description }) => mode === "manual" && description !== "");
  const areShards = added.every(({ shardId }) => shardId !== "") && backupsOf(added).length === 1;
  return isManual && !areShown && (added.length === 1 || areShards);
}

/** Gives the key by which the stack's record and the account know an entry. */
function keyAt(instanceId: string): (entry: BackupEntry) => string {
  return ({ backupId }) => `${instanceId}/${backupId}`;
}

function idsOf(entries: readonly BackupEntry[]): string {
  return entries.map(({ backupId }) => backupId).join(", ");
}

/** What it takes to start one backup. */
export type BackupOrder = Pick<BackupInputs, "instanceId" | "description" | "__token">;

/**
 * What the vendor shows as `Desc`: the user's text, and the mark that tells our backup from others.
 * The answer to CreateBackup has no id.
 */
export function descriptionOf({ description = "", __token: token }: BackupOrder): string {
  return `${description} pulumi-${token}`.trimStart();
}

/**
 * The token of the backup that a resource takes after the one with this token. The same change of
 * the same state gives the same token, so that a run after an interrupted one knows its backup again.
 */
export function nextToken(token: string, triggers: unknown): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([token, triggers]))
    .digest("hex");
  return `${rootOf(token)}-${digest.slice(0, DIGEST_DIGITS)}`;
}

/** The entries that show the mark of this order. */
export function markedEntries(entries: readonly BackupEntry[], token: string): BackupEntry[] {
  return entries.filter((entry) => hasMark(entry, token));
}

/** The entries that the resource with this token ordered at any time. */
export function seriesEntries(entries: readonly BackupEntry[], token: string): BackupEntry[] {
  return entries.filter((entry) =>
    hasMark(entry, `${rootOf(token)}(-[0-9a-f]{${DIGEST_DIGITS}})?`),
  );
}

function hasMark({ description }: BackupEntry, token: string): boolean {
  return new RegExp(`pulumi-${token}(?![0-9a-f-])`).test(description);
}
