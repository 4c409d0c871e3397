// A catalogue of 20 regions × 6 versions × 4 architectures × 10 sizes and a program of 100 instances, no two alike.
import type { CatalogAnswers } from "../sdk/generate.ts";

const REGIONS = Array.from({ length: 20 }, (_, index) => `REGION_${index + 1}_A`);
const VERSIONS = ["4.0", "5.0", "6.0", "6.2", "7.0", "7.2"];
/** The vendor's names; the catalogue has our words for them. */
const ARCHITECTURES = new Map([
  ["主从", "master-replica"],
  ["集群", "cluster"],
  ["经济型主从", "economy-master-replica"],
  ["读写分离", "read-write-splitting"],
]);
const SIZES = [1, 2, 4, 8, 12, 16, 20, 32, 64, 128];
export const INSTANCES = 100;

/** What the vendor would answer if it sold all of this. */
export function largeAnswers(): CatalogAnswers {
  let paasGoodsId = 1000;
  const configuration = () => ({
    versions: VERSIONS.map((version) => ({
      version,
      architectures: [...ARCHITECTURES.keys()].map((architectureName) => ({
        architectureName,
        architectureType: undefined,
        subProductName: "",
        computeRoles: [
          {
            computeName: "通用型",
            sizes: SIZES.map((ramGb) => ({ paasGoodsId: paasGoodsId++, ramGb })),
          },
        ],
      })),
    })),
  });
  return {
    regions: REGIONS.map((regionId) => ({
      regionId,
      regionName: "region",
      siteName: regionId,
      cityId: "city",
      cityName: "city",
      forSale: true,
    })),
    configurations: Object.fromEntries(REGIONS.map((regionId) => [regionId, configuration()])),
  };
}

/** The program as a user writes it, held against the catalogue in `./catalog.gen`. */
export function typedProgram(): string {
  return `import "./catalog.gen";
import * as cds from "pulumi-cds-redis";
${instances("cds.RedisInstance")}`;
}

/** The same program where the arguments are plain texts and numbers, as they would be without a catalogue. */
export function untypedProgram(): string {
  return `import * as pulumi from "@pulumi/pulumi";
interface PlainArgs {
  regionId?: pulumi.Input<string>;
  vdcId: pulumi.Input<string>;
  basePipeId: pulumi.Input<string>;
  version: pulumi.Input<string>;
  architecture: pulumi.Input<string>;
  computeRole?: pulumi.Input<string>;
  ramGb: pulumi.Input<number>;
  password: pulumi.Input<string>;
}
declare class RedisInstance extends pulumi.CustomResource {
  readonly ip: pulumi.Output<string>;
  constructor(name: string, args: PlainArgs, opts?: pulumi.CustomResourceOptions);
}
${instances("RedisInstance")}`;
}

/** Steps that share no factor with the number of choices, so that every instance is a combination of its own. */
function instances(resource: string): string {
  const architectures = [...ARCHITECTURES.values()];
  const lines = Array.from({ length: INSTANCES }, (_, index) => {
    const regionId = REGIONS[index % REGIONS.length];
    const version = VERSIONS[index % VERSIONS.length];
    const architecture = architectures[(index * 3 + Math.floor(index / 20)) % architectures.length];
    const ramGb = SIZES[(index * 7 + Math.floor(index / 10)) % SIZES.length];
    return `export const cache${index} = new ${resource}("cache${index}", {
  regionId: "${regionId}", vdcId: "vdc-1", basePipeId: "pipe-1", password: "password",
  version: "${version}", architecture: "${architecture}", computeRole: "general", ramGb: ${ramGb},
}).ip;`;
  });
  return `${lines.join("\n")}\n`;
}
