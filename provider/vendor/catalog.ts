import { z } from "zod";

import type { CdsClient } from "./client";
import { wireList, wireNumber, wireText } from "./wire";

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
export const region = z
  .looseObject({
    RegionId: wireText,
    RegionName: wireText,
    SiteName: wireText,
    CityId: wireText,
    CityName: wireText,
    IsSaling: wireNumber,
  })
  .transform((wire): Region => ({
    regionId: wire.RegionId,
    regionName: wire.RegionName,
    siteName: wire.SiteName,
    cityId: wire.CityId,
    cityName: wire.CityName,
    forSale: wire.IsSaling === 1,
  }));

/** One architecture of a version in DescribeAvailableDBConfig. */
export interface AvailableArchitecture {
  readonly architectureName: string;
  /** Newer answers only: 1 master-replica, 2 cluster, 3 economy master-replica. */
  readonly architectureType: number | undefined;
  readonly subProductName: string;
  readonly computeRoles: readonly AvailableComputeRole[];
}

export interface AvailableComputeRole {
  readonly computeName: string;
  readonly sizes: readonly AvailableSize[];
}

export interface AvailableSize {
  readonly paasGoodsId: number;
  /** In GB. */
  readonly ramGb: number;
}

export interface AvailableVersion {
  readonly version: string;
  readonly architectures: readonly AvailableArchitecture[];
}

/** What a region sells, as DescribeAvailableDBConfig gives it. */
export interface AvailableDbConfig {
  readonly versions: readonly AvailableVersion[];
}

const size = z
  .looseObject({ PaasGoodsId: wireNumber, RAM: wireNumber })
  .transform((wire): AvailableSize => ({ paasGoodsId: wire.PaasGoodsId, ramGb: wire.RAM }));

const computeRole = z
  .looseObject({
    ComputeName: wireText,
    Standards: z.looseObject({ CpuRam: wireList(size) }).nullish(),
  })
  .transform((wire): AvailableComputeRole => ({
    computeName: wire.ComputeName,
    sizes: wire.Standards?.CpuRam ?? [],
  }));

const architecture = z
  .looseObject({
    ArchitectureName: wireText,
    ArchitectureType: wireNumber.nullish(),
    SubProductName: wireText,
    ComputeRoles: wireList(computeRole),
  })
  .transform((wire): AvailableArchitecture => ({
    architectureName: wire.ArchitectureName,
    architectureType: wire.ArchitectureType ?? undefined,
    subProductName: wire.SubProductName,
    computeRoles: wire.ComputeRoles,
  }));

const version = z
  .looseObject({ Version: z.string(), Architectures: wireList(architecture) })
  .transform((wire): AvailableVersion => ({
    version: wire.Version,
    architectures: wire.Architectures,
  }));

/** `Data` of DescribeAvailableDBConfig. */
export const availableDbConfig = z
  .looseObject({ Products: wireList(version) })
  .transform((wire): AvailableDbConfig => ({ versions: wire.Products }));

export async function describeRegions(client: CdsClient): Promise<Region[]> {
  // Spelt so by the vendor.
  return client.read("DescribeRegins", {}, z.array(region));
}

export async function describeAvailableDbConfig(
  client: CdsClient,
  regionId: string,
): Promise<AvailableDbConfig> {
  return client.read("DescribeAvailableDBConfig", { RegionId: regionId }, availableDbConfig);
}
