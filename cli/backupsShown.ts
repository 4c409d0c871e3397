import type { RdbFacts } from "../provider/download/rdb";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes for people. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}

/** What a checked file tells of itself. */
export function factsText(facts: RdbFacts): string {
  const { sizeBytes, trailingBytes, redisVersion, checksum } = facts;
  return [
    sizeText(sizeBytes),
    ...(redisVersion === undefined ? [] : [`Redis ${redisVersion}`]),
    ...(trailingBytes === 0 ? [] : [`${trailingBytes} B behind the end of the data`]),
    checksum === "verified" ? "checksum verified" : "checksum not checked: the file has none",
  ].join(", ");
}
