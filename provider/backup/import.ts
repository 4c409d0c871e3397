import type { BackupEntry } from "../vendor/backups";
import type { Account } from "../core/account";
import type { BackupInputs, Started } from "./inputs";
import { withoutMark } from "./marks";
import { byShard, mostEntries, wholeBackup } from "./summary";
import { findBackupEntries } from "./wait";
import type { Context } from "../core/context";
import { requireNewToStack } from "../core/imports";

/** The instance and the first entry in the id of a backup. */
export function partsOf(id: string): [instanceId: string, backupId: string] {
  const slash = id.indexOf("/");
  return [id.slice(0, Math.max(slash, 0)), id.slice(slash + 1)];
}

/** The backup of the option `import`: compared, and left as it is. */
export async function importedBackup(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  id: string,
): Promise<Started> {
  await requireNewToStack(context, account, inputs, id);
  const found = await findImported(context, account, inputs, id);
  if (typeof found === "string") throw new Error(found);
  return { entries: byShard(found), token: inputs.__token, settled: {}, mayGrow: false };
}

/** The entries to take over, or why they can't be. */
export async function findImported(
  context: Context,
  account: Account,
  inputs: Pick<BackupInputs, "instanceId" | "description">,
  id: string,
): Promise<readonly BackupEntry[] | string> {
  const [instanceId, backupId] = partsOf(id);
  if (instanceId === "" || backupId === "")
    return `import: ${JSON.stringify(id)} is no id of a backup: give <instanceId>/<BackupId>.`;
  const nothingDone = "Nothing was changed: make the arguments equal to take it over.";
  if (instanceId !== inputs.instanceId)
    return `import: ${id} is a backup of ${instanceId}, the program says instanceId ${inputs.instanceId}. ${nothingDone}`;
  let most = 0;
  const found = await findBackupEntries(context, account, instanceId, (entries) => {
    most = mostEntries(entries);
    return wholeBackup(entries, backupId);
  });
  if (found.length === 0)
    return `import: there is no backup ${backupId} of ${instanceId} at ${account.client.endpoint} for this access key.`;
  if (found.length < most)
    return `import: ${id} has ${found.length} of the ${most} entries (one for each shard) that other backups of the instance have: it is not whole, so it is not taken over.`;
  const live = withoutMark(found[0]?.description ?? "");
  const said = inputs.description ?? "";
  return live === said
    ? found
    : `import: ${id} differs from the arguments: description is ${JSON.stringify(live)}, the program says ${JSON.stringify(said)}. ${nothingDone}`;
}
