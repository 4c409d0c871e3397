import { combinations, paasGoodsIds, type CatalogShape } from "./catalogShape";
import { compareText } from "./offers";

const START = /^export const catalog =\s*(?=\{)/m;
const END = /^\s*as\s+const\s+satisfies\s+CatalogShape\b/;
const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>[\p{ID_Continue}$.+-]+)|(?<mark>[{}[\]:,])/uy;

/**
 * The catalogue in the text of a generated module, even after a formatter changed the text. Undefined
 * for any other text. The text is only read, never run.
 */
export function readCatalog(text: string): CatalogShape | undefined {
  const start = START.exec(text);
  if (start === null) return undefined;
  const tokens = literalTokens(text, start.index + start[0].length);
  if (tokens === undefined) return undefined;
  try {
    const data: unknown = JSON.parse(jsonOf(tokens));
    return isCatalog(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** The tokens of the object literal at `from`, without comments and with strings as JSON writes them. */
function literalTokens(text: string, from: number): string[] | undefined {
  const tokens: string[] = [];
  let depth = 0;
  TOKEN.lastIndex = from;
  do {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return undefined;
    const { text: quoted, word, mark } = groups;
    if (mark === "{") depth++;
    else if (mark === "}") depth--;
    const token = quoted === undefined ? (word ?? mark) : inDoubleQuotes(quoted);
    if (token !== undefined) tokens.push(token);
  } while (depth > 0);
  return END.test(text.slice(TOKEN.lastIndex)) ? tokens : undefined;
}

function inDoubleQuotes(quoted: string): string {
  const inside = quoted
    .slice(1, -1)
    .replace(/\\.|"/gsu, (part) => (part === '"' ? '\\"' : part === "\\'" ? "'" : part));
  return `"${inside}"`;
}

/** The tokens as JSON, which has no bare keys, computed keys or trailing commas. */
function jsonOf(tokens: readonly string[]): string {
  return tokens
    .filter((token, index) => {
      const next = tokens[index + 1] ?? "";
      if (token === ",") return next !== "}" && next !== "]";
      if (token === "[") return tokens[index + 3] !== ":";
      return token !== "]" || next !== ":";
    })
    .map((token, index, rest) => {
      if (rest[index + 1] !== ":" || token.startsWith('"')) return token;
      return JSON.stringify(/^[\d.]/.test(token) ? String(Number(token)) : token);
    })
    .join("");
}

// Checked by hand, since a schema library drops the key `__proto__`.
function isCatalog(value: unknown): value is CatalogShape {
  if (!isRecord(value) || !isRecord(value["regions"])) return false;
  return (
    Object.values(value["regions"]).every((name) => typeof name === "string") &&
    isBranch(value["offers"], ["region", "version", "architecture", "computeRole"])
  );
}

function isBranch(value: unknown, [level, ...below]: readonly string[]): boolean {
  if (!isRecord(value)) return false;
  if (level !== undefined) return Object.values(value).every((branch) => isBranch(branch, below));
  return Object.entries(value).every(([size, goods]) => Number(size) > 0 && isGoods(goods));
}

function isGoods(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === "number";
  return value.length > 1 && value.every((id) => typeof id === "number");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What changed between two catalogues, a sentence each. Empty when they sell the same. */
export function catalogChanges(before: CatalogShape, after: CatalogShape): string[] {
  return [
    ...regionChanges(before, after),
    ...sizeChanges("new", after, before),
    ...sizeChanges("withdrawn", before, after),
    ...goodsChanges(before, after),
  ];
}

function regionChanges(before: CatalogShape, after: CatalogShape): string[] {
  const ids = [before.regions, before.offers, after.regions, after.offers].flatMap(Object.keys);
  return [...new Set(ids)].sort(compareText).flatMap((id) => {
    const [wasKnown, isKnown] = [isRegionOf(before, id), isRegionOf(after, id)];
    const [wasRecorded, isRecorded] = [isRecordedIn(before, id), isRecordedIn(after, id)];
    if (!wasKnown) return [`new region: ${id}${isRecorded ? `, ${sizesIn(after, id)}` : ""}`];
    if (!isKnown)
      return [`withdrawn region: ${id}${wasRecorded ? `, ${sizesIn(before, id)}` : ""}`];
    if (isRecorded && !wasRecorded) return [`newly recorded region: ${id}, ${sizesIn(after, id)}`];
    if (wasRecorded && !isRecorded)
      return [
        `no longer recorded region: ${id}, ${sizesIn(before, id)} before; it sells nothing, or was not asked`,
      ];
    return [];
  });
}

function isRegionOf(catalog: CatalogShape, id: string): boolean {
  return Object.hasOwn(catalog.regions, id) || isRecordedIn(catalog, id);
}

function isRecordedIn(catalog: CatalogShape, id: string): boolean {
  return Object.hasOwn(catalog.offers, id);
}

function sizesIn(catalog: CatalogShape, id: string): string {
  const count = combinations(catalog).filter(({ regionId }) => regionId === id).length;
  return `${count} ${count === 1 ? "size" : "sizes"}`;
}

/** The sizes that one catalogue has and the other lacks, in regions of both: a sentence per compute role. */
function sizeChanges(what: string, having: CatalogShape, lacking: CatalogShape): string[] {
  const groups = new Map<string, number[]>();
  for (const combination of combinations(having)) {
    const { regionId, version, architecture, computeRole, ramGb } = combination;
    if (!isRecordedIn(lacking, regionId) || paasGoodsIds(lacking, combination).length > 0) continue;
    const group = `in ${regionId}: ${version} ${architecture} ${computeRole}`;
    groups.set(group, [...(groups.get(group) ?? []), ramGb]);
  }
  return [...groups]
    .sort(([one], [other]) => compareText(one, other))
    .map(([group, sizes]) => {
      const inOrder = sizes.sort((one, other) => one - other).join(", ");
      return `${what} ${sizes.length > 1 ? "sizes" : "size"} ${group} ${inOrder} GB`;
    });
}

function goodsChanges(before: CatalogShape, after: CatalogShape): string[] {
  return combinations(before).flatMap((combination) => {
    const [old, now] = [paasGoodsIds(before, combination), paasGoodsIds(after, combination)];
    if (now.length === 0 || old.join() === now.join()) return [];
    const { regionId, version, architecture, computeRole, ramGb } = combination;
    return [
      `other goods in ${regionId}: ${version} ${architecture} ${computeRole} ${ramGb} GB was ${old.join(", ")}, is ${now.join(", ")}`,
    ];
  });
}
