import { invalidParameter, resourceInUse } from "../apiError";
import type { Action } from "./action";
import { requireInstance } from "./requireInstance";

/** 创建备份（物理全备份，RDB格式文件）. One at a time for each instance, and only of a running one: 409 else. */
export const createBackup: Action = {
  name: "CreateBackup",
  method: "POST",
  required: ["InstanceUuid"],
  run: (parameters, { store, newTaskId }) => {
    const instance = requireInstance(store, parameters.text("InstanceUuid"));
    const backupType = parameters.optionalText("BackupType") ?? "full-backup";
    if (backupType !== "full-backup") throw invalidParameter("BackupType must be full-backup.");
    const description = parameters.optionalText("Desc") ?? "";
    if (instance.status.toUpperCase() !== "RUNNING") {
      throw resourceInUse(`The instance is ${instance.status}.`);
    }
    if (store.backups(instance.instanceUuid).some(({ status }) => status === "running")) {
      throw resourceInUse("Another backup of the instance is under way.");
    }
    const made = store.createBackup(instance.instanceUuid, description);
    return { data: {}, message: "succes", taskId: newTaskId(), made };
  },
};
