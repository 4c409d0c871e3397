import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
import { paasGoodsIds } from "pulumi-cds-redis/sdk";

// Made by `npm run catalog`. Importing it makes what it lacks a compile error in this program.
import { catalog } from "./catalog.gen";

const config = new pulumi.Config();

// The editor completes each of these from the catalogue: change ramGb to 9 and it turns red.
const cache = new cds.RedisInstance("cache", {
  regionId: "CN_Hongkong_A",
  version: "5.0",
  architecture: "cluster",
  ramGb: 8,
  vdcId: config.require("vdcId"),
  basePipeId: config.require("basePipeId"),
  password: config.requireSecret("password"),
});

export const host = cache.ip;

// The catalogue is data as well.
export const goods = paasGoodsIds(catalog, {
  regionId: "CN_Hongkong_A",
  version: "5.0",
  architecture: "cluster",
  computeRole: "high-io",
  ramGb: 8,
});

// What the vendor sells today, asked when the program runs.
export const soldToday = cds
  .getAvailableDbConfigOutput({ regionId: "CN_Hongkong_A" })
  .apply(({ offers }) => offers.length);
