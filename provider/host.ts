/**
 * What the engine's dynamic provider process loads, through the one line that `__provider` holds.
 * @internal
 */
import { randomBytes } from "node:crypto";

import { backupProvider } from "./lifecycle/backup";
import { systemClock } from "./lifecycle/clock";
import { Context } from "./lifecycle/context";
import { endWithEngine } from "./lifecycle/recovery/orphan";
import { instanceProvider } from "./lifecycle/instance";
import { journalInFolder } from "./lifecycle/recovery/journal";
import { reportToEngine } from "./lifecycle/report";
import { hasTerminal } from "./lifecycle/terminal";
import { asShown, leaveOutMarked } from "./lifecycle/shownErrors";
import { exportStack } from "./lifecycle/recovery/stackRecord";

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
    (await import("./download/downloadBackup.js")).fetchBackupFiles(options),
});

endWithEngine();

leaveOutMarked(console);

export const redisInstance = asShown(instanceProvider(context));
export const redisBackup = asShown(backupProvider(context));
