/**
 * What the engine's dynamic provider process loads, through the one line that `__provider` holds.
 * @internal
 */
import { randomBytes } from "node:crypto";

import { backupProvider } from "../backup/backup";
import { systemClock } from "../core/clock";
import { Context } from "../core/context";
import { endWithEngine } from "./orphan";
import { instanceProvider } from "../instance/instance";
import { journalInFolder } from "../core/journal";
import { reportToEngine } from "./report";
import { hasTerminal } from "../core/terminal";
import { asShown, leaveOutMarked } from "./shownErrors";
import { exportStack } from "../core/stackRecord";

const context = new Context({
  clock: systemClock,
  environment: process.env,
  randomHex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
  report: reportToEngine(process.argv[2]),
  hasTerminal: hasTerminal(process.env),
  readStack: exportStack,
  journal: journalInFolder(process.env),
  // Loaded when the first one is deleted.
  fetchBackup: async (options) =>
    (await import("../download/download.js")).fetchBackupFiles(options),
});

endWithEngine();

leaveOutMarked(console);

export const redisInstance = asShown(instanceProvider(context));
export const redisBackup = asShown(backupProvider(context));
