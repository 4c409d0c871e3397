// Programs that make as many resources as the environment says: by this package, and by dynamic providers as
// people write them.

const HEADER = `import * as pulumi from "@pulumi/pulumi";
const count = Number(process.env.BENCH_COUNT);
const password = new pulumi.Config().requireSecret("password");
`;

/** As many inputs as an instance of ours has once `check` has filled in what was left out. */
const INPUTS = `{
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
    version: "5.0", architecture: "cluster", computeRole: "general", ramGb: 8, paasGoodsId: 8063,
    instanceName: \`cache-\${index}-0123456\`, port: 9736,
    token: "0123456789abcdef0123456789abcdef", resourceUrn: \`urn:pulumi:bench::caches::dynamic::cache-\${index}\`,
    defaults: ["instanceName"],
  }`;

export const PROGRAMS = {
  ours: `${HEADER}
import * as cds from "pulumi-cds-redis";
for (let index = 0; index < count; index++)
  new cds.RedisInstance(\`cache-\${index}\`, {
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password,
    version: "5.0", architecture: "cluster", ramGb: 8,
  });
`,
  empty: `${HEADER}
class EmptyProvider {
  async create(inputs) {
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
const provider = new EmptyProvider();
class Cache extends pulumi.dynamic.Resource {
  constructor(name, args) {
    super(provider, name, args);
  }
}
for (let index = 0; index < count; index++)
  new Cache(\`cache-\${index}\`, ${INPUTS});
`,
} as const;
