import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { z } from "zod";

const run = promisify(execFile);
const EXPORT_TIMEOUT_MS = 60_000;
const MOST_STATE_BYTES = 512 * 1024 * 1024;

const resource = z.looseObject({
  urn: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  provider: z.string().optional(),
});

const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).nullish(),
    pending_operations: z.array(z.looseObject({ type: z.string(), resource })).nullish(),
  }),
});

export type RecordedResource = z.output<typeof resource>;

/** What the engine has written down of a stack: its resources, and what it has begun to order. */
export interface StackRecord {
  readonly resources: readonly RecordedResource[];
  /** Creates and updates whose end is not recorded: those under way now, and creates of interrupted runs. */
  readonly creating: readonly RecordedResource[];
}

/** Gives the record of the stack with this name. Throws where it can't be had. */
export type ReadStackRecord = (stack: string) => Promise<StackRecord>;

/**
 * Asks the CLI that runs this operation: its project, login and environment are those of this
 * process. Secrets stay encrypted.
 */
export const exportStack: ReadStackRecord = async (stack) => {
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  const { stdout } = await run("pulumi", args, {
    timeout: EXPORT_TIMEOUT_MS,
    maxBuffer: MOST_STATE_BYTES,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return parseStackRecord(stdout);
};

export function parseStackRecord(text: string): StackRecord {
  const { resources, pending_operations } = exported.parse(JSON.parse(text)).deployment;
  return {
    resources: resources ?? [],
    creating: (pending_operations ?? [])
      .filter(({ type }) => type === "creating" || type === "updating")
      .map((operation) => operation.resource),
  };
}

/** The stack's name in the URN of one of its resources. */
export function stackOf(urn: string): string {
  return urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";
}
