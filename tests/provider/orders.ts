import type { dynamic } from "@pulumi/pulumi";

import type { EmulatorApi, EmulatorCatalog } from "../../emulator";
import {
  BACKUP_TYPE,
  backupFace,
  INSTANCE_TYPE,
  instanceFace,
  providerLine,
  type Context,
} from "../face";
import recorded from "../../sdk/catalog.json";
import { stackInWork, type FakeStack } from "../fakeStack";

/** Inputs or outputs as they cross the border to the engine. */
export type Bag = Record<string, unknown>;

export const PASSWORD = "canary pass/word%中";
export const REGION = "CN_Hongkong_A";

export function instanceUrn(name: string): string {
  return `urn:pulumi:dev::shop::${INSTANCE_TYPE}::${name}`;
}

/** What the class RedisInstance hands over for the smallest cluster. */
export function order(change: Bag = {}, name = "cache"): Bag {
  const bag: Bag = {
    __provider: providerLine("redisInstance"),
    __urn: instanceUrn(name),
    regionId: REGION,
    vdcId: "vdc-1",
    basePipeId: "pipe-1",
    version: "5.0",
    architecture: "cluster",
    ramGb: 8,
    password: PASSWORD,
    ...change,
  };
  return Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== undefined));
}

/** The same order said by the vendor's goods id. */
export function orderByGoodsId(paasGoodsId: number, change: Bag = {}): Bag {
  const others = { version: undefined, architecture: undefined, ramGb: undefined };
  return order({ ...others, paasGoodsId, ...change });
}

/** An instance takes minutes, as the vendor's do. */
export const slowInstances = { deliverySeconds: 300, deleteSeconds: 60 };

/** What the class RedisBackup hands over. */
export function backupOrder(instanceId: string, change: Bag = {}, name = "nightly"): Bag {
  return {
    __provider: providerLine("redisBackup"),
    __urn: `urn:pulumi:dev::shop::${BACKUP_TYPE}::${name}`,
    instanceId,
    ...change,
  };
}

interface Result {
  readonly id: string;
  readonly outs: Bag;
}

/** A dynamic provider driven as the engine does it, with the state handed from one step to the next. */
export interface Life {
  check(olds: Bag, news: Bag): Promise<{ inputs: Bag; failures: dynamic.CheckFailure[] }>;
  /** Checks, and gives the inputs; throws where there are failures. */
  inputs(news: Bag, olds?: Bag): Promise<Bag>;
  diff(outs: Bag, inputs: Bag, id?: string): Promise<dynamic.DiffResult>;
  /** Checks and creates. */
  create(news: Bag): Promise<Result>;
  read(id: string, outs: Bag): Promise<{ id: string; props: Bag }>;
  update(id: string, outs: Bag, inputs: Bag): Promise<{ outs: Bag }>;
  delete(id: string, outs: Bag): Promise<void>;
}

export function instanceLife(context: Context): Life {
  return lifeOf(instanceFace(context), stackInWork(context));
}

export function backupLife(context: Context): Life {
  return lifeOf(backupFace(context), stackInWork(context));
}

function lifeOf(provider: dynamic.ResourceProvider, stack: FakeStack): Life {
  const methods = provider as Required<dynamic.ResourceProvider>;
  const life: Life = {
    check: async (olds, news) => {
      const result = await methods.check(olds, news);
      return { inputs: result.inputs as Bag, failures: result.failures ?? [] };
    },
    inputs: async (news, olds = {}) => {
      const { inputs, failures } = await life.check(olds, news);
      if (failures.length > 0) throw new Error(JSON.stringify(failures));
      return inputs;
    },
    diff: (outs, inputs, id = "id") => methods.diff(id, outs, inputs),
    create: async (news) => {
      const inputs = await life.inputs(news);
      const ended = stack.begin(inputs);
      try {
        const result = await methods.create(inputs);
        stack.hold(String(inputs["__urn"]), result.id);
        return { id: result.id, outs: result.outs as Bag };
      } finally {
        ended();
      }
    },
    read: async (id, outs) => {
      const result = await methods.read(id, outs);
      return { id: result.id ?? "", props: result.props as Bag };
    },
    update: async (id, outs, inputs) => {
      const ended = stack.begin(inputs, stack.updating);
      try {
        const result = await methods.update(id, outs, inputs);
        return { outs: result.outs as Bag };
      } finally {
        ended();
      }
    },
    delete: (id, outs) => methods.delete(id, outs),
  };
  return life;
}

/** The recorded catalogue without some goods. */
export function catalogWithout(...goodsIds: readonly number[]): EmulatorCatalog {
  const catalog = structuredClone(recorded) as EmulatorCatalog;
  for (const { Products } of Object.values(catalog.configurations))
    for (const { Architectures } of Products)
      for (const { ComputeRoles } of Architectures)
        for (const { Standards } of ComputeRoles)
          Standards.CpuRam = Standards.CpuRam.filter(
            ({ PaasGoodsId }) => !goodsIds.includes(Number(PaasGoodsId)),
          );
  return catalog;
}

type Handle = EmulatorApi["handle"];
type Answer = ReturnType<Handle>;

/**
 * Lets a test answer calls of one action in the vendor's place; undefined leaves it to the vendor.
 * Restored by `jest.restoreAllMocks()`.
 */
export function answerInstead(
  api: EmulatorApi,
  action: string,
  answer: (vendor: () => Answer, body: Bag) => Answer | undefined,
): void {
  const handle: Handle = api.handle.bind(api);
  jest.spyOn(api, "handle").mockImplementation((request) => {
    const vendor = (): Answer => handle(request);
    if (!request.url.includes(`Action=${action}&`)) return vendor();
    const body = request.body === "" ? {} : (JSON.parse(request.body) as Bag);
    return answer(vendor, body) ?? vendor();
  });
}

/** The same for queries for one instance by its id, and for no list. */
export function answerQueryInstead(
  api: EmulatorApi,
  answer: (vendor: () => Answer) => Answer,
): void {
  const handle: Handle = api.handle.bind(api);
  jest.spyOn(api, "handle").mockImplementation((request) => {
    const vendor = (): Answer => handle(request);
    const isQuery = /Action=DescribeDBInstances&.*InstanceUuid=/.test(request.url);
    return isQuery ? answer(vendor) : vendor();
  });
}

export function jsonAnswer(status: number, body: object | string): Answer {
  return { status, headers: {}, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** Ways in which a call's answer tells nothing. */
export const USELESS_ANSWERS: [string, Answer][] = [
  ["HTTP 500", jsonAnswer(500, { Code: "InternalError", Data: {}, Message: "no" })],
  ["InternalError under HTTP 200", jsonAnswer(200, { Code: "InternalError", Data: {} })],
  ["HTML", jsonAnswer(200, "<html></html>")],
  ["truncated JSON", jsonAnswer(200, '{"Code":"Success","Data":[{"Inst')],
];

/** The failure of a task that must fail. */
export async function failureOf(task: Promise<unknown>): Promise<unknown> {
  const outcome = await task.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) throw new Error("it did not fail");
  return outcome.error;
}
