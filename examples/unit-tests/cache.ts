import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

/** Returns the first of these regions that sells Redis now. */
export async function firstForSale(wanted: readonly string[]): Promise<string> {
  const regions = await cds.getRegions({ forSaleOnly: true });
  const found = wanted.find((name) => regions.some(({ regionId }) => regionId === name));
  if (found === undefined) throw new pulumi.RunError(`nothing is for sale in ${wanted.join(", ")}`);
  return found;
}

export interface CacheArgs {
  regionId: pulumi.Input<string>;
  vdcId: string;
  basePipeId: string;
  password: pulumi.Input<string>;
}

/** Makes a Redis instance, protected in production. */
export function makeCache(args: CacheArgs): cds.RedisInstance {
  const isProduction = pulumi.getStack() === "production";
  return new cds.RedisInstance(
    "cache",
    { ...args, version: "5.0", architecture: "cluster", ramGb: isProduction ? 32 : 8 },
    { protect: isProduction },
  );
}
