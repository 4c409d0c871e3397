/**
 * What the engine's dynamic provider process loads, through the one line that `__provider` holds.
 * @internal
 */
import { randomBytes } from "node:crypto";

import { backupProvider } from "./lifecycle/backup";
import { systemClock } from "./lifecycle/clock";
import { Context } from "./lifecycle/context";
import { instanceProvider } from "./lifecycle/instance";
import { reportToEngine } from "./lifecycle/report";
import { asShown, leaveOutMarked } from "./lifecycle/shownErrors";

const context = new Context({
  clock: systemClock,
  environment: process.env,
  randomHex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
  report: reportToEngine(process.argv[2]),
});

leaveOutMarked(console);

export const redisInstance = asShown(instanceProvider(context));
export const redisBackup = asShown(backupProvider(context));
