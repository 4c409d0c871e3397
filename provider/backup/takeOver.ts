import { Absence, NEVER_MADE } from "../core/absence";
import type { Operation } from "../core/operation";
import { findUnfinished, settledBy, type OrderKind, type SettledOrders } from "../core/recovery";
import type { BackupEntry } from "../vendor/actions/backups";
import { hasId } from "../vendor/actions/instances";
import type { BackupInputs } from "./arguments";
import { byShard } from "./entries";
import { descriptionOf, markedEntries, seriesEntries } from "./marks";
import { startBackup } from "./start";
import { listBackups } from "./wait";

/** A backup that was started or taken over. */
export interface ObtainedBackup {
  readonly entries: readonly BackupEntry[];
  /** The mark that the entries bear. */
  readonly token: string;
  readonly settled: SettledOrders;
}

/** Takes over a backup that an interrupted run started for this resource, or else starts one: exactly one. */
export async function obtainBackup(
  operation: Operation,
  inputs: BackupInputs,
): Promise<ObtainedBackup> {
  const { instanceId, __token: token } = inputs;
  const unfinished = await operation.context.orders.of(operation, token);
  const { made, open } = await findUnfinished(operation, unfinished, backupOrders(operation));
  const settled = settledBy(unfinished, open);
  const isHere = ({ order }: (typeof made)[number]): boolean =>
    order.inputs["instanceId"] === instanceId;
  for (const { order, things } of made.filter((one) => !isHere(one)))
    operation.warn(
      `an interrupted \`pulumi up\` started the backup ${idsOf(things)} of ${String(order.inputs["instanceId"])}, which the program does not ask for any more. ` +
        "Delete it in the console if nobody needs it: no stack holds it.",
    );
  const [first, ...others] = made.filter(isHere);
  if (first !== undefined) {
    warnTakenOver(operation, instanceId, first.things);
    for (const { things } of others)
      operation.warn(
        `interrupted runs started the backup ${idsOf(things)} of ${instanceId}, too. Delete it in the console if nobody needs it: no stack holds it.`,
      );
    return { entries: byShard(first.things), token: first.order.token, settled };
  }
  const before = await listBackups(operation, instanceId);
  if (unfinished.proven.length > 0) warnUnmarked(operation, instanceId, before);
  return { entries: await startBackup(operation, inputs, before), token, settled };
}

/** An order is known again by the mark in the description of its entries. */
function backupOrders({ account }: Operation): OrderKind<BackupEntry> {
  const instanceOf = (inputs: Readonly<Record<string, unknown>>): string =>
    String(inputs["instanceId"]);
  return {
    nameOf: ({ token, inputs }) =>
      `the backup marked ${descriptionOf({ instanceId: "", __token: token })} of ${instanceOf(inputs)}`,
    listOf: ({ inputs }) => account.backups(instanceOf(inputs)),
    isMadeBy: (entry, { token }) => markedEntries([entry], token).length > 0,
    idOf: ({ backupId }, { inputs }) => `${instanceOf(inputs)}/${backupId}`,
    describe: ({ backupId }) => `the backup ${backupId}`,
  };
}

function warnTakenOver(
  operation: Operation,
  instanceId: string,
  entries: readonly BackupEntry[],
): void {
  operation.warn(
    `took over the backup ${idsOf(entries)} of ${instanceId}, which an interrupted \`pulumi up\` had started. ` +
      "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
  );
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

/** The next backup of a resource that has some. */
export interface NextBackup {
  readonly entries: readonly BackupEntry[];
  /** What interrupted runs started for the resource, and the state does not hold. */
  readonly unrecorded: readonly BackupEntry[];
}

/**
 * Takes over the backup that an interrupted run started upon the same change, or else starts one.
 * The mark proves that it is this resource's: no other resource makes it.
 *
 * @param held Ids of the entries in the state.
 * @param begun Marks of the resource's orders that an interrupted run noted.
 */
export async function obtainNext(
  operation: Operation,
  inputs: BackupInputs,
  held: ReadonlySet<string>,
  begun: readonly string[],
): Promise<NextBackup> {
  const { instanceId, __token: token } = inputs;
  if (begun.length > 0)
    operation.report("looking for a backup of an interrupted run, two minutes at most");
  const absence = new Absence(NEVER_MADE);
  let before: readonly BackupEntry[] = [];
  const unheld = await operation.account.backups(instanceId).until(
    operation,
    (entries) => {
      before = entries;
      const ours = seriesEntries(entries, token).filter((entry) => !hasId(held, entry.backupId));
      const areFound = begun.every((mark) => markedEntries(ours, mark).length > 0);
      return areFound || absence.isCertain(false) ? ours : undefined;
    },
    {
      what: `looking for the backups of an interrupted run of ${instanceId}`,
      onListError: begun.length > 0 ? "wait" : "fail",
    },
  );
  const found = markedEntries(unheld, token);
  const others = unheld.filter((entry) => !found.includes(entry));
  const unrecorded = others.length === 0 ? [] : await ownUnrecorded(operation, inputs, others);
  if (found.length === 0)
    return { entries: await startBackup(operation, inputs, before), unrecorded };
  warnTakenOver(operation, instanceId, found);
  return { entries: byShard(found), unrecorded };
}

/**
 * Those that no other resource of the stack holds, which may have taken them over by `import`; none
 * where that can't be told.
 */
async function ownUnrecorded(
  operation: Operation,
  { instanceId, __token: token }: BackupInputs,
  others: readonly BackupEntry[],
): Promise<readonly BackupEntry[]> {
  const { inState, reason } = await operation.context.orders.of(operation, token);
  const key = ({ backupId }: BackupEntry): string => `${instanceId}/${backupId}`;
  if (reason === undefined)
    return others.filter((entry) => !inState(key(entry)) && operation.account.claim(key(entry)));
  operation.warn(
    `interrupted runs started the backup ${idsOf(others)}, and whether another resource holds it can't be told (${reason}): it stays as it is. Delete it in the console if nobody needs it.`,
  );
  return [];
}

function idsOf(entries: readonly BackupEntry[]): string {
  return entries.map(({ backupId }) => backupId).join(", ");
}
