import { beijingTime } from "../beijingTime";
import type { EmulatorInstance } from "../records";
import type { Action } from "./action";

/** 查看Redis实例列表. InstanceUuid must match exactly, other filters match a part, as in the vendor's `IP=66.66`. */
export const describeDbInstances: Action = {
  name: "DescribeDBInstances",
  method: "GET",
  required: [],
  run: (parameters, { store, view }) => {
    const uuid = parameters.optionalText("InstanceUuid");
    const name = parameters.optionalText("InstanceName") ?? "";
    const ip = parameters.optionalText("IP") ?? "";
    const tagName = parameters.optionalText("TagName");
    const found = store
      .listedInstances(view)
      .filter((instance) => uuid === undefined || instance.instanceUuid === uuid)
      .filter((instance) => instance.instanceName.includes(name))
      .filter((instance) => shownIp(instance).includes(ip))
      .filter(
        ({ tags }) => tagName === undefined || tags.some((tag) => tag.tagName.includes(tagName)),
      );
    return { data: found.map(toWire), message: "success" };
  },
};

/** Chinese names of statuses. The vendor documents only 运行中. */
const STATUS_NAMES: ReadonlyMap<string, string> = new Map([
  ["CREATING", "创建中"],
  ["RUNNING", "运行中"],
  ["DELETING", "删除中"],
  ["ERROR", "异常"],
]);

/** "" before the delivery: whether the vendor shows an address then is unknown, so assume the worst. */
function shownIp({ status, ip }: EmulatorInstance): string {
  return status === "CREATING" ? "" : ip;
}

function toWire(instance: EmulatorInstance): object {
  return {
    CloneServices: null,
    CreatedTime: beijingTime(instance.createdAt),
    DisplayName: instance.displayName,
    IP: shownIp(instance),
    InstanceName: instance.instanceName,
    InstanceUuid: instance.instanceUuid,
    LinkType: instance.linkType,
    LinkTypeStr: instance.linkName,
    MasterInfo: "",
    Port: instance.port,
    ProjectName: "默认项目组",
    Ram: instance.ramGb * 1024,
    RegionId: instance.regionId,
    RelationService: null,
    ResourceId: instance.resourceId,
    RoGroups: null,
    Status: instance.status,
    StatusStr: STATUS_NAMES.get(instance.status) ?? instance.status,
    ...subProductKey(instance),
    SubProductName: instance.subProductName,
    Tags: instance.tags.map(({ tagId, tagName }) => ({ TagID: tagId, TagName: tagName })),
    VdcId: instance.vdcId,
    VdcName: instance.vdcName,
    Version: instance.version,
  };
}

/** The only key that the vendor's documents show. The other architectures get no invented one. */
function subProductKey({ subProductName }: EmulatorInstance): { SubProductKey?: string } {
  return subProductName === "Redis 主从版" ? { SubProductKey: "redis-replication" } : {};
}
