import { createBackup, type BackupEntry } from "../vendor/backups";
import { CdsError } from "../vendor/errors";
import { Absence, GONE } from "../core/absence";
import type { Account } from "../core/account";
import { descriptionOf, type BackupOrder } from "./inputs";
import { markedEntries } from "./marks";
import { byShard } from "./summary";
import { listBackups, waitBackupListed, type Listed } from "./wait";
import type { Context } from "../core/context";
import { UnsettledOrderError } from "../core/unfinished";
import { sendUntilTaken } from "../core/sending";
import { noneSeen } from "../core/waiter";
import { tryingAgain } from "../core/progress";

/**
 * Starts one backup and gives its entries as they are listed first; whether it was started may be unsettled.
 *
 * @param before What is listed just before.
 */
export async function startBackup(
  context: Context,
  account: Account,
  order: BackupOrder,
  before: readonly BackupEntry[],
  deadline: number,
): Promise<BackupEntry[]> {
  const earlier = new Set(before.map((entry) => entry.backupId));
  context.reporter(order.__urn)("starting");
  const doubt = await start(context, account, order, deadline);
  const isTaken = doubt === undefined;
  const listed = await waitBackupListed(context, account, order, earlier, isTaken, deadline).catch(
    (error: unknown): Listed => ({ ours: noneSeen(error), doubtful: [] }),
  );
  if (listed.ours.length > 0) return byShard(listed.ours);
  throw unsettled(context, order, listed.doubtful, doubt);
}

function unsettled(
  context: Context,
  order: BackupOrder,
  doubtful: readonly BackupEntry[],
  doubt: CdsError | undefined,
): UnsettledOrderError {
  const ids = doubtful.map((entry) => entry.backupId).join(", ");
  const next =
    context.unfinished.noteOf(order.__token) === undefined
      ? "delete the backup in the console if it is not wanted"
      : "the next `pulumi up` from this machine takes the backup over";
  const answer = doubt === undefined ? "" : ` The answer to the call: ${doubt.message}`;
  return new UnsettledOrderError(
    `whether the backup of ${order.instanceId} was started is not known: no list shows its mark (${descriptionOf(order)}). ` +
      (ids === ""
        ? ""
        : `New meanwhile, its own or somebody else's: ${ids}; delete them in the console if they are not wanted. `) +
      `If the mark appears, ${next}.${answer}`,
  );
}

/** Starts it once. An answer that leaves it open is given: the list shows what became of it. */
async function start(
  context: Context,
  account: Account,
  order: BackupOrder,
  deadline: number,
): Promise<CdsError | undefined> {
  const { instanceId } = order;
  const report = context.reporter(order.__urn);
  try {
    await sendUntilTaken<true>(context.clock, {
      send: async (timeoutMs) => {
        await createBackup(account.client, instanceId, descriptionOf(order), timeoutMs);
        return true;
      },
      deadline,
      what: `starting the backup of ${instanceId}`,
      harmlessTwice: false,
      alreadyDone: async () => {
        const absence = new Absence(context.clock, GONE);
        const isListed = await account.backups(instanceId).until(
          (entries) => {
            const isMarked = markedEntries(entries, [order.__token]).length > 0;
            return isMarked || (absence.isCertain(isMarked) ? false : undefined);
          },
          { deadline, what: `listing the backups of ${instanceId}` },
        );
        return isListed ? true : undefined;
      },
      onAgain: tryingAgain(report),
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    if (error.ambiguous) return error;
    // What refuses may be a gateway that saw the answer alone: the list knows.
    const entries = await listBackups(account, instanceId, deadline).catch(noneSeen);
    if (markedEntries(entries, [order.__token]).length === 0) throw error;
    return undefined;
  }
}
