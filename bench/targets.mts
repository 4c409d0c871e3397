import { table } from "./figures.mts";

/** A figure that the project promises to keep at or under a limit. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

/** Prints each target with its ratio. When one is missed, the process ends with 1. */
export function reportTargets(targets: readonly Target[]): void {
  const rows = targets.map(({ what, measured, limit }) => [
    what,
    ...[measured, limit].map((value) => value.toLocaleString("en", { maximumFractionDigits: 2 })),
    (measured / limit).toFixed(2),
    measured <= limit ? "yes" : "NO",
  ]);
  console.log(table(["target", "measured", "limit", "ratio", "met"], rows));
  if (targets.some(({ measured, limit }) => measured > limit)) process.exitCode = 1;
}
