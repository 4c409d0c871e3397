import { z } from "zod";
import recorded from "../sdk/catalog.json";
import { readJsonFile } from "./jsonFile";
import { EmulatorStartError } from "./startError";

// Loose objects keep the fields that only the vendor knows, so that answers repeat them.
const wholeNumber = z.union([z.int(), z.string().regex(/^\d+$/, "must be a whole number")]);

const cpuRam = z.looseObject({
  Name: z.string(),
  PaasGoodsId: wholeNumber,
  RAM: wholeNumber,
});

const architecture = z.looseObject({
  ArchitectureName: z.string(),
  ArchitectureType: wholeNumber.nullish(),
  SubProductName: z.string(),
  NetworkLinks: z.array(z.looseObject({ LinkType: z.string(), Name: z.string() })).nullish(),
  ComputeRoles: z.array(
    z.looseObject({
      ComputeName: z.string(),
      Standards: z.looseObject({ CpuRam: z.array(cpuRam) }),
    }),
  ),
});

const region = z.looseObject({
  CityId: z.string(),
  CityName: z.string(),
  IsSaling: wholeNumber,
  RegionId: z.string(),
  RegionName: z.string(),
  SiteName: z.string(),
});

const configuration = z.looseObject({
  ProductName: z.string(),
  RegionId: z.string(),
  Products: z.array(z.looseObject({ Version: z.string(), Architectures: z.array(architecture) })),
});

const catalogSchema = z
  .looseObject({
    regions: z.array(region),
    configurations: z.record(z.string(), configuration),
  })
  .refine((catalog) => Object.keys(catalog.configurations).length > 0, {
    path: ["configurations"],
    message: "must hold the products of at least one region",
  });

/**
 * Regions and what each sells, in the vendor's own spelling: `regions` is the `Data` of a DescribeRegins answer,
 * `configurations` the `Data` of DescribeAvailableDBConfig by RegionId. `sdk/catalog.json` has this shape.
 */
export interface EmulatorCatalog {
  regions: CatalogRegion[];
  configurations: Record<string, CatalogConfiguration>;
}

type WholeNumber = number | string;

export interface CatalogRegion {
  CityId: string;
  CityName: string;
  IsSaling: WholeNumber;
  RegionId: string;
  RegionName: string;
  SiteName: string;
}

export interface CatalogConfiguration {
  ProductName: string;
  RegionId: string;
  Products: {
    Version: string;
    Architectures: CatalogArchitecture[];
  }[];
}

interface CatalogArchitecture {
  ArchitectureName: string;
  ArchitectureType?: WholeNumber | null | undefined;
  SubProductName: string;
  NetworkLinks?: { LinkType: string; Name: string }[] | null | undefined;
  ComputeRoles: {
    ComputeName: string;
    Standards: {
      CpuRam: {
        Name: string;
        PaasGoodsId: WholeNumber;
        RAM: WholeNumber;
      }[];
    };
  }[];
}

/** A specification that is for sale (a PaasGoodsId), with the fields that its instances show. */
export interface Goods {
  readonly paasGoodsId: number;
  readonly ramGb: number;
  readonly version: string;
  readonly subProductName: string;
  readonly isCluster: boolean;
  readonly linkType: string;
  readonly linkName: string;
}

/** Checks a catalogue given as a value. @throws EmulatorStartError with the path of what is wrong in it. */
export function parseCatalog(value: unknown, origin: string): EmulatorCatalog {
  const result = catalogSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  throw new EmulatorStartError(
    `${origin} is not a catalogue: ${path === "" ? "" : `${path}: `}${issue?.message ?? "invalid"}. ` +
      "It must have the shape of sdk/catalog.json of this package.",
  );
}

/** @throws EmulatorStartError when the file can't be read, is not JSON or is no catalogue. */
export function readCatalogFile(file: string): EmulatorCatalog {
  return parseCatalog(readJsonFile(file, "catalogue file"), `The catalogue file ${file}`);
}

/** `ArchitectureType` as the newer documents number the architectures. They have no number for read/write splitting. */
const ARCHITECTURE_TYPES: ReadonlyMap<string, number> = new Map([
  ["主从", 1],
  ["集群", 2],
  ["经济型主从", 3],
]);

/**
 * The regions and products recorded from the vendor's documents. In the newer edition architectures have their
 * `ArchitectureType`, by which the vendor's terraform provider chooses.
 */
export function recordedCatalog(edition: "first" | "newer" = "newer"): EmulatorCatalog {
  const catalog = parseCatalog(recorded, "The recorded catalogue");
  if (edition === "first") return catalog;
  const architectures = Object.values(catalog.configurations)
    .flatMap(({ Products }) => Products)
    .flatMap(({ Architectures }) => Architectures);
  for (const architecture of architectures) {
    const type = ARCHITECTURE_TYPES.get(architecture.ArchitectureName);
    if (type !== undefined) architecture.ArchitectureType = type;
  }
  return catalog;
}

export function findRegionForSale(
  catalog: EmulatorCatalog,
  regionId: string,
): CatalogRegion | undefined {
  return catalog.regions.find(
    ({ RegionId, IsSaling }) => RegionId === regionId && Number(IsSaling) === 1,
  );
}

/** This region's products stand for those of a region that was not recorded. */
const SUBSTITUTE_REGION = "CN_Hongkong_A";

/**
 * The recorded products of a region. A region without a record sells what Hong Kong (or the first recorded region)
 * sells.
 */
export function configurationOf(
  catalog: EmulatorCatalog,
  regionId: string,
): CatalogConfiguration | undefined {
  if (findRegionForSale(catalog, regionId) === undefined) return undefined;
  const own = catalog.configurations[regionId];
  if (own !== undefined) return own;
  const substitute =
    catalog.configurations[SUBSTITUTE_REGION] ?? Object.values(catalog.configurations)[0];
  return substitute && { ...substitute, RegionId: regionId };
}

export function findGoods(
  catalog: EmulatorCatalog,
  regionId: string,
  paasGoodsId: number,
): Goods | undefined {
  for (const product of configurationOf(catalog, regionId)?.Products ?? []) {
    for (const item of product.Architectures) {
      const standards = item.ComputeRoles.flatMap(({ Standards }) => Standards.CpuRam);
      const standard = standards.find((entry) => Number(entry.PaasGoodsId) === paasGoodsId);
      if (standard === undefined) continue;
      const link = item.NetworkLinks?.[0];
      return {
        paasGoodsId,
        ramGb: Number(standard.RAM),
        version: product.Version,
        subProductName: item.SubProductName,
        isCluster: Number(item.ArchitectureType) === 2 || item.ArchitectureName.includes("集群"),
        linkType: link?.LinkType ?? "default_link",
        linkName: link?.Name ?? "默认链路",
      };
    }
  }
  return undefined;
}
