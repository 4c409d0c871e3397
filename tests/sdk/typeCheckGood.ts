// Programs that compile, by what is special in them.
import { CLUSTER, GOOD, HONGKONG, instance, object, UNSOLD } from "./typeCheckPrograms";

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
