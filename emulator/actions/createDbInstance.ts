import { invalidParameter } from "../apiError";
import { findGoods, findRegionForSale, type CatalogRegion } from "../catalog";
import { placeOf } from "../networks";
import type { Parameters } from "../parameters";
import type { Action } from "./action";
import { shown } from "../shown";

const DEFAULT_PORT = 9736;
const RESERVED_PORTS = [9100, 9121, 9122, 16379];
const MOST_AT_ONCE = 3;

/** 创建Redis云数据库实例. */
export const createDbInstance: Action = {
  name: "CreateDBInstance",
  method: "POST",
  required: ["RegionId", "VdcId", "BasePipeId", "InstanceName", "PaasGoodsId", "Password"],
  run: (parameters, { store, catalog, vdcs, edition, newTaskId }) => {
    const regionId = parameters.text("RegionId");
    const region = findRegionForSale(catalog, regionId);
    if (region === undefined) {
      throw invalidParameter(`Redis is not for sale in the region ${shown(regionId)}.`);
    }
    const paasGoodsId = parameters.integer("PaasGoodsId");
    const goods = findGoods(catalog, regionId, paasGoodsId);
    if (goods === undefined) {
      throw invalidParameter(`PaasGoodsId ${paasGoodsId} is not for sale in ${shown(regionId)}.`);
    }
    const password = parameters.text("Password");
    parameters.optionalInteger("TestGroupId");
    parameters.optionalInteger("SubjectId");
    const order = {
      regionId,
      vdcId: parameters.text("VdcId"),
      basePipeId: parameters.text("BasePipeId"),
      amount: amount(parameters),
    };
    const place = placeOf(order, vdcs, store.instances());
    const made = store.createInstances(
      {
        ...goods,
        instanceName: parameters.text("InstanceName"),
        regionId,
        displayName: displayName(region),
        vdcId: order.vdcId,
        vdcName: place?.vdcName ?? region.SiteName,
        basePipeId: order.basePipeId,
        segment: place?.segment,
        port: port(parameters),
      },
      order.amount,
      password,
    );
    const data = edition === "first" ? {} : { InstancesUuid: made };
    return { data, message: "Success.", taskId: newTaskId(), made };
  },
};

function port(parameters: Parameters): number {
  const given = parameters.optionalInteger("ServicePort") ?? DEFAULT_PORT;
  if (given < 1024 || given > 65535 || RESERVED_PORTS.includes(given)) {
    throw invalidParameter(
      `ServicePort must be 1024 to 65535 and none of ${RESERVED_PORTS.join(", ")}.`,
    );
  }
  return given;
}

function amount(parameters: Parameters): number {
  const given = parameters.optionalInteger("Amount") ?? 1;
  if (given < 1 || given > MOST_AT_ONCE) {
    throw invalidParameter(`Amount must be 1 to ${MOST_AT_ONCE}.`);
  }
  return given;
}

/** As the vendor writes it: 中国大陆-无锡-可用区A. */
function displayName({ RegionName, CityName, RegionId }: CatalogRegion): string {
  return `${RegionName}-${CityName}-可用区${RegionId.slice(RegionId.lastIndexOf("_") + 1)}`;
}
