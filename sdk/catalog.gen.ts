// Generated from sdk/catalog.json by scripts/catalog.mts. Do not edit: run it again.
import type { CatalogShape } from "./catalogShape";

/** What the vendor sells: PaasGoodsId by region, version, architecture, compute role and memory in GB. */
export const catalog = {
  /** Every region for sale (RegionId) with the vendor's name of it. */
  regions: {
    APAC_Seoul_A: "首尔1, 亚太地区",
    APAC_Singapore_A: "新加坡1, 亚太地区",
    APAC_Tokyo_A: "东京1, 亚太地区",
    CN_Beijing_A: "北京1, 中国大陆",
    CN_Beijing_B: "北京2, 中国大陆",
    CN_Beijing_C: "北京3, 中国大陆",
    CN_Beijing_E: "北京5, 中国大陆",
    CN_Guangzhou_A: "广州1, 中国大陆",
    CN_Hongkong_A: "香港1, 亚太地区",
    CN_Shanghai_A: "上海1, 中国大陆",
    CN_Taipei_A: "台北1, 亚太地区",
    CN_Wuxi_A: "无锡1, 中国大陆",
    EUR_Germany_A: "德国1, 欧洲地区",
    EUR_Netherlands_A: "荷兰1, 欧洲地区",
    US_Dallas_A: "达拉斯1, 北美地区",
    US_LosAngeles_A: "洛杉矶1, 北美地区",
    US_NewYork_A: "纽约1, 北美地区",
  },
  /** The regions whose catalogue was read; what is ordered in the others is checked at preview. */
  offers: {
    CN_Hongkong_A: {
      "2.8": {
        /** 经济型主从, Redis 经济型主从 */
        "economy-master-replica": {
          /** 通用型 */
          general: {
            1: 12188,
          },
        },
      },
      "2.8.19": {
        /** 读写分离, Redis 读写分离版 */
        "read-write-splitting": {
          /** 高性能型 */
          "high-performance": {
            1: 5765,
            2: 5768,
            4: 5771,
            8: 5774,
            16: 5777,
            32: 8012,
            64: 8021,
          },
        },
      },
      "5.0": {
        /** 集群, Redis 集群版 */
        cluster: {
          /** 高I/O型 */
          "high-io": {
            8: 8063,
            12: 8069,
            20: 8075,
            32: 8081,
            64: 8087,
            128: 8093,
          },
        },
      },
    },
  },
} as const satisfies CatalogShape;
