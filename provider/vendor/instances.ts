import { z } from "zod";

import type { CdsClient } from "./client";
import { wireList, wireNothing, wireNumber, wireText, wireTime } from "./wire";

/** A Redis instance as the vendor lists it. */
export interface Instance {
  /** InstanceUuid. */
  readonly instanceId: string;
  readonly instanceName: string;
  /** `RUNNING` when it can be used; other values are not documented. */
  readonly status: string;
  /** The vendor's Chinese text for the status, such as 运行中. */
  readonly statusText: string;
  readonly ip: string;
  readonly port: number;
  /** In GB; the vendor counts in MB. */
  readonly ramGb: number;
  readonly version: string;
  /** Such as `Redis 集群版`. */
  readonly subProductName: string;
  readonly regionId: string;
  readonly vdcId: string;
  readonly vdcName: string;
  /** ISO 8601 in Beijing time. */
  readonly createdTime: string;
  /** The vendor's billing id. */
  readonly resourceId: string;
  /** Names of its tags; none in the vendor's older answers. */
  readonly tagNames: readonly string[];
}

const instance = z
  .looseObject({
    InstanceUuid: z.string().min(1),
    InstanceName: wireText,
    Status: wireText,
    StatusStr: wireText,
    IP: wireText,
    Port: wireNumber.nullish(),
    // One odd entry must not hide the others.
    Ram: wireNumber.nullish().catch(0),
    Version: wireText,
    SubProductName: wireText,
    RegionId: wireText,
    VdcId: wireText,
    VdcName: wireText,
    CreatedTime: wireTime,
    ResourceId: wireText,
    Tags: wireList(z.looseObject({ TagName: wireText })),
  })
  .transform((wire): Instance => ({
    instanceId: wire.InstanceUuid,
    instanceName: wire.InstanceName,
    status: wire.Status,
    statusText: wire.StatusStr,
    ip: wire.IP,
    port: wire.Port ?? 0,
    ramGb: (wire.Ram ?? 0) / 1024,
    version: wire.Version,
    subProductName: wire.SubProductName,
    regionId: wire.RegionId,
    vdcId: wire.VdcId,
    vdcName: wire.VdcName,
    createdTime: wire.CreatedTime,
    resourceId: wire.ResourceId,
    tagNames: wire.Tags.map((tag) => tag.TagName),
  }));

/** The vendor matches these loosely: match exactly again. */
export interface InstanceFilter {
  readonly instanceId?: string | undefined;
  readonly instanceName?: string | undefined;
  readonly ip?: string | undefined;
  readonly tagName?: string | undefined;
}

export async function describeInstances(
  client: CdsClient,
  filter: InstanceFilter = {},
  onSent?: () => void,
): Promise<Instance[]> {
  const params = Object.entries({
    InstanceUuid: filter.instanceId,
    InstanceName: filter.instanceName,
    IP: filter.ip,
    TagName: filter.tagName,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const wanted = Object.fromEntries(params);
  return client.read("DescribeDBInstances", wanted, z.array(instance), onSent);
}

export interface CreateInstanceRequest {
  readonly regionId: string;
  readonly vdcId: string;
  readonly basePipeId: string;
  readonly instanceName: string;
  readonly paasGoodsId: number;
  readonly password: string;
  /** ServicePort; the vendor's default is 9736. */
  readonly port?: number | undefined;
  readonly testGroupId?: number | undefined;
  readonly subjectId?: number | undefined;
}

const created = z
  .looseObject({ InstancesUuid: wireList(z.string()) })
  .nullish()
  .transform((wire) => (wire?.InstancesUuid ?? []).filter((id) => id !== ""));

/** Orders one instance. Gives its id, or none where the vendor's older answer has none. */
export async function createInstance(
  client: CdsClient,
  request: CreateInstanceRequest,
  timeoutMs?: number,
): Promise<string[]> {
  return client.write(
    "CreateDBInstance",
    {
      RegionId: request.regionId,
      VdcId: request.vdcId,
      BasePipeId: request.basePipeId,
      InstanceName: request.instanceName,
      PaasGoodsId: request.paasGoodsId,
      Password: request.password,
      Amount: 1,
      ...(request.port === undefined ? {} : { ServicePort: request.port }),
      ...(request.testGroupId === undefined ? {} : { TestGroupId: request.testGroupId }),
      ...(request.subjectId === undefined ? {} : { SubjectId: request.subjectId }),
    },
    created,
    timeoutMs,
  );
}

export async function deleteInstance(
  client: CdsClient,
  instanceId: string,
  timeoutMs?: number,
): Promise<void> {
  await client.write("DeleteDBInstance", { InstanceUuid: instanceId }, wireNothing, timeoutMs);
}
