import { resourceInUse } from "../apiError";
import type { Action } from "./action";
import { requireBackup } from "./requireInstance";

const BUSY = ["running", "deleting"];

/** 删除备份文件. A backup that still runs, or is being deleted, is busy: 409. */
export const deleteBackup: Action = {
  name: "DeleteBackup",
  method: "POST",
  required: ["InstanceUuid", "BackupId"],
  run: (parameters, { store, newTaskId }) => {
    const [instanceUuid, backupId] = [parameters.text("InstanceUuid"), parameters.text("BackupId")];
    const backup = requireBackup(store, instanceUuid, backupId);
    if (BUSY.includes(backup.status)) throw resourceInUse(`The backup is ${backup.status}.`);
    store.deleteBackup(backupId);
    return { data: {}, message: "success", taskId: newTaskId() };
  },
};
