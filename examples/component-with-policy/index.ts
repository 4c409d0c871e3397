import * as pulumi from "@pulumi/pulumi";

import { Cache } from "./cache";

const config = new pulumi.Config();

const cache = new Cache(
  "cache",
  {
    regionId: config.require("regionId"),
    vdcId: config.require("vdcId"),
    basePipeId: config.require("basePipeId"),
    version: config.get("version") ?? "5.0",
    architecture: config.get("architecture") ?? "cluster",
    ramGb: config.getNumber("ramGb") ?? 8,
    password: config.requireSecret("password"),
    finalBackup: config.getBoolean("finalBackup") ?? true,
  },
  { protect: config.getBoolean("protect") ?? true },
);

export const host = cache.host;
export const port = cache.port;
export const connectionString = cache.connectionString;
export const backedUpAt = cache.backedUpAt;
