// Creates and deletes many instances in the way of this package, and in the way of the terraform provider.
import { createRequire } from "node:module";

import type * as ContractModule from "../provider/dynamic/contract.ts";
import type * as FaceModule from "../provider/dynamic/face.ts";
import type * as InstanceModule from "../provider/instance/instance.ts";
import type * as TimeModule from "../provider/time.ts";
import type * as CatalogModule from "../provider/vendor/actions/catalog.ts";
import type * as ClientModule from "../provider/vendor/client.ts";
import type * as InstancesModule from "../provider/vendor/actions/instances.ts";
import { startHost, type Creating, type EmulatorApi } from "./virtualVendor.mts";

const require = createRequire(import.meta.url);
const { INSTANCE_TYPE } = require("../dist/provider/dynamic/contract.js") as typeof ContractModule;
const { DynamicFace } = require("../dist/provider/dynamic/face.js") as typeof FaceModule;
const { instanceLife } = require("../dist/provider/instance/instance.js") as typeof InstanceModule;
const { sleep } = require("../dist/provider/time.js") as typeof TimeModule;
const { describeAvailableDbConfig } =
  require("../dist/provider/vendor/actions/catalog.js") as typeof CatalogModule;
const { createInstance, deleteInstance, describeInstances } =
  require("../dist/provider/vendor/actions/instances.js") as typeof InstancesModule;

const REGION = "CN_Hongkong_A";
const ORDER = { regionId: REGION, vdcId: "vdc-1", basePipeId: "pipe-1", password: "bench-1Aa" };
const GOODS_ID = 8063;
const CALL_TIMEOUT_MS = 30_000;
const PEER_SLEEP_MS = 100_000;
const PEER_INTERVAL_MS = 15_000;

type State = Record<string, unknown>;

export interface Instance {
  readonly id: string;
  readonly state: State;
}

/** One instance that an operation worked on, and the engine's time from the call to the answer. */
export interface Done extends Instance {
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Outcome {
  readonly calls: number;
  readonly done: readonly Done[];
}

export interface Policy {
  readonly name: string;
  create(api: EmulatorApi, count: number, parallel: number): Promise<Outcome>;
  /** A preview or plan of a program that did not change. */
  preview(api: EmulatorApi, made: readonly Instance[]): Promise<Outcome>;
  destroy(api: EmulatorApi, made: readonly Instance[], parallel: number): Promise<Outcome>;
}

export const ours: Policy = {
  name: "pulumi-cds-redis",
  create: (api, count, parallel) => {
    const creating: Creating[] = [];
    const provider = new DynamicFace(startHost(api, creating), instanceLife);
    return work(api, count, parallel, async (index) => {
      const { inputs = {} } = await provider.check({}, args(index));
      creating.push({ urn: urnOf(index), inputs, outputs: {}, provider: "one" });
      const { id, outs = {} } = await provider.create(inputs);
      return { id, state: outs };
    });
  },
  preview: (api, made) => {
    const provider = new DynamicFace(startHost(api, []), instanceLife);
    return work(api, made.length, made.length, async (index) => {
      const instance = at(made, index);
      const { inputs = {} } = await provider.check(instance.state, args(index));
      const difference = await provider.diff(instance.id, instance.state, inputs);
      if (difference.changes !== false)
        throw new Error(`the preview shows changes: ${JSON.stringify(difference)}`);
      return instance;
    });
  },
  destroy: (api, made, parallel) => {
    const provider = new DynamicFace(startHost(api, []), instanceLife);
    return work(api, made.length, parallel, async (index) => {
      const instance = at(made, index);
      await provider.delete(instance.id, instance.state);
      return instance;
    });
  },
};

/** A simulation that makes the same calls and pauses as the source of the terraform provider. */
export const peer: Policy = {
  name: "terraform's policy (simulated)",
  create: (api, count, parallel) => {
    const { client } = startHost(api, []).account();
    return work(api, count, parallel, async (index) => {
      await describeAvailableDbConfig(client, REGION);
      const order = { ...ORDER, instanceName: `cache-${index}`, paasGoodsId: GOODS_ID };
      const [id = ""] = await createInstance(client, order, CALL_TIMEOUT_MS);
      await sleep(PEER_SLEEP_MS);
      await pollAsPeer(client, id, (status) => status === "RUNNING");
      await describeInstances(client, { instanceId: id });
      return { id, state: {} };
    });
  },
  preview: (api, made) => {
    const { client } = startHost(api, []).account();
    return work(api, made.length, made.length, async (index) => {
      await describeInstances(client, { instanceId: at(made, index).id });
      return at(made, index);
    });
  },
  destroy: (api, made, parallel) => {
    const { client } = startHost(api, []).account();
    return work(api, made.length, parallel, async (index) => {
      const { id } = at(made, index);
      await deleteInstance(client, id, CALL_TIMEOUT_MS);
      await pollAsPeer(client, id, (status) => status === undefined);
      return at(made, index);
    });
  },
};

async function pollAsPeer(
  client: ClientModule.CdsClient,
  id: string,
  isEnd: (status: string | undefined) => boolean,
): Promise<void> {
  for (;;) {
    await sleep(PEER_INTERVAL_MS);
    const [instance] = await describeInstances(client, { instanceId: id });
    if (isEnd(instance?.status)) return;
  }
}

/** Works on this many instances, at most `parallel` at a time, as the engine does. */
async function work(
  api: EmulatorApi,
  count: number,
  parallel: number,
  workOn: (index: number) => Promise<Instance>,
): Promise<Outcome> {
  const before = api.requests.length;
  const done: Done[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const startedAt = Date.now();
      const instance = await workOn(index);
      done[index] = { ...instance, startedAt, endedAt: Date.now() };
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
  return { calls: api.requests.length - before, done };
}

function args(index: number): State {
  const spec = { version: "5.0", architecture: "cluster", ramGb: 8 };
  return { ...ORDER, ...spec, __provider: "-", __urn: urnOf(index) };
}

function urnOf(index: number): string {
  return `urn:pulumi:dev::bench::${INSTANCE_TYPE}::cache-${index}`;
}

function at(made: readonly Instance[], index: number): Instance {
  const instance = made[index];
  if (instance === undefined) throw new Error(`there is no instance ${index}`);
  return instance;
}
