import { z } from "zod";

import type { CdsClient } from "../client";
import type { AvailableDbConfig, Region } from "../types";
import { looseList, looseText, wireList, wireNumber, wireObject } from "../wire";

export const region: z.ZodType<Region> = wireObject({
  regionId: ["RegionId", looseText],
  regionName: ["RegionName", looseText],
  siteName: ["SiteName", looseText],
  cityId: ["CityId", looseText],
  cityName: ["CityName", looseText],
  forSale: ["IsSaling", wireNumber.transform((isSaling) => isSaling === 1)],
});

/** `Data` of DescribeAvailableDBConfig, whose lists are read in this way. */
function availableDbConfigWith(listOf: typeof wireList): z.ZodType<AvailableDbConfig> {
  const size = wireObject({
    paasGoodsId: ["PaasGoodsId", wireNumber],
    ramGb: ["RAM", wireNumber],
  });
  const standards = wireObject({ sizes: ["CpuRam", listOf(size)] }).nullish();
  const computeRole = wireObject({
    computeName: ["ComputeName", looseText],
    sizes: ["Standards", standards.transform((given) => given?.sizes ?? [])],
  });
  const architecture = wireObject({
    architectureName: ["ArchitectureName", looseText],
    architectureType: ["ArchitectureType", wireNumber.optional().catch(undefined)],
    subProductName: ["SubProductName", looseText],
    computeRoles: ["ComputeRoles", listOf(computeRole)],
  });
  const version = wireObject({
    version: ["Version", z.string()],
    architectures: ["Architectures", listOf(architecture)],
  });
  return wireObject({ versions: ["Products", listOf(version)] });
}

/** `Data` of DescribeAvailableDBConfig; an odd entry is an error that says where it is. */
export const availableDbConfig = availableDbConfigWith(wireList);
const usableDbConfig = availableDbConfigWith(looseList);

export async function describeRegions(client: CdsClient): Promise<Region[]> {
  // Spelt so by the vendor.
  return client.read("DescribeRegins", {}, looseList(region));
}

export async function describeAvailableDbConfig(
  client: CdsClient,
  regionId: string,
): Promise<AvailableDbConfig> {
  return client.read("DescribeAvailableDBConfig", { RegionId: regionId }, usableDbConfig);
}
