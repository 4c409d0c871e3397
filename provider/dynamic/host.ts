/**
 * What the engine's dynamic provider process loads, through the one line that `__provider` holds.
 * @internal
 */
import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";

import * as pulumi from "@pulumi/pulumi";

import { backupLife } from "../backup/backup";
import { Context, type ContextOptions } from "../core/context";
import { exportStack, notesInFolder } from "../core/records";
import { instanceLife } from "../instance/instance";
import { endWithParent } from "../process";
import { DynamicFace, hideMarkedErrors } from "./face";

// Hundreds of resources make much garbage: V8 collects it before it grows the heap.
setFlagsFromString("--optimize-for-size");

const context = new Context({
  environment: process.env,
  randomHex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
  report: reportToEngine(process.argv[2]),
  readStack: exportStack,
  notes: notesInFolder(process.env),
  // Loaded at the first final backup, which few runs take.
  fetchBackup: async (options) =>
    (await import("../download/download.js")).fetchBackupFiles(options),
});

// Others load the host too: tests, and tools that look at it.
if (process.argv[1]?.includes("dynamic-provider") === true) endWithParent();

hideMarkedErrors(console);

export const redisInstance: pulumi.dynamic.ResourceProvider = new DynamicFace(
  context,
  instanceLife,
);
export const redisBackup: pulumi.dynamic.ResourceProvider = new DynamicFace(context, backupLife);

/**
 * Shows lines on the rows of resources. The dynamic provider process has the engine's address, but
 * does not connect the log to it.
 */
function reportToEngine(engineAddress: string | undefined): ContextOptions["report"] {
  let isConnected = false;
  return async (urn, text, kind) => {
    if (engineAddress === undefined || urn === undefined) return;
    if (!isConnected) {
      pulumi.runtime.resetOptions("", "", 1, engineAddress, "", false, "");
      isConnected = true;
    }
    // Only the URN of the resource is read.
    const row = { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
    // What can't be shown is no failure of the operation.
    if (kind === "warning") await pulumi.log.warn(text, row).catch(() => undefined);
    else await pulumi.log.info(text, row, 0, kind === "status").catch(() => undefined);
  };
}
