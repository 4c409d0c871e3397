import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();
const cacheOptions = { customTimeouts: { create: config.get("createTimeout") ?? "30m" } };
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
const backupOptions = { customTimeouts: { create: "30m" } };
const backup = new cds.RedisBackup(
  "backup",
  { instanceId: cache.id, description: "recorded", triggers: ["one", 2] },
  backupOptions,
);
export const host = cache.ip;
export const connectionString = cache.connectionString;
export const bytes = backup.sizeBytes;
