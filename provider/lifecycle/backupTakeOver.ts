import type { BackupEntry } from "../client/backups";
import { Absence, NEVER_MADE } from "./absence";
import type { Account } from "./account";
import type { BackupInputs } from "./backupArguments";
import { markedEntries, seriesEntries } from "./backupMarks";
import { startBackup } from "./backupStart";
import { byShard, type BackupFile } from "./backupSummary";
import { listBackups } from "./backupWait";
import type { Context } from "./context";
import { settledBy, type SettledOrders, type Unfinished } from "./recovery/unfinished";
import { noneSeen } from "./waiter";

export interface Started {
  /** As they are known so far. */
  readonly entries: readonly BackupFile[];
  /** The mark that the entries bear. */
  readonly token: string;
  readonly settled: SettledOrders;
  /** Whether more entries of it may come to be listed. */
  readonly mayGrow: boolean;
}

const CLEAR_ADVICE =
  "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.";

/** Takes over a backup that an interrupted run started for this resource, else starts one: exactly one. */
export async function obtainBackup(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  deadline: number,
): Promise<Started> {
  const unfinished = await context.unfinished.of(inputs);
  const settled = settledBy(unfinished);
  const left = await takeOver(context, account, inputs, unfinished, deadline);
  if (left !== undefined) return { ...left, settled, mayGrow: true };
  const before = await listBackups(account, inputs.instanceId, deadline);
  const entries = await startBackup(context, account, inputs, before, deadline);
  return { entries, token: inputs.__token, settled, mayGrow: true };
}

/** The next backup of a resource that has some. */
export interface Another {
  readonly entries: readonly BackupEntry[];
  /** What interrupted runs started for the resource, and the state doesn't hold. */
  readonly strays: readonly BackupEntry[];
}

/**
 * Takes over the backup that an interrupted run started upon the same change, else starts one. That
 * it is this resource's its mark proves, which no other resource makes.
 *
 * @param held Ids of the entries in the state.
 * @param begun Marks of orders of the resource that this machine began and knows no outcome of.
 */
export async function obtainAnother(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  held: ReadonlySet<string>,
  begun: readonly string[],
  deadline: number,
): Promise<Another> {
  const { instanceId, __token: token } = inputs;
  if (begun.length > 0)
    context.reporter(inputs.__urn)("looking for a backup of an interrupted run");
  const absence = new Absence(context.clock, NEVER_MADE);
  let before: readonly BackupEntry[] = [];
  const unheld = await account.backups(instanceId).until(
    (entries) => {
      before = entries;
      const ours = seriesEntries(entries, token).filter((entry) => !held.has(entry.backupId));
      const areFound = begun.every((one) => markedEntries(ours, [one]).length > 0);
      return areFound || absence.isCertain(false) ? ours : undefined;
    },
    {
      deadline,
      what: `looking for the backups of an interrupted run of ${instanceId}`,
      onListError: begun.length > 0 ? "wait" : "fail",
    },
  );
  const found = markedEntries(unheld, [token]);
  const strays = unheld.filter((entry) => !found.includes(entry));
  if (found.length === 0)
    return { entries: await startBackup(context, account, inputs, before, deadline), strays };
  const ids = found.map((entry) => entry.backupId).join(", ");
  context.warn(
    inputs.__urn,
    `took over the backup ${ids} of ${instanceId}, which an interrupted \`pulumi up\` had started.`,
  );
  return { entries: byShard(found), strays };
}

/** A backup whose mark the stack's own record proves to be an order for this resource. */
async function takeOver(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  unfinished: Unfinished,
  deadline: number,
): Promise<Pick<Started, "entries" | "token"> | undefined> {
  const { instanceId } = inputs;
  await nameElsewhere(context, account, inputs, unfinished, deadline);
  const orders = unfinished.orders.filter((one) => one.inputs["instanceId"] === instanceId);
  if (orders.length === 0) return undefined;
  const tokens = orders.map((one) => one.token);
  context.reporter(inputs.__urn)("looking for a backup of an interrupted run");
  const absence = new Absence(context.clock, NEVER_MADE);
  const isHeld = (entry: BackupEntry): boolean =>
    unfinished.proof && unfinished.inState(`${instanceId}/${entry.backupId}`);
  const found = await account.backups(instanceId).until(
    (entries) => {
      const marked = tokens
        .map((token) => markedEntries(entries, [token]))
        .find((ours) => ours.length > 0 && !ours.some(isHeld));
      return marked ?? (absence.isCertain(false) ? [] : undefined);
    },
    { deadline, what: `looking for the backups of an interrupted run of ${instanceId}` },
  );
  const token = tokens.find((one) => markedEntries(found, [one]).length > 0);
  if (token === undefined) {
    for (const one of tokens) await context.unfinished.settle(one);
    return undefined;
  }
  const ids = found.map((entry) => entry.backupId).join(", ");
  if (!unfinished.proof)
    throw new Error(
      `this machine began the backup ${ids} of ${instanceId}, and whether this stack had can't be told (${unfinished.reason}); none was started. ` +
        "Put the pulumi CLI on PATH and run `pulumi up` again, or take it over by the resource option `import`.",
    );
  context.warn(
    inputs.__urn,
    `took over the backup ${ids} of ${instanceId}, which an interrupted \`pulumi up\` had started. ` +
      CLEAR_ADVICE,
  );
  return { entries: byShard(found), token };
}

/** A backup that an interrupted run started of another instance than the program names by now. */
async function nameElsewhere(
  context: Context,
  account: Account,
  { __urn: urn, instanceId }: BackupInputs,
  { orders }: Unfinished,
  deadline: number,
): Promise<void> {
  for (const { token, inputs } of orders) {
    const other = inputs["instanceId"];
    if (typeof other !== "string" || other === instanceId) continue;
    const listed = await listBackups(account, other, deadline).catch(noneSeen);
    const ids = markedEntries(listed, [token]).map((entry) => entry.backupId);
    if (ids.length > 0)
      context.warn(
        urn,
        `an interrupted \`pulumi up\` started the backup ${ids.join(", ")} of ${other}, which the program doesn't ask for any more: ` +
          "delete it in the console if it is not wanted, since no stack holds it.",
      );
  }
}
