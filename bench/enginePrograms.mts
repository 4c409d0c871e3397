// Programs that make as many resources as the environment says: of this package, and of dynamic providers as people
// write them.

const HEADER = `import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
const count = Number(process.env.BENCH_COUNT);
const config = new pulumi.Config();
const password = config.requireSecret("password");
`;

/** As many inputs as an instance of ours has once its `check` has filled in what was left out. */
const INPUTS = `{
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
    version: "5.0", architecture: "cluster", computeRole: "general", ramGb: 8, paasGoodsId: 8063,
    instanceName: \`cache-\${index}-0123456\`, port: 9736, token: "0123456789abcdef0123456789abcdef",
    defaults: ["instanceName"], rowOf: \`urn:pulumi:bench::caches::pulumi-nodejs:dynamic:Resource::cache-\${index}\`,
  }`;

const OURS = `import * as cds from "pulumi-cds-redis";
for (let index = 0; index < count; index++)
  new cds.RedisInstance(\`cache-\${index}\`, {
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
    version: "5.0", architecture: "cluster", ramGb: 8,
  });
`;

/** The same on the plugin face, without a generated SDK. */
const PLUGIN = `class Cache extends pulumi.CustomResource {
  constructor(name, args) {
    super("cds-redis:index:RedisInstance", name, { ip: undefined, ...args });
  }
}
for (let index = 0; index < count; index++)
  new Cache(\`cache-\${index}\`, {
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
    version: "5.0", architecture: "cluster", ramGb: 8,
  });
`;

/** A dynamic provider whose methods do nothing, but for these statements in `create`. */
function dynamicProvider(beforeCreated: string): string {
  return `class CacheProvider {
  async create(inputs) {
    ${beforeCreated}
    return { id: inputs.instanceName, outs: { ...inputs } };
  }
  async diff() {
    return { changes: false };
  }
  async read(id, props) {
    return { id, props };
  }
  async delete() {}
}
const provider = new CacheProvider();
class Cache extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super(provider, name, args);
  }
}
for (let index = 0; index < count; index++) new Cache(\`cache-\${index}\`, ${INPUTS});
`;
}

/**
 * What `import axios from "axios"` is once TypeScript has compiled it to CommonJS: the engine's library stores a
 * captured module as `require`. An instance of `axios.create()`, and the import of an ES module, it can't store
 * ("bound queueMicrotask: could not be serialized").
 */
const AXIOS = `const axios = createRequire(import.meta.url)("axios");
const url = process.env.BENCH_ANY_URL;
`;

export const PROGRAMS = {
  ours: HEADER + OURS,
  plugin: HEADER + PLUGIN,
  empty: HEADER + dynamicProvider(""),
  axios: HEADER + AXIOS + dynamicProvider("await axios.get(url);"),
} as const;
