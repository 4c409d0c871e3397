import { parseAnswers } from "../../sdk/recorded";
import type { CatalogAnswers } from "../../sdk/generate";

/** Sizes of one compute role, in the vendor's names; a size of several goods has them in a list. */
export interface Sold {
  readonly version?: string;
  readonly architecture?: string;
  readonly computeRole?: string;
  readonly sizes: readonly (readonly [ramGb: number | string, ...goods: (number | string)[]])[];
}

/** Answers as the vendor writes them, in the shape of `sdk/catalog.json`; good for the emulator as well. */
export function wireAnswers(regions: Readonly<Record<string, readonly Sold[]>>) {
  return {
    regions: Object.keys(regions).map((id) => wireRegion(id)),
    configurations: Object.fromEntries(
      Object.entries(regions).map(([id, sold]) => [
        id,
        { ProductName: "redis", RegionId: id, Products: sold.map(product) },
      ]),
    ),
  };
}

export function wireRegion(id: string, isSaling = 1) {
  return {
    RegionId: id,
    RegionName: "亚太地区",
    SiteName: `site ${id}`,
    CityId: "c",
    CityName: "城",
    IsSaling: isSaling,
  };
}

export function answersOf(regions: Readonly<Record<string, readonly Sold[]>>): CatalogAnswers {
  return parseAnswers(wireAnswers(regions));
}

function product({ version = "5.0", architecture = "集群", computeRole = "高I/O型", sizes }: Sold) {
  const cpuRam = sizes.flatMap(([ramGb, ...goods]) =>
    goods.map((id) => ({ CPU: 0, Name: `${ramGb}G`, PaasGoodsId: id, RAM: ramGb })),
  );
  return {
    Version: version,
    Architectures: [
      {
        ArchitectureName: architecture,
        SubProductName: `Redis ${architecture}版`,
        ComputeRoles: [{ ComputeName: computeRole, Standards: { CpuRam: cpuRam } }],
      },
    ],
  };
}
