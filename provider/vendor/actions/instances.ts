import { z } from "zod";

import { architectureWord } from "../../../sdk/names";
import type { CdsClient } from "../client";
import { idKey } from "../ids";
import type { Instance } from "../types";
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
  timeoutMs: number,
): Promise<string[]> {
  const names = { ...ORDER_PARAMETERS.required, ...ORDER_PARAMETERS.optional };
  const body = { ...wireParameters<Parameter>(names, request), Amount: 1 };
  return client.write("CreateDBInstance", body, created, timeoutMs);
}

export async function deleteInstance(
  client: CdsClient,
  instanceId: string,
  timeoutMs: number,
): Promise<void> {
  await client.write("DeleteDBInstance", { InstanceUuid: instanceId }, z.unknown(), timeoutMs);
}
