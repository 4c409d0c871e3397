import { z } from "zod";

import type { CdsClient } from "../client";
import { looseList, looseText, wireList, wireNumber, wireObject } from "../wire";

/** A region of the vendor (站点), as DescribeRegins gives it. */
export interface Region {
  /** RegionId, such as `CN_Hongkong_A`. "" for a site that can't be ordered through the API. */
  readonly regionId: string;
  /** Name of the part of the world (区域名称), such as 亚太地区. */
  readonly regionName: string;
  /** Name of the site (SiteName), which is the region that an instance is ordered in. */
  readonly siteName: string;
  /** The vendor's id of the city (CityId). */
  readonly cityId: string;
  /** Name of the city (CityName). */
  readonly cityName: string;
  /** Whether new instances can be ordered there (IsSaling). */
  readonly forSale: boolean;
}

export const region: z.ZodType<Region> = wireObject({
  regionId: ["RegionId", looseText],
  regionName: ["RegionName", looseText],
  siteName: ["SiteName", looseText],
  cityId: ["CityId", looseText],
  cityName: ["CityName", looseText],
  forSale: ["IsSaling", wireNumber.transform((isSaling) => isSaling === 1)],
});

/** What a region sells. */
export type AvailableDbConfig = z.output<typeof availableDbConfig>;
export type AvailableArchitecture = AvailableDbConfig["versions"][number]["architectures"][number];

/** `Data` of DescribeAvailableDBConfig, whose lists are read in this way. */
function availableDbConfigWith(listOf: typeof wireList) {
  const size = wireObject({
    paasGoodsId: ["PaasGoodsId", wireNumber],
    /** In GB. */
    ramGb: ["RAM", wireNumber],
  });
  const standards = wireObject({ sizes: ["CpuRam", listOf(size)] }).nullish();
  const computeRole = wireObject({
    computeName: ["ComputeName", looseText],
    sizes: ["Standards", standards.transform((given) => given?.sizes ?? [])],
  });
  const architecture = wireObject({
    architectureName: ["ArchitectureName", looseText],
    /** Newer answers only: 1 master-replica, 2 cluster, 3 economy master-replica. */
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
