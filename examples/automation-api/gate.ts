import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

const INSTANCE = "pulumi-nodejs:dynamic/cds:RedisInstance";

/** The steps of a preview that delete an instance with its data, also one that an earlier replacement left. */
const LOSING_STEPS = ["replace", "delete", "delete-replaced", "discard-replaced"];

export interface LostInstance {
  /** The InstanceUuid. */
  readonly id: string;
  /** What would happen, and the provider's own warning about it. */
  readonly reason: string;
}

/** Returns the instances that the previewed change would replace or delete. Throws where the preview did not end. */
export function lostInstances(events: readonly EngineEvent[]): LostInstance[] {
  if (!events.some(({ summaryEvent }) => summaryEvent !== undefined))
    throw new Error("The events of the preview are not whole, so nothing is deployed.");
  const lost: LostInstance[] = [];
  for (const { resourcePreEvent } of events) {
    if (resourcePreEvent === undefined) continue;
    const { op, type, urn, old } = resourcePreEvent.metadata;
    if (type !== INSTANCE || old === undefined || !LOSING_STEPS.includes(op)) continue;
    // A replacement has two such steps.
    if (lost.some(({ id }) => id === old.id)) continue;
    const words = [`${op} ${urn.split("::").at(-1)} (${old.id})`, ...warningsOn(urn, events)];
    lost.push({ id: old.id, reason: words.join("\n  ") });
  }
  return lost;
}

/** The warnings on the row of a resource. They say which arguments changed, and what becomes of the data. */
function warningsOn(urn: string, events: readonly EngineEvent[]): string[] {
  return events
    .map(({ diagnosticEvent }) => diagnosticEvent)
    .filter((diagnostic) => diagnostic?.urn === urn && diagnostic.severity === "warning")
    .map((diagnostic) => diagnostic?.message.trim() ?? "");
}
