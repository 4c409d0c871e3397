import type { HiddenInputs, TimeoutTexts } from "../dynamic/contract";
import type { Clock } from "./clock";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** The milliseconds of a duration as Pulumi writes it (`90s`, `1h30m`, `1d`); undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ""] ?? 0),
    0,
  );
}

/** The time an operation may take: from `customTimeouts`, else the default of the resource. */
export function timeoutMs(
  timeouts: TimeoutTexts | undefined,
  operation: keyof TimeoutTexts,
  defaultMs: number,
): number {
  const text = timeouts?.[operation];
  return (text === undefined ? undefined : parseDuration(text)) ?? defaultMs;
}

/** When an operation that begins now has to end. */
export function deadlineOf(
  clock: Clock,
  inputs: HiddenInputs,
  operation: keyof TimeoutTexts,
  defaultMs: number,
): number {
  return clock.now() + timeoutMs(inputs.__timeouts, operation, defaultMs);
}

/** Whether the limits are others than those in state, which only an update brings up to date. */
export function timeoutsChanged(olds: HiddenInputs, news: HiddenInputs): boolean {
  return JSON.stringify(olds.__timeouts) !== JSON.stringify(news.__timeouts);
}
