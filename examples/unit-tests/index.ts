import * as pulumi from "@pulumi/pulumi";

import { firstForSale, makeCache } from "./cache";

const config = new pulumi.Config();

const cache = makeCache({
  regionId: firstForSale(["CN_Hongkong_A", "CN_Wuxi_A"]),
  vdcId: config.require("vdcId"),
  basePipeId: config.require("basePipeId"),
  password: config.requireSecret("password"),
});

export const host = cache.ip;
export const region = cache.regionId;
