import type { ActionAnswer } from "../actions/action";
import type { ContentFaultKind } from "./faultKinds";

/**
 * Carries a call out (`run`) and changes what is told of it. A refusal passes as it is.
 *
 * @throws ApiError when the call is refused.
 */
export function alteredAnswer(kind: ContentFaultKind, run: () => ActionAnswer): ActionAnswer {
  const answer = run();
  switch (kind) {
    case "no-id":
      return { ...answer, data: {} };
    case "two-ids":
      return both(answer, run());
    case "stale-list":
      return { ...answer, data: withoutNewest(entriesOf(answer)) };
    case "failed-status":
      return { ...answer, data: entriesOf(answer).map(failedUnlessReady) };
  }
}

type Entry = Readonly<Record<string, unknown>>;

function entriesOf({ data }: ActionAnswer): readonly Entry[] {
  return Array.isArray(data) ? (data as Entry[]) : [];
}

/** One answer of an order that was carried out twice. The first edition's has no ids, and stays so. */
function both(one: ActionAnswer, other: ActionAnswer): ActionAnswer {
  const made = [...(one.made ?? []), ...(other.made ?? [])];
  const hasIds = typeof one.data === "object" && one.data !== null && "InstancesUuid" in one.data;
  return { ...one, made, data: hasIds ? { InstancesUuid: made } : one.data };
}

/** Backups are listed with the newest first, instances with the newest last. */
function withoutNewest(entries: readonly Entry[]): readonly Entry[] {
  return isBackup(entries[0]) ? entries.slice(1) : entries.slice(0, -1);
}

function failedUnlessReady(entry: Entry): Entry {
  if (isBackup(entry)) {
    return entry["Status"] === "finished" ? entry : { ...entry, Status: "failed" };
  }
  return entry["Status"] === "RUNNING" ? entry : { ...entry, Status: "ERROR", StatusStr: "异常" };
}

function isBackup(entry: Entry | undefined): boolean {
  return entry !== undefined && "BackupId" in entry;
}
