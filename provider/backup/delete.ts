import { deleteBackup } from "../vendor/backups";
import { CdsApiError } from "../vendor/errors";
import type { Account } from "../core/account";
import { listBackups, waitBackupAbsent } from "./wait";
import type { Context } from "../core/context";
import { sendUntilTaken } from "../core/sending";
import { tryingAgain } from "../core/progress";

/**
 * Deletes these entries and waits until they are gone. Gives whether the vendor knew any of them.
 *
 * @param report Shows what happens.
 */
export async function deleteEntries(
  context: Context,
  account: Account,
  instanceId: string,
  ids: ReadonlySet<string>,
  deadline: number,
  report: (text: string) => void,
): Promise<boolean> {
  let wasTaken = false;
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
      onAgain: tryingAgain(report),
    });
    wasTaken ||= outcome === "taken";
  }
  const wasListed = await waitBackupAbsent(context, account, instanceId, ids, deadline);
  return wasTaken || wasListed;
}
