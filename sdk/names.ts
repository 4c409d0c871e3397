/** English words for the vendor's Chinese names. A name that is not listed here is used as the vendor writes it. */

export const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ["主从", "master-replica"],
  ["集群", "cluster"],
  ["经济型主从", "economy-master-replica"],
  ["读写分离", "read-write-splitting"],
]);

/** By `ArchitectureType`, which only newer answers have. */
const ARCHITECTURE_TYPES: Readonly<Record<number, string>> = {
  1: "master-replica",
  2: "cluster",
  3: "economy-master-replica",
};

export const COMPUTE_ROLES: ReadonlyMap<string, string> = new Map([
  ["通用型", "general"],
  ["高性能型", "high-performance"],
  ["高I/O型", "high-io"],
]);

/**
 * The word for an architecture (架构), from its `ArchitectureName` (集群) or from the
 * `SubProductName` of an instance (Redis 集群版). The type decides only when the name is unknown.
 */
export function architectureWord(vendorName: string, type?: number): string {
  const bare = vendorName.replace(/^Redis\s*/i, "").replace(/版$/, "");
  return ARCHITECTURES.get(bare) ?? ARCHITECTURE_TYPES[type ?? 0] ?? bare;
}

/** The word for a compute role (计算类型), from its `ComputeName`. */
export function computeRoleWord(vendorName: string): string {
  return COMPUTE_ROLES.get(vendorName) ?? vendorName;
}

/** Whether two versions are equal up to a patch: `2.8` in the catalogue is `2.8.19` of an instance. */
export function sameVersion(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}
