import { resourceInUse } from "../apiError";
import type { Action } from "./action";
import { requireInstance } from "./requireInstance";

/**
 * 删除Redis实例. The documents mark InstanceUuid as not required; without it there is nothing to delete, so the
 * emulator asks for it. An instance that is being made, deleted or backed up is busy with that task: 409.
 */
export const deleteDbInstance: Action = {
  name: "DeleteDBInstance",
  method: "POST",
  required: ["InstanceUuid"],
  run: (parameters, { store, newTaskId }) => {
    const instance = requireInstance(store, parameters.text("InstanceUuid"));
    if (["CREATING", "DELETING"].includes(instance.status)) {
      throw resourceInUse(`The instance is ${instance.status}.`);
    }
    if (store.backups(instance.instanceUuid).some(({ status }) => status === "running")) {
      throw resourceInUse("A backup of the instance is under way.");
    }
    store.deleteInstance(instance.instanceUuid);
    return { data: {}, message: "Success.", taskId: newTaskId() };
  },
};
