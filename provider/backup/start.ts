import { Absence, LOST, NOT_TAKEN } from "../core/absence";
import { CancelledError, emptyOnVendorError, UnsettledOrderError } from "../core/errors";
import type { Operation } from "../core/operation";
import { sendUntilTaken } from "../core/send";
import { createBackup, type BackupEntry } from "../vendor/actions/backups";
import { CdsApiError, CdsError } from "../vendor/errors";
import { byShard } from "./entries";
import { descriptionOf, markedEntries, type BackupOrder } from "./marks";
import { listBackups, waitBackupListed, type Listed } from "./wait";

/**
 * Starts one backup and returns its entries as they are listed first. Throws an
 * {@link UnsettledOrderError} where it can't be told whether the backup was started.
 *
 * @param before What is listed just before.
 */
export async function startBackup(
  operation: Operation,
  order: BackupOrder,
  before: readonly BackupEntry[],
): Promise<BackupEntry[]> {
  const earlier = new Set(before.map((entry) => entry.backupId));
  operation.report("starting");
  const doubt = await send(operation, order);
  const listed = await waitBackupListed(operation, order, earlier, doubt === undefined).catch(
    (error: unknown): Listed => ({ ours: emptyOnVendorError(error), doubtful: [] }),
  );
  if (listed.ours.length > 0) return byShard(listed.ours);
  throw unsettled(operation, order, listed.doubtful, doubt);
}

function unsettled(
  operation: Operation,
  order: BackupOrder,
  doubtful: readonly BackupEntry[],
  doubt: Error | undefined,
): UnsettledOrderError {
  const ids = doubtful.map((entry) => entry.backupId).join(", ");
  const next = operation.context.orders.isNoted(order.__token)
    ? "the next `pulumi up` from this machine takes the backup over"
    : "delete the backup in the console if nobody needs it";
  const answer = doubt === undefined ? "" : ` The answer to the call: ${doubt.message}`;
  return new UnsettledOrderError(
    `whether the backup of ${order.instanceId} was started is not known: no list shows its mark (${descriptionOf(order)}). ` +
      (ids === "" ? "" : `New meanwhile, this order's or somebody else's: ${ids}. `) +
      `If the mark appears, ${next}.${answer}`,
  );
}

/** Starts it once. Returns the answer that leaves it open whether it was started; undefined where it was. */
async function send(operation: Operation, order: BackupOrder): Promise<Error | undefined> {
  const { instanceId } = order;
  const sent = { once: false };
  try {
    await sendUntilTaken<true>(operation, {
      what: `starting the backup of ${instanceId}`,
      send: async (timeoutMs) => {
        sent.once = true;
        const description = descriptionOf(order);
        await createBackup(operation.account.client, instanceId, description, timeoutMs);
        return true;
      },
      isHarmlessTwice: false,
      alreadyDone: async (refusal) =>
        (await isListed(operation, order, refusal)) ? true : undefined,
    });
    return undefined;
  } catch (error) {
    if (error instanceof CancelledError && sent.once) return error;
    if (!(error instanceof CdsError)) throw error;
    if (error.ambiguous) return error;
    // The refusal may come from a gateway behind the vendor's answer: the list knows.
    const entries = await listBackups(operation, instanceId).catch(emptyOnVendorError);
    if (markedEntries(entries, order.__token).length === 0) throw error;
    return undefined;
  }
}

/** Looks before a refused call is sent again. */
async function isListed(
  operation: Operation,
  { instanceId, __token: token }: BackupOrder,
  refusal: CdsError,
): Promise<boolean> {
  // Too many calls are refused before anything is done; that the vendor is busy is less clear.
  const isThrottled = !(refusal instanceof CdsApiError) || refusal.isThrottled;
  const absence = new Absence(isThrottled ? NOT_TAKEN : LOST);
  return operation.account.backups(instanceId).until(
    operation,
    (entries) => {
      const isMarked = markedEntries(entries, token).length > 0;
      return isMarked || (absence.isCertain(false) ? false : undefined);
    },
    { what: `listing the backups of ${instanceId}` },
  );
}
