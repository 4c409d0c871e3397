import type { Run } from "../stackModel";

/** How much of what can happen did happen, so that the histories are known not to be vacuous. */
export class Coverage {
  histories = 0;
  operations = 0;
  ups = 0;
  calls = 0;
  /** Calls that a fault hit. */
  faults = 0;
  /** Lists that showed something otherwise than it is. */
  lists = 0;
  /** Orders that were carried out, and of which the answer said that they were not. */
  denials = 0;
  kills = 0;
  /** Orders of an interrupted run that a later one took over. */
  adoptions = 0;
  /** Operations in which something failed. */
  failures = 0;
  partlyMade = 0;
  /** Orders of which the user was told that their outcome is not known. */
  unsettled = 0;
  replacements = 0;
  /** What somebody else did. */
  deeds = 0;

  count(run: Run): void {
    this.operations += 1;
    if (run.failures.length > 0) this.failures += 1;
    for (const { error } of run.failures) {
      const { name, message } = error as Error;
      if (name === "PartlyMadeError") this.partlyMade += 1;
      if (name === "UnsettledOrderError") this.unsettled += 1;
      if (message.includes("is taken into the stack's state")) this.adoptions += 1;
    }
    this.replacements += run.steps.filter(({ kind }) => kind === "replace").length;
  }

  /** All counts, in a line. */
  summary(): string {
    return Object.entries(this)
      .map(([name, count]) => `${name} ${String(count)}`)
      .join(", ");
  }

  /** What was met too seldom to prove anything. */
  seldomMet(): string[] {
    if (this.histories < ENOUGH) return [];
    const counts = Object.entries(this) as [string, number][];
    return counts
      .filter(([name, count]) => count < (LEAST.get(name) ?? 0) * this.histories)
      .map(([name]) => name);
  }
}

/** How often a history must meet with each, on average; measured were about twice as many. */
const LEAST: ReadonlyMap<string, number> = new Map([
  ["ups", 2],
  ["faults", 0.3],
  ["lists", 0.1],
  ["denials", 0.015],
  ["kills", 0.1],
  ["adoptions", 0.05],
  ["partlyMade", 0.007],
  ["unsettled", 0.015],
  ["replacements", 0.05],
  ["deeds", 0.2],
]);
/** Fewer histories may miss what is rare. */
const ENOUGH = 1_000;
