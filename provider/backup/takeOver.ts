import type { BackupEntry } from "../vendor/backups";
import { Absence, NEVER_MADE } from "../core/absence";
import type { Account } from "../core/account";
import type { BackupInputs, Started } from "./inputs";
import { markedEntries, seriesEntries } from "./marks";
import { startBackup } from "./start";
import { byShard } from "./summary";
import { listBackups } from "./wait";
import type { Context } from "../core/context";
import { settledBy, type Unfinished } from "../core/unfinished";
import { noneSeen } from "../core/waiter";

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
    context.reporter(inputs.__urn)(
      "looking for a backup of an interrupted run, two minutes at most",
    );
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
  const others = unheld.filter((entry) => !found.includes(entry));
  const strays = others.length === 0 ? [] : await ownStrays(context, account, inputs, others);
  if (found.length === 0)
    return { entries: await startBackup(context, account, inputs, before, deadline), strays };
  context.warn(
    inputs.__urn,
    `took over the backup ${idsOf(found)} of ${instanceId}, which an interrupted \`pulumi up\` had started.`,
  );
  return { entries: byShard(found), strays };
}

/**
 * Those that no other resource of the stack holds, which may have taken them over by `import`; none
 * where that can't be told.
 */
async function ownStrays(
  context: Context,
  account: Account,
  inputs: BackupInputs,
  others: readonly BackupEntry[],
): Promise<readonly BackupEntry[]> {
  const unfinished = await context.unfinished.of(inputs);
  const key = ({ backupId }: BackupEntry): string => `${inputs.instanceId}/${backupId}`;
  if (unfinished.proof)
    return others.filter((entry) => !unfinished.inState(key(entry)) && account.claim(key(entry)));
  context.warn(
    inputs.__urn,
    `interrupted runs started the backup ${idsOf(others)}, and whether another resource holds it can't be told (${unfinished.reason}): it stays as it is. Delete it in the console if it is not wanted.`,
  );
  return [];
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
  const unidentified = unfinished.proof ? unfinished.unidentified : unfinished.orders;
  const proven = unfinished.proof ? unfinished.orders : [];
  const orders = [...proven, ...unidentified].filter(
    (one) => one.inputs["instanceId"] === instanceId,
  );
  if (orders.length === 0) return undefined;
  const tokens = orders.map((one) => one.token);
  context.reporter(inputs.__urn)("looking for a backup of an interrupted run, two minutes at most");
  const absence = new Absence(context.clock, NEVER_MADE);
  const isHeld = ({ backupId }: BackupEntry): boolean =>
    unfinished.proof && unfinished.inState(`${instanceId}/${backupId}`);
  let unmarked: readonly BackupEntry[] = [];
  const found = await account.backups(instanceId).until(
    (entries) => {
      const marked = tokens
        .map((token) => markedEntries(entries, [token]))
        .find((ours) => ours.length > 0 && !ours.some(isHeld));
      unmarked = entries.filter((entry) => isUnmarked(entry) && !isHeld(entry));
      return marked ?? (absence.isCertain(false) ? [] : undefined);
    },
    { deadline, what: `looking for the backups of an interrupted run of ${instanceId}` },
  );
  const token = tokens.find((one) => markedEntries(found, [one]).length > 0);
  if (token === undefined) {
    for (const one of proven) await context.unfinished.settle(one.token);
    // A vendor that shows no descriptions shows no marks.
    if (unmarked.length > 0)
      context.warn(
        inputs.__urn,
        `an interrupted \`pulumi up\` may have started a backup of ${instanceId}, and one of ${idsOf(unmarked)} may be that: none says whose it is. Delete in the console what is not wanted.`,
      );
    return undefined;
  }
  const why = unfinished.proof ? "" : ` (${unfinished.reason})`;
  const mend = unfinished.proof
    ? "Take it"
    : "Put the pulumi CLI on PATH and run `pulumi up` again, or take it";
  if (!proven.some((one) => one.token === token))
    throw new Error(
      `this machine began the backup ${idsOf(found)} of ${instanceId}, and whether this stack had can't be told${why}; none was started. ` +
        `${mend} over by the resource option \`import\`, or delete it in the console; then delete the note ${context.unfinished.placeOf(token)}.`,
    );
  context.warn(
    inputs.__urn,
    `took over the backup ${idsOf(found)} of ${instanceId}, which an interrupted \`pulumi up\` had started. ` +
      CLEAR_ADVICE,
  );
  return { entries: byShard(found), token };
}

function isUnmarked({ mode, description }: BackupEntry): boolean {
  return mode === "manual" && description === "";
}

function idsOf(entries: readonly BackupEntry[]): string {
  return entries.map(({ backupId }) => backupId).join(", ");
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
