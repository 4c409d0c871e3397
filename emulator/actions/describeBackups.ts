import type { Action } from "./action";
import { backupEntry } from "./backupEntry";
import { requireInstance } from "./requireInstance";

/** 获取备份集列表, the newest first as in the documents' example. */
export const describeBackups: Action = {
  name: "DescribeBackups",
  method: "GET",
  required: ["InstanceUuid"],
  run: (parameters, { store, view }) => {
    const { instanceUuid } = requireInstance(store, parameters.text("InstanceUuid"));
    const entries = store
      .listedBackups(instanceUuid, view)
      // The newest first.
      .reverse()
      .map((backup) => backupEntry(backup, store.backupFile(backup.backupId)));
    return { data: entries, message: "success" };
  },
};
