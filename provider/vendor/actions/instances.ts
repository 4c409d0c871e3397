import { z } from "zod";

import { architectureWord } from "../../../sdk/names";
import type { CdsClient } from "../client";
import {
  looseList,
  looseNumber,
  looseText,
  uniqueList,
  wireId,
  wireObject,
  wireParameters,
  wireTime,
} from "../wire";

/** A Redis instance as the vendor lists it. A text is "" and a number 0 where the vendor doesn't tell it. */
export interface Instance {
  /** The vendor's id (InstanceUuid). */
  readonly instanceId: string;
  /** Name at the vendor. */
  readonly instanceName: string;
  /** The vendor's word: `RUNNING` when the instance can be used. Other values are not documented. */
  readonly status: string;
  /** The vendor's Chinese text for the status, such as 运行中. */
  readonly statusText: string;
  /** Address in the private network. */
  readonly ip: string;
  /** Port of Redis. */
  readonly port: number;
  /** Memory in GB. The vendor counts in MB. */
  readonly ramGb: number;
  /** Version of Redis. */
  readonly version: string;
  /** Architecture (架构): `master-replica`, `cluster`, `economy-master-replica`, `read-write-splitting`, or the vendor's own name. */
  readonly architecture: string;
  /** The vendor's name of the architecture, such as `Redis 集群版`. */
  readonly subProductName: string;
  /** Region (RegionId). */
  readonly regionId: string;
  /** Virtual data center (VdcId). */
  readonly vdcId: string;
  /** Name of the virtual data center. */
  readonly vdcName: string;
  /** When the instance was ordered, ISO 8601 in Beijing time. */
  readonly createdTime: string;
  /** The vendor's id for billing. */
  readonly resourceId: string;
  /** Names of the instance's tags. Empty in the vendor's older answers. */
  readonly tagNames: readonly string[];
}

const instance: z.ZodType<Instance> = wireObject({
  instanceId: ["InstanceUuid", wireId],
  instanceName: ["InstanceName", looseText],
  status: ["Status", looseText],
  statusText: ["StatusStr", looseText],
  ip: ["IP", looseText],
  port: ["Port", looseNumber],
  ramGb: ["Ram", looseNumber.transform((megabytes) => megabytes / 1024)],
  version: ["Version", looseText],
  subProductName: ["SubProductName", looseText],
  regionId: ["RegionId", looseText],
  vdcId: ["VdcId", looseText],
  vdcName: ["VdcName", looseText],
  createdTime: ["CreatedTime", wireTime],
  resourceId: ["ResourceId", looseText],
  tagNames: [
    "Tags",
    looseList(z.object({ TagName: wireId }).transform(({ TagName }) => TagName)).catch([]),
  ],
}).transform((one) => ({ ...one, architecture: architectureWord(one.subProductName) }));
const instances = uniqueList(instance, ({ instanceId }) => idKey(instanceId));

/** Whether two ids name the same instance or backup: the vendor's lists may write an id in another case. */
export function sameId(one: string, other: string): boolean {
  return idKey(one) === idKey(other);
}

export function hasId(ids: Iterable<string>, id: string): boolean {
  return [...ids].some((one) => sameId(one, id));
}

function idKey(id: string): string {
  return id.toLowerCase();
}

const FILTERS = {
  instanceId: "InstanceUuid",
  instanceName: "InstanceName",
  ip: "IP",
  tagName: "TagName",
} as const;

/** The vendor matches these loosely: match exactly again. */
export type InstanceFilter = { readonly [K in keyof typeof FILTERS]?: string | undefined };

/** The instances of the account in all regions, each once. */
export async function describeInstances(
  client: CdsClient,
  filter: InstanceFilter = {},
): Promise<Instance[]> {
  return client.read("DescribeDBInstances", wireParameters(FILTERS, filter), instances);
}

/** What an order takes: our names with the vendor's. What the vendor tells back stands in `instance` above, too. */
export const ORDER_PARAMETERS = {
  required: {
    regionId: "RegionId",
    vdcId: "VdcId",
    basePipeId: "BasePipeId",
    instanceName: "InstanceName",
    password: "Password",
    paasGoodsId: "PaasGoodsId",
  },
  /** The vendor's default for ServicePort is 9736. */
  optional: { port: "ServicePort", testGroupId: "TestGroupId", subjectId: "SubjectId" },
} as const;

type Parameter = string | number;

export type CreateInstanceRequest = Readonly<
  Record<keyof typeof ORDER_PARAMETERS.required, Parameter> &
    Partial<Record<keyof typeof ORDER_PARAMETERS.optional, Parameter | undefined>>
>;

const created = wireObject({ ids: ["InstancesUuid", uniqueList(wireId, idKey)] })
  .nullish()
  .transform((answer) => answer?.ids ?? []);

/** Orders one instance. Gives its id, or none where the vendor's older answer has none. */
export async function createInstance(
  client: CdsClient,
  request: CreateInstanceRequest,
  timeoutMs?: number,
): Promise<string[]> {
  const names = { ...ORDER_PARAMETERS.required, ...ORDER_PARAMETERS.optional };
  const body = { ...wireParameters<Parameter>(names, request), Amount: 1 };
  return client.write("CreateDBInstance", body, created, timeoutMs);
}

export async function deleteInstance(
  client: CdsClient,
  instanceId: string,
  timeoutMs?: number,
): Promise<void> {
  await client.write("DeleteDBInstance", { InstanceUuid: instanceId }, z.unknown(), timeoutMs);
}
