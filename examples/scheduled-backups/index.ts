import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

const config = new pulumi.Config();

// `.github/workflows/backup.yml` runs `pulumi up --yes --skip-preview` once a day. So can GitLab or cron.
// The first run of a day takes a backup; when it is finished, the one that is too much goes.
const day = config.get("day") ?? new Date().toISOString().slice(0, 10);

// `pulumi destroy` and a replacement would delete the backups before the instance.
const kept = { protect: config.getBoolean("protect") ?? false };

const cache = new cds.RedisInstance(
  "cache",
  {
    regionId: config.require("regionId"),
    vdcId: config.require("vdcId"),
    basePipeId: config.require("basePipeId"),
    version: config.get("version") ?? "5.0",
    architecture: config.get("architecture") ?? "cluster",
    ramGb: config.getNumber("ramGb") ?? 8,
    password: config.requireSecret("password"),
    // Before the instance is deleted or replaced, its data is downloaded to this folder.
    finalBackup: { folder: config.get("finalBackups") ?? "final-backups" },
  },
  // A replacement would begin with an empty instance.
  kept,
);

const daily = new cds.RedisBackup(
  "daily",
  { instanceId: cache.id, description: "daily", triggers: [day], keepLatest: 7 },
  // Those at the vendor are left alone when this resource goes.
  { ...kept, retainOnDelete: true },
);

export const latest = daily.startTime;
export const latestBytes = daily.sizeBytes;
export const days = daily.earlier.apply((earlier) => 1 + earlier.length);
