import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();

const network = cds.getPrivateNetworkOutput({
  regionId: config.require("regionId"),
  vdcName: config.require("vdcName"),
  name: config.require("networkName"),
});

const cache = new cds.RedisInstance("cache", {
  regionId: network.regionId,
  vdcId: network.vdcId,
  basePipeId: network.basePipeId,
  version: config.get("version") ?? "5.0",
  architecture: config.get("architecture") ?? "cluster",
  ramGb: config.getNumber("ramGb") ?? 8,
  password: config.requireSecret("password"),
});

const backup = new cds.RedisBackup("first-backup", {
  instanceId: cache.id,
  description: "taken by the quick start",
});

export const host = cache.ip;
export const port = cache.port;
export const connectionString = cache.connectionString;
export const backupId = backup.entries.apply(([entry]) => entry?.backupId);
export const backupBytes = backup.sizeBytes;
