import { invalidParameter } from "../apiError";
import { configurationOf } from "../catalog";
import type { Action } from "./action";
import { shown } from "../shown";

/** 获取某个站点可购买的Redis产品类型以及规格. */
export const describeAvailableDbConfig: Action = {
  name: "DescribeAvailableDBConfig",
  method: "GET",
  required: ["RegionId"],
  run: (parameters, { catalog }) => {
    const regionId = parameters.text("RegionId");
    const configuration = configurationOf(catalog, regionId);
    if (configuration === undefined) {
      throw invalidParameter(`Redis is not for sale in the region ${shown(regionId)}.`);
    }
    return { data: configuration, message: "success", taskId: "" };
  },
};
