import { CONTROL_TEXT } from "./controlText";
import type { ListFaultKind } from "./faultKinds";

/** An instance or a backup as a list shows it. */
export type Entry = Readonly<Record<string, unknown>>;

/** What each kind makes of a list; `id` names the entry that is meant. */
export const LISTS: Readonly<
  Record<ListFaultKind, (entries: readonly Entry[], id?: string) => readonly Entry[] | null>
> = {
  "stale-list": withoutNewest,
  "failed-status": (entries) => entries.map((entry) => (isReady(entry) ? entry : failed(entry))),
  "lagging-list": (entries) => entries,
  "hidden-entries": (entries, id) => entries.filter((entry) => !isMeant(entry, id)),
  "doubled-entries": (entries, id) =>
    entries.flatMap((entry) => (isMeant(entry, id) ? [entry, entry] : [entry])),
  "upper-case-ids": (entries, id) =>
    entries.map((entry) => changed(entry, isMeant(entry, id) ? ID_FIELDS : [], upperCase)),
  "odd-entry": (entries, id) => {
    const odd = entries.find((entry) => isMeant(entry, id));
    return entries.map((entry) => (entry === odd ? emptied(entry) : entry));
  },
  "control-status": (entries, id) =>
    entries.map((entry) => {
      const isHit = isMeant(entry, id) && !isReady(entry);
      return changed(entry, isHit ? ["Status", "StatusStr"] : [], withControl);
    }),
  "control-names": (entries, id) =>
    entries.map((entry) => changed(entry, isMeant(entry, id) ? NAME_FIELDS : [], withControl)),
  "null-empty-list": (entries) => (entries.length === 0 ? null : entries),
};

/** The ids of an entry itself; InstanceId is the instance of a backup. */
const OWN_IDS = ["InstanceUuid", "BackupId", "ShardId"];
const ID_FIELDS = [...OWN_IDS, "InstanceId"];
const NAME_FIELDS = ["InstanceName", "DisplayName", "VdcName", "SubProductName", "Desc"];
const NEVER_EMPTIED = [...ID_FIELDS, "InstanceName", "Desc", "Status"];

function isMeant(entry: Entry, id: string | undefined): boolean {
  return id === undefined || OWN_IDS.some((field) => entry[field] === id);
}

function isBackup(entry: Entry | undefined): boolean {
  return entry !== undefined && "BackupId" in entry;
}

function isReady(entry: Entry): boolean {
  return entry["Status"] === (isBackup(entry) ? "finished" : "RUNNING");
}

/** Backups are listed with the newest first, instances with the newest last. */
function withoutNewest(entries: readonly Entry[]): readonly Entry[] {
  return isBackup(entries[0]) ? entries.slice(1) : entries.slice(0, -1);
}

function failed(entry: Entry): Entry {
  return isBackup(entry)
    ? { ...entry, Status: "failed" }
    : { ...entry, Status: "ERROR", StatusStr: "异常" };
}

/** The entry with some of its texts changed. */
function changed(entry: Entry, fields: readonly string[], change: (text: string) => string): Entry {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [
      name,
      fields.includes(name) && typeof value === "string" ? change(value) : value,
    ]),
  );
}

function emptied(entry: Entry): Entry {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [name, NEVER_EMPTIED.includes(name) ? value : ""]),
  );
}

function upperCase(text: string): string {
  return text.toUpperCase();
}

function withControl(text: string): string {
  return text + CONTROL_TEXT;
}
