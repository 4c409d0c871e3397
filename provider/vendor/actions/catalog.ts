import { z } from "zod";

import type { CdsClient } from "../client";
import { looseList, wireList, wireNumber, wireObject, wireText } from "../wire";

/** A region of the vendor (站点), as DescribeRegins gives it. */
export interface Region {
  /** "" for a site that can't be ordered through the API. */
  readonly regionId: string;
  /** 区域名称, such as 亚太地区. */
  readonly regionName: string;
  readonly siteName: string;
  readonly cityId: string;
  readonly cityName: string;
  /** IsSaling: whether new instances can be ordered there. */
  readonly forSale: boolean;
}

/** One entry of `Data` of DescribeRegins. */
export const region = wireObject<Region>({
  regionId: ["RegionId", wireText],
  regionName: ["RegionName", wireText],
  siteName: ["SiteName", wireText],
  cityId: ["CityId", wireText],
  cityName: ["CityName", wireText],
  forSale: ["IsSaling", wireNumber.transform((isSaling) => isSaling === 1)],
});

export interface AvailableSize {
  readonly paasGoodsId: number;
  /** In GB. */
  readonly ramGb: number;
}

export interface AvailableComputeRole {
  readonly computeName: string;
  readonly sizes: readonly AvailableSize[];
}

/** One architecture of a version in DescribeAvailableDBConfig. */
export interface AvailableArchitecture {
  readonly architectureName: string;
  /** Newer answers only: 1 master-replica, 2 cluster, 3 economy master-replica. */
  readonly architectureType: number | undefined;
  readonly subProductName: string;
  readonly computeRoles: readonly AvailableComputeRole[];
}

export interface AvailableVersion {
  readonly version: string;
  readonly architectures: readonly AvailableArchitecture[];
}

/** What a region sells, as DescribeAvailableDBConfig gives it. */
export interface AvailableDbConfig {
  readonly versions: readonly AvailableVersion[];
}

/** `Data` of DescribeAvailableDBConfig, whose lists are read in this way. */
function availableDbConfigWith(listOf: typeof wireList): z.ZodType<AvailableDbConfig> {
  const size = wireObject<AvailableSize>({
    paasGoodsId: ["PaasGoodsId", wireNumber],
    ramGb: ["RAM", wireNumber],
  });
  const computeRole = wireObject<AvailableComputeRole>({
    computeName: ["ComputeName", wireText],
    sizes: [
      "Standards",
      z
        .looseObject({ CpuRam: listOf(size) })
        .nullish()
        .transform((standards) => standards?.CpuRam ?? []),
    ],
  });
  const architecture = wireObject<AvailableArchitecture>({
    architectureName: ["ArchitectureName", wireText],
    architectureType: [
      "ArchitectureType",
      wireNumber.nullish().transform((type) => type ?? undefined),
    ],
    subProductName: ["SubProductName", wireText],
    computeRoles: ["ComputeRoles", listOf(computeRole)],
  });
  const version = wireObject<AvailableVersion>({
    version: ["Version", z.string()],
    architectures: ["Architectures", listOf(architecture)],
  });
  return wireObject<AvailableDbConfig>({ versions: ["Products", listOf(version)] });
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
