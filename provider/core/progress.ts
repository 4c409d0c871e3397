import { CdsError } from "../vendor/errors";
import type { Durations } from "./durations";

const MINUTE_S = 60;
const FINE_STEP_S = 5;
const COARSE_STEP_S = 10;

/** What is left of the time that the like of it usually took, as far as this process has seen any. */
export function remaining(waitedMs: number, { usual, longest }: Durations): string {
  if (usual === undefined || longest === undefined) return "";
  const leftS = (usual - waitedMs) / 1_000;
  if (leftS >= FINE_STEP_S) return `, about ${shown(leftS)} left`;
  return waitedMs <= longest ? ", due any moment" : ", longer than others of this run";
}

/** Rounded, so that a row doesn't flicker: `45s`, `2m30s`. */
function shown(seconds: number): string {
  const step = seconds < MINUTE_S ? FINE_STEP_S : COARSE_STEP_S;
  const whole = Math.round(seconds / step) * step;
  const minutes = Math.floor(whole / MINUTE_S);
  const rest = whole % MINUTE_S;
  if (minutes === 0) return `${rest}s`;
  return rest === 0 ? `${minutes}m` : `${minutes}m${rest}s`;
}

/** Shows that a call failed and is sent again by itself: what a person could do is left out. */
export function tryingAgain(report: (text: string) => void): (error: Error) => void {
  return (error) => {
    report(`trying again: ${error instanceof CdsError ? error.fact : error.message}`);
  };
}
