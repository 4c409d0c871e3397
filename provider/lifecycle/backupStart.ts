import { createBackup, type BackupEntry } from "../client/backups";
import { CdsError } from "../client/errors";
import { Absence, NEVER_MADE } from "./absence";
import type { Account } from "./account";
import { descriptionOf, type BackupInputs } from "./backupArguments";
import { byShard } from "./backupSummary";
import { listBackups, markedEntries, waitBackupListed, type Listed } from "./backupWait";
import type { Context } from "./context";
import { sendUntilTaken } from "./sending";
import {
  settledBy,
  UnsettledOrderError,
  type SettledOrders,
  type Unfinished,
} from "./recovery/unfinished";
import { WaitTimeoutError } from "./waiter";

export interface Started {
  readonly entries: readonly BackupEntry[];
  /** The mark that the entries bear. */
  readonly token: string;
  readonly settled: SettledOrders;
}

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
  if (left !== undefined) return { ...left, settled };
  const before = await listBackups(account, inputs.instanceId, deadline);
  const earlier = new Set(before.map((entry) => entry.backupId));
  context.reporter(inputs.__urn)("starting");
  const doubt = await start(context, account, inputs, deadline);
  const listed = await waitBackupListed(
    context,
    account,
    inputs,
    earlier,
    doubt === undefined,
    deadline,
  ).catch((error: unknown): Listed => ({ ours: noneSeen(error), doubtful: [] }));
  if (listed.ours.length > 0)
    return { entries: byShard(listed.ours), token: inputs.__token, settled };
  throw unsettled(inputs, listed.doubtful, doubt);
}

function unsettled(
  inputs: BackupInputs,
  doubtful: readonly BackupEntry[],
  doubt: CdsError | undefined,
): UnsettledOrderError {
  const ids = doubtful.map((entry) => entry.backupId).join(", ");
  const answer = doubt === undefined ? "" : ` The answer to the call: ${doubt.message}`;
  return new UnsettledOrderError(
    `whether the backup of ${inputs.instanceId} was started is not known: no list shows its mark (${descriptionOf(inputs)}). ` +
      (ids === ""
        ? ""
        : `New meanwhile, its own or somebody else's: ${ids}; delete them in the console if they are not wanted. `) +
      `If the mark appears, the next \`pulumi up\` from this machine takes the backup over.${answer}`,
  );
}

/** For a list that can't be had. */
function noneSeen(error: unknown): [] {
  if (error instanceof WaitTimeoutError || error instanceof CdsError) return [];
  throw error;
}

/** A backup whose mark the stack's own record proves to be an order for this resource. */
async function takeOver(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  unfinished: Unfinished,
  deadline: number,
): Promise<Omit<Started, "settled"> | undefined> {
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
      "If the engine warns of a pending operation, `pulumi refresh --clear-pending-creates --yes` clears it.",
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

/** Starts it once. An answer that leaves it open is given: the list shows what became of it. */
async function start(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  deadline: number,
): Promise<CdsError | undefined> {
  const { instanceId } = inputs;
  const report = context.reporter(inputs.__urn);
  try {
    await sendUntilTaken<true>(context.clock, {
      send: async (timeoutMs) => {
        await createBackup(account.client, instanceId, descriptionOf(inputs), timeoutMs);
        return true;
      },
      deadline,
      what: `starting the backup of ${instanceId}`,
      harmlessTwice: false,
      alreadyDone: async () => {
        const entries = await listBackups(account, instanceId, deadline, "wait");
        return markedEntries(entries, [inputs.__token]).length > 0 ? true : undefined;
      },
      onAgain: (error) => {
        report(`trying again: ${error.message}`);
      },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    if (error.ambiguous) return error;
    // What refuses may be a gateway that saw the answer alone: the list knows.
    const entries = await listBackups(account, instanceId, deadline).catch(noneSeen);
    if (markedEntries(entries, [inputs.__token]).length === 0) throw error;
    return undefined;
  }
}
