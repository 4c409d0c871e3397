// Programs that make a cache with the same arguments: by this package, by a dynamic provider that does nothing, and by
// one that orders over HTTP with axios.

export const OURS = "ours: RedisInstance";
export const EMPTY = "empty: create returns an id";
export const MODULE = "axios: module captured";
export const CLIENT = "axios: client captured";

const ARGS = `{
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  version: "5.0",
  architecture: "cluster",
  ramGb: 8,
  password: pulumi.secret("Not-a-real-one-1"),
}`;

const OURS_PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";

new cds.RedisInstance("cache", ${ARGS});
`;

const EMPTY_PROGRAM = `
import * as pulumi from "@pulumi/pulumi";

const provider: pulumi.dynamic.ResourceProvider = {
  async create() {
    return { id: "cache-1" };
  },
};
${resource()}`;

/** As most people write it first. */
const CLIENT_PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import axios from "axios";

const http = axios.create({ baseURL: process.env.ORDERS_URL });

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const { data } = await http.post("/caches", inputs);
    return { id: data.id, outs: { ...inputs, ip: data.ip } };
  },
};
${resource()}`;

/** The least that makes it work: a module is captured as a \`require\` of it. */
const MODULE_PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import axios from "axios";

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const http = axios.create({ baseURL: process.env.ORDERS_URL });
    const { data } = await http.post("/caches", inputs);
    return { id: data.id, outs: { ...inputs, ip: data.ip } };
  },
};
${resource()}`;

function resource(): string {
  return `
class Cache extends pulumi.dynamic.Resource {
  constructor(name: string, args: Record<string, pulumi.Input<string | number>>) {
    super(provider, name, args);
  }
}

new Cache("cache", ${ARGS});
`;
}

export const PROGRAMS: Readonly<Record<string, string>> = {
  [OURS]: OURS_PROGRAM,
  [EMPTY]: EMPTY_PROGRAM,
  [MODULE]: MODULE_PROGRAM,
  [CLIENT]: CLIENT_PROGRAM,
};
