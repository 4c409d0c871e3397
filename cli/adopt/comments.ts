import { isRunning } from "../../provider/core/status";
import { wrapped } from "../table";
import type { AdoptedResource, ProgramArgument } from "./program";

/** The comments above a resource, each line after this prefix. */
export function resourceComments(resource: AdoptedResource, prefix: string): string[] {
  const wait = waitOf(resource);
  return [...wrapped(resource.label, prefix), ...(wait === undefined ? [] : wrapped(wait, prefix))];
}

/** Says what `pulumi up` waits for; undefined where the instance runs. */
export function waitOf({ label, status = "" }: AdoptedResource): string | undefined {
  return status === "" || isRunning(status)
    ? undefined
    : `${label} is ${status}: \`pulumi up\` waits, up to 30 minutes, until it is RUNNING. If it does not start by itself, start it first.`;
}

/** The comments above an argument, each line after this prefix. */
export function argumentComments({ fillIn, remark }: ProgramArgument, prefix: string): string[] {
  return [
    ...(fillIn === undefined ? [] : wrapped(`FILL IN: ${fillIn}`, prefix)),
    ...(remark === undefined ? [] : wrapped(remark, prefix)),
  ];
}
