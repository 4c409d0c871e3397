import { wrapped } from "../table";
import { counted, oneLine } from "../io";
import { sizeText } from "../backupsShown";
import type { OrphanBackup, OrphanInstance, Orphans } from "./find";

/** What was read for the orphans. */
interface Extent {
  readonly exports: number;
  /** How many calls failed. */
  readonly failures: number;
}

/** The orphans as text for people, at most 80 columns wide but for long names. */
export function orphansText(orphans: Orphans, extent: Extent): string {
  const { instances, backups } = orphans;
  const lines = [
    ...wrapped(headOf(orphans, extent), ""),
    ...instances.flatMap((one) => ["", ...instanceLines(one)]),
    ...backups.flatMap((one) => ["", ...backupLines(one)]),
  ];
  return `${lines.join("\n")}\n`;
}

function headOf({ instances, backups }: Orphans, { exports, failures }: Extent): string {
  const isSome = (all: readonly unknown[], noun: string): string[] =>
    all.length === 0 ? [] : [counted(all.length, noun)];
  const kinds = [...isSome(instances, "instance"), ...isSome(backups, "backup")];
  const isOne = instances.length + backups.length === 1;
  const finding =
    kinds.length === 0
      ? "No orphans"
      : `${kinds.join(" and ")} ${isOne ? "is" : "are"} held by no stack`;
  const gap = failures === 0 ? "" : `; ${counted(failures, "call")} failed, so there may be more`;
  return `${finding} (${counted(exports, "export")} read${gap}).`;
}

/** What to do with them. */
export function orphansAdvice({ instances, backups }: Orphans): string {
  if (instances.length + backups.length === 0) return "";
  return [
    "",
    "Nothing was changed. `cds-redis adopt --name <instance id> --stack <export>`",
    "writes the program that takes over an instance and its backups. Give it the",
    "same exports: it leaves out what they hold. Delete in the console what nobody",
    "needs: a deleted instance and its data can't be brought back.",
    "",
  ].join("\n");
}

function instanceLines({ account, instance, resourceName, hints }: OrphanInstance): string[] {
  const { instanceId, instanceName, regionId, architecture, version, ramGb } = instance;
  const facts = [
    ...[regionId, `${architecture} ${version}`, ramGb === 0 ? "" : `${ramGb} GB`],
    ...[instance.status, instance.createdTime.slice(0, 10), `account ${account}`],
  ];
  const ours =
    resourceName === undefined
      ? []
      : [`automatic name of this package, of a resource called ${resourceName}`];
  return entryLines(`instance ${instanceName}`, instanceId, [factsLine(facts), ...ours, ...hints]);
}

function backupLines(one: OrphanBackup): string[] {
  const { account, instance, backup, description, isMarked, isAutomatic, hints } = one;
  const { entries, status = "", sizeBytes, startTime = "" } = backup;
  const facts = [
    ...[startTime.slice(0, 10), status, sizeBytes === 0 ? "" : sizeText(sizeBytes)],
    ...[counted(entries.length, "file"), isAutomatic ? "automatic" : "", `account ${account}`],
  ];
  const ids = entries.map(({ backupId }) => backupId);
  return [
    ...entryLines(`backup of ${instance.instanceName}`, ids[0] ?? "", []),
    ...ids.slice(1).map((id) => `  ${oneLine(id)}`),
    ...detailLines([
      `of instance ${instance.instanceId}`,
      factsLine(facts),
      ...(description === "" ? [] : [`description: ${description}`]),
      ...(isMarked ? ["marked by this package"] : []),
      ...hints,
    ]),
  ];
}

function entryLines(title: string, id: string, details: readonly string[]): string[] {
  return [oneLine(title), `  ${oneLine(id)}`, ...detailLines(details)];
}

function detailLines(details: readonly string[]): string[] {
  return details.flatMap((detail) => wrapped(detail, "  "));
}

function factsLine(facts: readonly string[]): string {
  return facts
    .map(oneLine)
    .filter((fact) => fact !== "")
    .join(", ");
}

/** The orphans as fields for scripts, all that look like this package's first. */
export function orphansJson({ instances, backups }: Orphans): {
  readonly instances: readonly object[];
  readonly backups: readonly object[];
} {
  return {
    instances: instances.map(({ account, instance, resourceName, hints }) => {
      const { instanceId, instanceName, regionId, vdcId, status, createdTime } = instance;
      return {
        ...{ account, instanceId, instanceName, regionId, vdcId, status, createdTime },
        isAutomaticName: resourceName !== undefined,
        resourceName: resourceName ?? null,
        hints,
      };
    }),
    backups: backups.map(
      ({ account, instance, backup, description, isMarked, isAutomatic, hints }) => ({
        account,
        instanceId: instance.instanceId,
        instanceName: instance.instanceName,
        backupIds: backup.entries.map(({ backupId }) => backupId),
        status: backup.status ?? "",
        sizeBytes: backup.sizeBytes,
        startTime: backup.startTime ?? "",
        ...{ description, isMarked, isAutomatic, hints },
      }),
    ),
  };
}
