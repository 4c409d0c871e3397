/**
 * What the engine's dynamic provider process loads, through the one line that `__provider` holds.
 * @internal
 */
import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";

import { backupLife } from "../backup/backup";
import { Context } from "../core/context";
import { exportStack, notesInFolder } from "../core/records";
import { instanceLife } from "../instance/instance";
import { endWithEngine, reportToEngine } from "./engineProcess";
import { DynamicFace, hideMarkedErrors } from "./face";

// Hundreds of resources make much garbage: V8 collects it before it grows the heap.
setFlagsFromString("--optimize-for-size");

const context = new Context({
  environment: process.env,
  randomHex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
  report: reportToEngine(process.argv[2]),
  readStack: exportStack,
  notes: notesInFolder(process.env),
  // Loaded when the first one is deleted.
  fetchBackup: async (options) =>
    (await import("../download/download.js")).fetchBackupFiles(options),
});

endWithEngine();

hideMarkedErrors(console);

export const redisInstance = new DynamicFace(context, instanceLife);
export const redisBackup = new DynamicFace(context, backupLife);
