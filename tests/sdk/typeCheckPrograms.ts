// Programs for the type tests, as data: those that compile, and those that must not with the error each must have.

export const PRELUDE = `
import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
declare const network: { vdcId: string; basePipeId: string; password: pulumi.Output<string> };
declare const text: string;
declare const size: number;
declare const coin: boolean;
declare const input: pulumi.Input<string>;
declare const sizeInput: pulumi.Input<number>;
declare const perhaps: pulumi.Input<string> | undefined;
`;

/** Arguments by name, each as the text of an expression. */
export type Expressions = Readonly<Record<string, string | number>>;

export const HONGKONG = { regionId: '"CN_Hongkong_A"' };
const CLUSTER = { version: '"5.0"', architecture: '"cluster"', ramGb: 20 };
export const GOOD = { ...HONGKONG, ...CLUSTER };
/** Not in the catalogue, so it compiles only where it is not held against it. */
const UNSOLD = { version: '"9"', architecture: '"new"', ramGb: 3 };

/** A program of one instance in the network that the prelude declares. */
export function instance(args: Expressions, spread: readonly string[] = ["network"]): string {
  return `export const cache = new cds.RedisInstance("cache", ${object(args, spread)});`;
}

function object(args: Expressions, spread: readonly string[] = ["network"]): string {
  const own = Object.entries(args).map(([name, value]) => `${name}: ${value}`);
  return `{ ${[...own, ...spread.map((name) => `...${name}`)].join(", ")} }`;
}

const TYPED = `cds.RedisInstanceArgs`;

export const compiles: readonly (readonly [name: string, code: string])[] = [
  ["literals", instance(GOOD)],
  ["a compute role", instance({ ...GOOD, computeRole: '"high-io"' })],
  ["a region without a catalogue", instance({ ...UNSOLD, regionId: '"EUR_Germany_A"' })],
  ["the default region", instance(UNSOLD)],
  [
    "texts and numbers from configuration",
    instance({
      regionId: "text",
      version: "text",
      architecture: "text",
      computeRole: "text",
      ramGb: "size",
    }),
  ],
  [
    "literals beside texts from configuration",
    instance({ ...GOOD, version: "text", ramGb: "size" }),
  ],
  [
    "outputs and promises",
    instance({
      regionId: 'pulumi.output("nowhere")',
      version: "pulumi.output(text)",
      architecture: 'Promise.resolve("new")',
      computeRole: "pulumi.secret(text)",
      ramGb: "pulumi.output(3)",
    }),
  ],
  ["an output of a literal", instance({ ...GOOD, version: 'pulumi.output("9" as const)' })],
  [
    "inputs",
    instance({
      regionId: "input",
      version: "input",
      architecture: "input",
      computeRole: "input",
      ramGb: "sizeInput",
    }),
  ],
  [
    "literals or outputs",
    instance({
      ...GOOD,
      regionId: 'coin ? "CN_Hongkong_A" : pulumi.output(text)',
      version: 'coin ? "5.0" : input',
      ramGb: "coin ? 20 : sizeInput",
    }),
  ],
  [
    "unions of literals",
    instance({
      ...HONGKONG,
      version: 'coin ? "5.0" : "2.8.19"',
      architecture: 'coin ? "cluster" : "read-write-splitting"',
      ramGb: "coin ? 8 : 64",
    }),
  ],
  [
    "a region with a catalogue or one without",
    instance({ ...UNSOLD, regionId: 'coin ? "CN_Hongkong_A" : "EUR_Germany_A"' }),
  ],
  ["a text of a known beginning", instance({ ...CLUSTER, regionId: "`CN_${text}` as const" })],
  ["the type any", instance({ ...GOOD, version: 'JSON.parse("0")', ramGb: 'JSON.parse("0")' })],
  [
    "undefined for what may be left out",
    instance({
      ...CLUSTER,
      regionId: "undefined",
      computeRole: "undefined",
      paasGoodsId: "undefined",
      port: "undefined",
      account: "undefined",
    }),
  ],
  [
    "optional values for what may be left out",
    instance({ ...CLUSTER, regionId: "perhaps", computeRole: "perhaps", account: "perhaps" }),
  ],
  ["a goods id alone", instance({ paasGoodsId: 8075 })],
  ["a goods id that is not in the catalogue", instance({ ...HONGKONG, paasGoodsId: 1 })],
  ["a goods id as an input", instance({ paasGoodsId: "sizeInput" })],
  ["a goods id with what agrees", instance({ ...GOOD, paasGoodsId: 8075 })],
  ["a goods id newer than the catalogue", instance({ ...UNSOLD, ...HONGKONG, paasGoodsId: 1 })],
  [
    "a goods id that may be undefined",
    instance({ ...GOOD, paasGoodsId: "coin ? 8075 : undefined" }),
  ],
  [
    "a spread object",
    `const cluster = ${object(UNSOLD, [])}; ${instance(HONGKONG, ["cluster", "network"])}`,
  ],
  [
    "a spread constant object",
    `const cluster = ${object(GOOD, [])} as const; ${instance({}, ["cluster", "network"])}`,
  ],
  [
    "arguments typed beforehand",
    `const args: ${TYPED} = ${object(GOOD)}; new cds.RedisInstance("cache", args);`,
  ],
  [
    "arguments typed beforehand, by goods id",
    `const args: ${TYPED} = ${object({ paasGoodsId: 8075 })}; new cds.RedisInstance("cache", args);`,
  ],
  [
    "arguments typed beforehand and changed",
    `declare const args: ${TYPED};
     new cds.RedisInstance("cache", { ...args, regionId: "CN_Hongkong_A", version: "5.0" });`,
  ],
  [
    "arguments built in a function",
    `export function cacheOf(name: string, own: Partial<${TYPED}> = {}): cds.RedisInstance {
       return new cds.RedisInstance(name, ${object(GOOD, ["network", "own"])});
     }`,
  ],
  [
    "a declared type",
    `export const cache: cds.RedisInstance = new cds.RedisInstance("cache", ${object(GOOD)});`,
  ],
  [
    "instances of different types in a list",
    `const one = new cds.RedisInstance("one", ${object(GOOD)});
     const other = new cds.RedisInstance("other", ${object({ paasGoodsId: 8075 })});
     export const all: cds.RedisInstance[] = [one, other];
     export const hosts: pulumi.Output<string>[] = [one, other].map((cache) => cache.ip);
     export const byName: Record<string, cds.RedisInstance> = { one, other };`,
  ],
  [
    "a component that passes arguments on",
    `interface ShopArgs { redis: ${TYPED}; regionId: pulumi.Input<string>; ramGb?: pulumi.Input<number> }
     export class Shop extends pulumi.ComponentResource {
       readonly cache: cds.RedisInstance;
       constructor(name: string, args: ShopArgs, opts?: pulumi.ComponentResourceOptions) {
         super("shop:index:Shop", name, {}, opts);
         const { redis, regionId, ramGb = 20 } = args;
         this.cache = new cds.RedisInstance(name, redis, { parent: this });
         new cds.RedisInstance(\`\${name}-2\`, { ...redis, regionId, ramGb }, { parent: this });
         new cds.RedisInstance(\`\${name}-3\`, { ...network, regionId, ramGb, version: "5.0", architecture: "cluster" });
       }
     }`,
  ],
  [
    "an interface that extends the arguments",
    `export interface Owned extends ${TYPED} { owner: string }`,
  ],
  [
    "a subclass that says which types it takes",
    `type Text = pulumi.Input<string>;
     type Size = pulumi.Input<number>;
     export class Cache extends cds.RedisInstance<Text, Text, Text, Text, Size, Size | undefined> {
       constructor(name: string, args: ${TYPED}) { super(name, args); }
     }`,
  ],
];

/** A program that must not compile: where the only error is, and what it says. */
type Wrong = readonly [name: string, code: string, at: string | RegExp, message: string | RegExp];

/** Where the compiler marks arguments as a whole. */
const WHOLE = /^\{.*\}$/;
const VERSIONS = `'"2.8" | "2.8.19" | "5.0"'`;
const SIZES = "'8 | 32 | 64 | 12 | 20 | 128'";

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
    /\nTypes of property 'ramGb' are incompatible\.\nType '13' is not assignable to type '8 \| 32 \| /,
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
    "no password",
    instance({ ...GOOD, vdcId: '"vdc"', basePipeId: '"pipe"' }, []),
    WHOLE,
    /\nProperty 'password' is missing in /,
  ],
  [
    "no network",
    instance({ ...GOOD, password: "text" }, []),
    WHOLE,
    /is missing the following properties .*: vdcId, basePipeId$/,
  ],
];
