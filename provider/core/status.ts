import type { Instance } from "../vendor/types";

/** The one state that the vendor documents. */
export function isRunning(status: string): boolean {
  return status.toUpperCase() === "RUNNING";
}

/** Any other state than running is not ready yet, unless it says failure. */
export function statusInstance(instance: Instance): "running" | "failed" | "pending" {
  if (isRunning(instance.status)) return "running";
  return saysFailure(`${instance.status} ${instance.statusText}`) ? "failed" : "pending";
}

/** The one state of a backup that the vendor documents; in other products of its the case differs. */
export function saysFinished(status: string | undefined): boolean {
  return status?.toLowerCase() === "finished";
}

/** The vendor documents no state of failure: one whose name says so is taken for one. */
export function saysFailure(status: string): boolean {
  return /fail|error|except|失败|异常/i.test(status);
}
