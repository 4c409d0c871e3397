import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();
const cacheOptions = {
  import: config.get("importCache"),
  customTimeouts: { create: config.get("createTimeout") ?? "30m", delete: "25m" },
};
const cache = new cds.RedisInstance(
  "cache",
  {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "5.0",
    architecture: "cluster",
    ramGb: 8,
    password: config.requireSecret("password"),
  },
  cacheOptions,
);
const backupOptions = {
  import: config.get("importBackup"),
  customTimeouts: { create: config.get("backupTimeout") ?? "30m" },
};
const backup = new cds.RedisBackup(
  "backup",
  {
    instanceId: cache.id,
    description: "recorded",
    triggers: ["one", config.getNumber("trigger") ?? 2],
    keepLatest: config.getNumber("keepLatest"),
  },
  backupOptions,
);
if (config.getBoolean("others")) {
  new cds.RedisInstance("sessions", {
    regionId: "CN_Hongkong_A",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "2.8.19",
    architecture: "read-write-splitting",
    ramGb: 1,
    passwordFrom: { config: "sessionsPassword" },
    passwordVersion: 1,
    instanceName: "sessions-of-all",
    port: 6400,
    testGroupId: 7,
    subjectId: 9,
    finalBackup: { folder: "saved" },
  });
  new cds.RedisInstance("archive", {
    account: "second",
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    paasGoodsId: 8063,
    password: config.requireSecret("password"),
  });
}
export const host = cache.ip;
export const connectionString = cache.connectionString;
export const bytes = backup.sizeBytes;
