import type { Action } from "./action";

/** 获取云数据库Redis支持购买的站点区域. The vendor spells it so. */
export const describeRegins: Action = {
  name: "DescribeRegins",
  method: "GET",
  required: [],
  run: (_parameters, { catalog }) => ({ data: catalog.regions, message: "Success." }),
};
