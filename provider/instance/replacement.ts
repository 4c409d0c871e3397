import { hasUnknown, isUnknown } from "../core/engineValues";
import type { Operation } from "../core/operation";
import { backupsHeldOf } from "../core/records";
import { INSTANCE_ARGUMENTS, type InstanceInputs } from "./arguments";
import { finalBackupFolder, finalBackupSetting, isSkipped } from "./finalBackup";
import { hasDrifted, nameAndId, type InstanceState } from "./state";

type Name = keyof typeof INSTANCE_ARGUMENTS;

export interface Replacement {
  readonly id: string;
  readonly olds: InstanceState;
  readonly news: InstanceInputs;
  /** The arguments that need another instance. */
  readonly replaces: readonly string[];
}

/** Says before a replacement what it deletes, and which arguments are the reason. */
export async function warnReplacement(
  operation: Operation,
  replacement: Replacement,
): Promise<void> {
  const { id, olds, news, replaces } = replacement;
  const saved = savedText(operation, id, olds, news);
  const changes = replaces.map((name) => changeText(name as Name, olds, news)).join(", ");
  operation.warn(
    `\`pulumi up\` makes a new, empty instance; ${nameAndId({ ...olds, instanceId: id })} and its data are deleted (${saved})${await backupsToo(operation, id)}: ${changes}.`,
  );
}

/** What becomes of the data before the instance is deleted. */
function savedText(
  operation: Operation,
  id: string,
  olds: InstanceState,
  news: InstanceInputs,
): string {
  const setting = finalBackupSetting(operation, id, news);
  if (setting === false) return "no finalBackup";
  if (isSkipped(operation, id, olds)) return "no finalBackup, as CDS_SKIP_FINAL_BACKUP says";
  if (hasUnknown(news.finalBackup)) return "finalBackup is not known yet";
  return `after a final backup into ${finalBackupFolder(setting)}`;
}

/** Such as `ramGb 20 → 32`. What a program may keep secret is not shown. */
function changeText(name: Name, olds: InstanceState, news: InstanceInputs): string {
  const argument = INSTANCE_ARGUMENTS[name];
  const isHidden = "isSecret" in argument || "isPrivate" in argument;
  if (isHidden) return `${name} ${isUnknown(news[name]) ? "not known yet" : "changed"}`;
  const why = hasDrifted(olds, name) ? " (somebody changed it outside of Pulumi)" : "";
  return `${name} ${valueText(olds[name])} → ${valueText(news[name])}${why}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "none";
  if (isUnknown(value)) return "not known yet";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The stack's backups of the instance, which belong to it. */
async function backupsToo(operation: Operation, id: string): Promise<string> {
  const { context, urn = "" } = operation;
  const record = await context.stackBefore(urn);
  const count = record === undefined ? 0 : backupsHeldOf(record, id);
  if (count === 0) return "";
  return count === 1
    ? ", and so is the stack's backup of it"
    : `, and so are the stack's ${count} backups of it`;
}
