// How long, and with how many calls, instances are made and deleted: by this package, and as the terraform provider does.
import { createRequire } from "node:module";

import type * as ClientModule from "../provider/vendor/client.ts";
import type * as CatalogModule from "../provider/vendor/catalog.ts";
import type * as ContractModule from "../provider/dynamic/contract.ts";
import type * as InstanceModule from "../provider/instance/instance.ts";
import type * as InstancesModule from "../provider/vendor/instances.ts";
import { startHost, type EmulatorApi } from "./virtualVendor.mts";

const require = createRequire(import.meta.url);
const { describeAvailableDbConfig } =
  require("../dist/provider/vendor/catalog.js") as typeof CatalogModule;
const { createInstance, deleteInstance, describeInstances } =
  require("../dist/provider/vendor/instances.js") as typeof InstancesModule;
const { instanceProvider } =
  require("../dist/provider/instance/instance.js") as typeof InstanceModule;
const { INSTANCE_TYPE } = require("../dist/provider/dynamic/contract.js") as typeof ContractModule;

type Client = ClientModule.CdsClient;

const REGION = "CN_Hongkong_A";
const ORDER = { regionId: REGION, vdcId: "vdc-1", basePipeId: "pipe-1", password: "bench-1Aa" };
const GOODS_ID = 8063;
const PEER_SLEEP_MS = 100_000;
const PEER_INTERVAL_MS = 15_000;

/** Of one operation on many instances. */
export interface Outcome {
  readonly calls: number;
  /** From what the vendor had done to the moment when the engine was told, for each instance. */
  readonly lateMs: readonly number[];
}

export interface Made {
  readonly id: string;
  readonly state: object;
}

export interface Policy {
  readonly name: string;
  create(api: EmulatorApi, count: number, parallel: number): Promise<Outcome & { made: Made[] }>;
  /** A run in which nothing changed: what a preview or plan asks. */
  preview(api: EmulatorApi, made: readonly Made[]): Promise<Outcome>;
  destroy(api: EmulatorApi, made: readonly Made[], parallel: number): Promise<Outcome>;
}

export const ours: Policy = {
  name: "pulumi-cds-redis",
  async create(api, count, parallel) {
    const creating: object[] = [];
    const provider = instanceProvider(startHost(api, creating));
    return observed(api, count, parallel, async (index) => {
      const checked = await provider.check?.({}, args(index));
      const inputs = checked?.inputs as object;
      creating.push({ urn: urnOf(index), inputs, outputs: {}, provider: "one" });
      const { id, outs: state } = (await provider.create(inputs)) as { id: string; outs: object };
      return { id, state };
    });
  },
  preview: (api, made) => {
    const provider = instanceProvider(startHost(api, []));
    return observed(api, made.length, made.length, async (index) => {
      const { id, state } = at(made, index);
      const checked = await provider.check?.(state, args(index));
      const difference = await provider.diff?.(id, state, checked?.inputs);
      if (difference?.changes !== false) throw new Error(`to do: ${JSON.stringify(difference)}`);
      return { id, state };
    });
  },
  destroy: (api, made, parallel) => {
    const provider = instanceProvider(startHost(api, []));
    return observed(api, made.length, parallel, async (index) => {
      const { id, state } = at(made, index);
      await provider.delete?.(id, state);
      return { id, state };
    });
  },
};

/** A simulation of its policy, told from its source: a call or a pause there is one here. */
export const peer: Policy = {
  name: "terraform's policy (simulated)",
  create: (api, count, parallel) => {
    const { client } = startHost(api, []).account();
    return observed(api, count, parallel, async (index) => {
      await describeAvailableDbConfig(client, REGION);
      const order = { ...ORDER, instanceName: `cache-${index}`, paasGoodsId: GOODS_ID };
      const [id = ""] = await createInstance(client, order, 30_000);
      await pause(PEER_SLEEP_MS);
      await peerPolls(client, id, (status) => status === "RUNNING");
      await describeInstances(client, { instanceId: id });
      return { id, state: {} };
    });
  },
  preview: (api, made) => {
    const { client } = startHost(api, []).account();
    return observed(api, made.length, made.length, async (index) => {
      await describeInstances(client, { instanceId: at(made, index).id });
      return at(made, index);
    });
  },
  destroy: (api, made, parallel) => {
    const { client } = startHost(api, []).account();
    return observed(api, made.length, parallel, async (index) => {
      const { id } = at(made, index);
      await deleteInstance(client, id, 30_000);
      await peerPolls(client, id, (status) => status === undefined);
      return at(made, index);
    });
  },
};

async function peerPolls(
  client: Client,
  id: string,
  isThere: (status: string | undefined) => boolean,
): Promise<void> {
  for (;;) {
    await pause(PEER_INTERVAL_MS);
    const [instance] = await describeInstances(client, { instanceId: id });
    if (isThere(instance?.status)) return;
  }
}

/** Works on so many, at most `parallel` at a time, and sees how late each was told. */
async function observed(
  api: EmulatorApi,
  count: number,
  parallel: number,
  work: (index: number) => Promise<Made>,
): Promise<Outcome & { made: Made[] }> {
  const before = api.requests.length;
  const records = new Map(api.store.instances().map((one) => [one.instanceUuid, one]));
  const made: Made[] = [];
  const lateMs: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const one = await work(index);
      made[index] = one;
      const live = api.store.findInstance(one.id) ?? records.get(one.id);
      lateMs.push(Date.now() - (live?.readyAt ?? Date.now()));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
  return { calls: api.requests.length - before, lateMs, made };
}

function args(index: number): object {
  const spec = { version: "5.0", architecture: "cluster", ramGb: 8 };
  return { ...ORDER, ...spec, __provider: "-", __urn: urnOf(index) };
}

function urnOf(index: number): string {
  return `urn:pulumi:dev::bench::${INSTANCE_TYPE}::cache-${index}`;
}

function at(made: readonly Made[], index: number): Made {
  const one = made[index];
  if (one === undefined) throw new Error(`there is no instance ${index}`);
  return one;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
