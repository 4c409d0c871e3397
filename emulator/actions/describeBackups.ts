import type { Action } from "./action";
import { backupEntry } from "./backupEntry";
import { requireInstance } from "./requireInstance";

/** 获取备份集列表, the newest first as in the documents' example. */
export const describeBackups: Action = {
  name: "DescribeBackups",
  method: "GET",
  required: ["InstanceUuid"],
  run: (parameters, { store }) => {
    const { instanceUuid } = requireInstance(store, parameters.text("InstanceUuid"));
    const newestFirst = store.backups(instanceUuid).reverse();
    return { data: newestFirst.map(backupEntry), message: "success" };
  },
};
