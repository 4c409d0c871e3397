import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

import { EnvironmentFile } from "./environmentFile";

const config = new pulumi.Config();

const cache = new cds.RedisInstance("cache", {
  regionId: config.require("regionId"),
  vdcId: config.require("vdcId"),
  basePipeId: config.require("basePipeId"),
  version: config.get("version") ?? "5.0",
  architecture: config.get("architecture") ?? "cluster",
  ramGb: config.getNumber("ramGb") ?? 8,
  password: config.requireSecret("password"),
});

// The connection string is a secret, and so is all that is made of it. A Kubernetes Secret or the
// environment of a container service takes it in the same way. When the instance is replaced, this
// is updated before the old instance is deleted.
const environment = new EnvironmentFile("app-environment", {
  path: config.get("environmentFile") ?? "app.env",
  variables: { REDIS_URL: cache.connectionString },
});

// node --env-file=app.env app.mjs
export const environmentFile = environment.id;
