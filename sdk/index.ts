export type { RedisBackupArgs } from "../provider/redisBackup";
export type { RedisInstanceArgs } from "../provider/redisInstance";
export { catalog as recordedCatalog } from "./catalog.gen";
export {
  combinations,
  paasGoodsIds,
  type CatalogShape,
  type Combination,
  type Goods,
} from "./catalogShape";
export type {
  ArchitectureIn,
  Catalog,
  ComputeRoleIn,
  RamGbIn,
  RegionId,
  VersionIn,
} from "./catalogTypes";

/**
 * Holds a program's own catalogue: the module that `npx cds-redis catalog` writes adds the property
 * `catalog` here, and the arguments of the resources take their types from that property.
 */
export interface Register {}
