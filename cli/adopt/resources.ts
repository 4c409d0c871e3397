import { BACKUP_ARGUMENTS } from "../../provider/backup/arguments";
import { backupsOf, byShard, mostEntries, withoutMark } from "../../provider/backup/entries";
import { saysFinished, statusInstance } from "../../provider/core/status";
import { INSTANCE_ARGUMENTS } from "../../provider/instance/arguments";
import type { BackupEntry, Instance, Vdc } from "../../provider/vendor/types";
import { catalog } from "../../sdk/catalog.gen";
import { combinations } from "../../sdk/catalogShape";
import { accountLabel, type FoundInstance } from "../accounts";
import { HELD, type Holdings } from "./holdings";
import { automaticNameOf, type Names, type NameSource } from "./names";
import { basePipeArgument } from "./networks";
import type { AdoptedResource, ArgumentValue, ProgramArgument } from "./program";
import { oneLine } from "../io";

/** Something that a program does not take over, and why. */
export interface LeftOut {
  readonly id: string;
  readonly what: string;
  readonly reason: string;
}

/** Which backups a program takes over. The vendor deletes automatic ones by its own schedule. */
export const BACKUP_CHOICES = ["manual", "all", "none"] as const;
export type BackupChoice = (typeof BACKUP_CHOICES)[number];

/** Whether a text may be an id. An id goes into commands and URLs, so no other characters are taken. */
export function isId(text: string): boolean {
  return /^[\w.-]+$/.test(text);
}

/** The instance of a backup, with the argument that names it. */
interface BackedUp extends Names, Pick<AdoptedResource, "id" | "account"> {
  readonly instanceId: ArgumentValue;
}

/** Makes the resources of one program. */
export class Adoption {
  readonly resources: AdoptedResource[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly #names: NameSource;
  readonly #choice: BackupChoice;
  readonly #holdings: Holdings;

  constructor(names: NameSource, choice: BackupChoice, holdings: Holdings) {
    this.#names = names;
    this.#choice = choice;
    this.#holdings = holdings;
  }

  /**
   * Takes over an instance with its backups, or leaves both out. Of an instance that a stack holds, it
   * takes over the backups that no stack holds.
   */
  add({ account, instance, entries }: FoundInstance, vdcs: readonly Vdc[] | undefined): void {
    const { instanceId: id, instanceName } = instance;
    const label = oneLine(`${instanceName} (${accountLabel(account)})`);
    const { name } = account;
    const isHeld = this.#holdings.has(id);
    const reason = isHeld ? HELD : whyNotInstance(instance);
    if (reason !== undefined)
      this.leftOut.push({ id: oneLine(id), what: `the instance ${label}`, reason });
    if (reason !== undefined && !isHeld) return;
    const own = automaticNameOf(instanceName) ?? instanceName;
    const names = this.#names.take(own, `redis-${id.slice(0, 8)}`, name);
    if (!isHeld)
      this.resources.push({
        type: "RedisInstance",
        ...names,
        ...{ id, label: oneLine(instanceName), account: name, status: oneLine(instance.status) },
        arguments: instanceArguments(instance, `${names.variable}Password`, vdcs),
        isUncatalogued: isUncatalogued(instance),
      });
    const most = mostEntries(entries);
    const instanceId = isHeld ? id : { idOf: names.variable };
    for (const backup of backupsOf(entries))
      this.#addBackup(backup, most, { ...names, id, account: name, instanceId });
  }

  #addBackup(unsorted: readonly BackupEntry[], most: number, instance: BackedUp): void {
    const entries = byShard(unsorted);
    const [first] = entries;
    if (first === undefined || this.#choice === "none") return;
    const what = oneLine(`the backup of ${instance.resourceName} from ${first.startTime}`);
    const description = withoutMark(first.description);
    const reason = this.#holdings.has(`${instance.id}/${first.backupId}`)
      ? HELD
      : whyNotBackup(entries, most, { description, choice: this.#choice });
    if (reason !== undefined) {
      this.leftOut.push({ id: oneLine(first.backupId), what, reason });
      return;
    }
    const day = /^\d{4}-\d\d-\d\d/.exec(first.startTime)?.[0] ?? "";
    const fallback = `backup-${first.backupId.slice(0, 8)}`;
    this.resources.push({
      type: "RedisBackup",
      ...this.#names.takeBelow(instance, `-backup-${day}`, fallback),
      id: `${instance.id}/${first.backupId}`,
      label: `Backup of ${first.startTime}, ${entries.length === 1 ? "one file" : `${entries.length} files`}`,
      account: instance.account,
      arguments: [
        { name: "instanceId", value: instance.instanceId },
        ...(description === "" ? [] : [{ name: "description", value: description }]),
      ],
    });
  }
}

function whyNotInstance(instance: Instance): string | undefined {
  if (!isId(instance.instanceId)) return "its id has characters that no id has";
  const { status, statusText } = instance;
  return statusInstance(instance) === "failed" || /delet|删除/i.test(`${status} ${statusText}`)
    ? `its status is ${oneLine([...new Set([status, statusText])].join(" "))}`
    : undefined;
}

function whyNotBackup(
  entries: readonly BackupEntry[],
  most: number,
  { description, choice }: { readonly description: string; readonly choice: BackupChoice },
): string | undefined {
  const [first] = entries;
  if (first?.mode !== "manual" && choice !== "all")
    return "it is automatic, and the vendor deletes it in time (--backups all takes it over)";
  if (entries.length < most)
    return `it has ${entries.length} of ${most} entries: the file of a shard is missing`;
  if (!entries.every(({ status }) => saysFinished(status))) return "it is not finished";
  if (!entries.every(({ backupId }) => isId(backupId)))
    return "its id has characters that no id has";
  return BACKUP_ARGUMENTS.description.rule.safeParse(description).success
    ? undefined
    : "its description is no valid argument, and an import compares it";
}

function instanceArguments(
  instance: Instance,
  password: string,
  vdcs: readonly Vdc[] | undefined,
): ProgramArgument[] {
  const { instanceName, port } = instance;
  const told = (
    name: "regionId" | "vdcId" | "version" | "architecture" | "ramGb",
  ): ProgramArgument => {
    const value = instance[name];
    const isTold = value !== "" && value !== 0;
    return { name, value, fillIn: isTold ? undefined : "the vendor does not tell it now" };
  };
  const isNameValid = INSTANCE_ARGUMENTS.instanceName.rule.safeParse(instanceName).success;
  const isPortValid = port !== 0 && INSTANCE_ARGUMENTS.port.rule.safeParse(port).success;
  return [
    ...[told("regionId"), told("vdcId"), basePipeArgument(instance, vdcs)],
    ...[told("version"), told("architecture"), told("ramGb")],
    // The provider keeps the live value of what is left out.
    ...(isNameValid ? [{ name: "instanceName", value: instanceName }] : []),
    ...(isPortValid ? [{ name: "port", value: port }] : []),
    { name: "password", value: { secret: password } },
  ];
}

/** Whether literals of the specification would not compile against the catalogue in the package. */
export function isUncatalogued(
  wanted: Pick<Instance, "regionId" | "version" | "architecture" | "ramGb">,
): boolean {
  if (!Object.hasOwn(catalog.regions, wanted.regionId)) return true;
  return (
    Object.hasOwn(catalog.offers, wanted.regionId) &&
    !combinations(catalog).some(
      ({ regionId, version, architecture, ramGb }) =>
        regionId === wanted.regionId &&
        version === wanted.version &&
        architecture === wanted.architecture &&
        ramGb === wanted.ramGb,
    )
  );
}
