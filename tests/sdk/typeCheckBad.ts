// Programs that must not compile, with the one error each must have.
import { CLUSTER, GOOD, HONGKONG, instance, object, UNSOLD } from "./typeCheckPrograms";

/** A program that must not compile: where the only error is, and what it says. */
type Wrong = readonly [name: string, code: string, at: string | RegExp, message: string | RegExp];

/** Where the compiler marks arguments as a whole. */
const WHOLE = /^\{.*\}$/;
const VERSIONS = `'"2.8" | "2.8.19" | "5.0"'`;
const SIZES = "'8 | 12 | 20 | 32 | 64 | 128'";

export const mustNotCompile: readonly Wrong[] = [
  [
    "an unknown region",
    instance({ ...CLUSTER, regionId: '"CN_Honkong_A"' }),
    "regionId",
    `Type '"CN_Honkong_A"' is not assignable to type 'RegionId | undefined'. Did you mean '"CN_Hongkong_A"'?`,
  ],
  [
    "an unknown region beside a goods id",
    instance({ regionId: '"CN_Honkong_A"', paasGoodsId: 8075 }),
    "regionId",
    /^Type '"CN_Honkong_A"' is not assignable to type 'RegionId \| undefined'/,
  ],
  [
    "a version that the region doesn't sell",
    instance({ ...GOOD, version: '"6.0"' }),
    "version",
    `Type '"6.0"' is not assignable to type ${VERSIONS}.`,
  ],
  [
    "an architecture that the version doesn't have",
    instance({ ...GOOD, architecture: '"master-replica"' }),
    "architecture",
    `Type '"master-replica"' is not assignable to type '"cluster"'.`,
  ],
  [
    "an architecture that no version has",
    instance({ ...GOOD, version: "text", architecture: '"clster"' }),
    "architecture",
    /^Type '"clster"' is not assignable to type .*Did you mean '"cluster"'\?$/,
  ],
  [
    "a size that the architecture doesn't have",
    instance({ ...GOOD, ramGb: 13 }),
    "ramGb",
    `Type '13' is not assignable to type ${SIZES}.`,
  ],
  [
    "one of two sizes",
    instance({ ...GOOD, ramGb: "coin ? 8 : 13" }),
    "ramGb",
    `Type '8 | 13' is not assignable to type ${SIZES}.\nType '13' is not assignable to type ${SIZES}.`,
  ],
  [
    "a size that nothing in the region has",
    instance({ ...HONGKONG, version: "text", architecture: "text", ramGb: 13 }),
    "ramGb",
    /^Type '13' is not assignable to type '(\d+ \| )+\d+'\.$/,
  ],
  [
    "a compute role that the architecture doesn't have",
    instance({ ...GOOD, computeRole: '"general"' }),
    "computeRole",
    /^Type '"general"' is not assignable to type '"high-io"/,
  ],
  [
    "three wrong arguments, the first of which is named",
    instance({ ...UNSOLD, ...HONGKONG }),
    "version",
    `Type '"9"' is not assignable to type ${VERSIONS}.`,
  ],
  [
    "a declared type",
    `export const cache: cds.RedisInstance = new cds.RedisInstance("cache", ${object({ ...GOOD, ramGb: 13 })});`,
    "ramGb",
    `Type '13' is not assignable to type ${SIZES}.`,
  ],
  [
    "a wrong size in a constant object",
    `const cluster = ${object({ ...GOOD, ramGb: 13 }, [])} as const; ${instance({}, ["cluster", "network"])}`,
    WHOLE,
    /\nTypes of property 'ramGb' are incompatible\.\nType '13' is not assignable to type '8 \| 12 \| /,
  ],
  [
    "an argument that is misspelt",
    instance({ ...GOOD, computeRol: '"high-io"' }),
    "computeRol",
    /Did you mean to write 'computeRole'\?$/,
  ],
  [
    "a text for a size",
    instance({ ...GOOD, ramGb: '"20"' }),
    "ramGb",
    /^Type 'string' is not assignable to type .*\b20\b/,
  ],
  [
    "a number for a version",
    instance({ ...GOOD, version: 5 }),
    "version",
    /^Type 'number' is not assignable to type .*"5\.0"/,
  ],
  [
    "a text for a goods id",
    instance({ paasGoodsId: '"8075"' }),
    "paasGoodsId",
    "Type 'string' is not assignable to type 'NumberInput | undefined'.",
  ],
  [
    "undefined for a version",
    instance({ ...GOOD, version: "undefined" }),
    "version",
    /^Type 'undefined' is not assignable to type .*"5\.0"/,
  ],
  [
    "a version that may be undefined",
    instance({ ...GOOD, version: "perhaps" }),
    "version",
    /^Type 'Input<string> \| undefined' is not assignable to type .*"5\.0"/,
  ],
  ...["version", "architecture", "ramGb"].map((missing): Wrong => {
    const args = Object.fromEntries(Object.entries(GOOD).filter(([name]) => name !== missing));
    return [
      `no ${missing}`,
      instance(args),
      WHOLE,
      new RegExp(`\\nProperty '${missing}' is missing in `),
    ];
  }),
  [
    "no specification",
    instance(HONGKONG),
    WHOLE,
    /is missing the following properties .*: version, architecture, ramGb$/,
  ],
  [
    "nothing but the network",
    instance({}),
    WHOLE,
    /is missing the following properties .*: version, architecture, ramGb$/,
  ],
  [
    "no network",
    instance({ ...GOOD, password: "text" }, []),
    WHOLE,
    /is missing the following properties .*: vdcId, basePipeId$/,
  ],
];
