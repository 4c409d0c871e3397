import { resourceInUse } from "../apiError";
import type { Action } from "./action";
import { backupEntry } from "./backupEntry";
import { requireBackup } from "./requireInstance";

/** 获取备份文件信息及备份文件下载地址. There is no file yet while the backup runs: 409. */
export const downloadBackup: Action = {
  name: "DownloadBackup",
  method: "GET",
  required: ["InstanceUuid", "BackupId"],
  run: (parameters, { store, downloadUrl }) => {
    const [instanceUuid, backupId] = [parameters.text("InstanceUuid"), parameters.text("BackupId")];
    const backup = requireBackup(store, instanceUuid, backupId);
    if (backup.status !== "finished") throw resourceInUse(`The backup is ${backup.status}.`);
    const data = {
      BackupDownloadUrl: downloadUrl(backupId),
      BackupIntranetDownloadUrl: downloadUrl(backupId),
      ...backupEntry(backup, store.backupFile(backupId)),
    };
    return { data, message: "success", taskId: "" };
  },
};
