import type { RdbFacts } from "../provider/download/rdb/rdbCheck";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes for people. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}

/** What a proven file tells of itself. */
export function proofText(
  proven: Pick<RdbFacts, "sizeBytes" | "keys" | "redisVersion" | "checksum">,
): string {
  const { sizeBytes, keys, redisVersion, checksum } = proven;
  return [
    sizeText(sizeBytes),
    `${keys} ${keys === 1 ? "key" : "keys"}`,
    ...(redisVersion === undefined ? [] : [`Redis ${redisVersion}`]),
    checksum === "verified" ? "checksum verified" : "checksum not checked: the file has none",
  ].join(", ");
}
