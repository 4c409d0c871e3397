import type { Action } from "./action";
import { createBackup } from "./createBackup";
import { createDbInstance } from "./createDbInstance";
import { deleteBackup } from "./deleteBackup";
import { deleteDbInstance } from "./deleteDbInstance";
import { describeAvailableDbConfig } from "./describeAvailableDbConfig";
import { describeBackups } from "./describeBackups";
import { describeDbInstances } from "./describeDbInstances";
import { describeRegins } from "./describeRegins";
import { describeVdc } from "./describeVdc";
import { downloadBackup } from "./downloadBackup";

/** The actions by name. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    describeRegins,
    describeAvailableDbConfig,
    createDbInstance,
    describeDbInstances,
    deleteDbInstance,
    describeBackups,
    downloadBackup,
    createBackup,
    deleteBackup,
    describeVdc,
  ].map((action) => [action.name, action]),
);
