import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

/** Returns a variable of the environment. Throws an error that names a missing variable. */
function required(name: string): string {
  const value = process.env[name];
  // A RunError is printed without a stack trace.
  if (value === undefined || value === "")
    throw new pulumi.RunError(`Set the environment variable ${name}.`);
  return value;
}

/** Makes the instance, and returns where it is and what the vendor bills. */
export async function program() {
  const { regionId, vdcId, basePipeId } = await cds.getPrivateNetwork({
    regionId: process.env["CDS_REGION"] ?? "CN_Hongkong_A",
    vdcName: required("VDC_NAME"),
    name: required("NETWORK_NAME"),
  });
  const cache = new cds.RedisInstance("cache", {
    regionId,
    vdcId,
    basePipeId,
    version: "5.0",
    architecture: "cluster",
    // An environment holds text, so the preview checks the size, and not the compiler.
    ramGb: Number(process.env["RAM_GB"] ?? 8),
    // The state never holds this password.
    passwordFrom: { env: "REDIS_PASSWORD" },
  });
  return {
    host: cache.ip,
    port: cache.port,
    regionId: cache.regionId,
    architecture: cache.architecture,
    ramGb: cache.ramGb,
    paasGoodsId: cache.paasGoodsId,
    billingId: cache.resourceId,
    createdTime: cache.createdTime,
  };
}
