import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();

// Keys, endpoint and default region of each account come from its own namespace of the stack's
// configuration: cds-staging:accessKeyId, cds-staging:accessKeySecret, cds-staging:regionId, …
const caches = ["staging", "production"].map(
  (account) =>
    new cds.RedisInstance(`${account}-cache`, {
      account,
      vdcId: config.require(`${account}VdcId`),
      basePipeId: config.require(`${account}BasePipeId`),
      version: "5.0",
      architecture: "cluster",
      ramGb: account === "production" ? 32 : 8,
      password: config.requireSecret(`${account}Password`),
    }),
);

// One account's instances are backed up; the backup is taken with the same account's keys.
const [, production] = caches;
if (production !== undefined)
  new cds.RedisBackup("production-backup", { account: "production", instanceId: production.id });

export const hosts = caches.map((cache) => cache.ip);

// Functions take the account as well.
export const regionsForSale = cds
  .getRegionsOutput({ account: "production", forSaleOnly: true })
  .apply((regions) => regions.map((region) => region.regionId));
