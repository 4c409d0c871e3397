import { sameVersion } from "../../sdk/names";
import { findOffer, SPECIFICATION, type Offer, type Wanted } from "../../sdk/offers";
import type { Account } from "../core/account";
import { equal, equalWhereKnown, type Values } from "../core/arguments";
import { isUnknown, UNKNOWN } from "../core/engineValues";
import { CdsApiError, CdsConfigError } from "../vendor/errors";

/** The compiler knows the catalogue of the day it was read. */
const WITHDRAWN =
  "Where a TypeScript program compiles all the same, its catalogue is older: `npx cds-redis catalog` reads it anew.";

const UNKNOWN_SPEC: Values = Object.fromEntries(SPECIFICATION.map((name) => [name, UNKNOWN]));

type SpecInputs = Wanted & { readonly regionId?: string | undefined };

function specOf(inputs: SpecInputs): Partial<Offer> {
  const given = SPECIFICATION.filter((name) => inputs[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, inputs[name]]));
}

/**
 * Completes what the user wrote from the live catalogue. What was ordered before and is asked for
 * unchanged stays as it is, so that an instance outlives the sale of its size. Throws a
 * {@link CdsConfigError} that lists what is for sale.
 */
export async function resolveSpec(
  account: () => Account,
  olds: SpecInputs,
  news: SpecInputs,
): Promise<Partial<Offer>> {
  const spec = specOf(news);
  // The catalogue completes it at `up`; an update plan refuses arguments that a preview leaves out.
  if ([news.regionId, ...Object.values(spec)].some(isUnknown)) return { ...UNKNOWN_SPEC, ...spec };
  requireSpec(news);
  // The goods id of what was imported is not known.
  const isKnown = olds.paasGoodsId !== undefined || olds.version !== undefined;
  const isUnchanged =
    isKnown &&
    olds.regionId === news.regionId &&
    SPECIFICATION.every((name) => news[name] === undefined || olds[name] === news[name]);
  if (isUnchanged) return specOf(olds);
  return orderable(account(), news, news.regionId ?? "");
}

function requireSpec(news: SpecInputs): void {
  if (news.paasGoodsId !== undefined) return;
  const missing = (["version", "architecture", "ramGb"] as const).filter(
    (name) => news[name] === undefined,
  );
  if (missing.length > 0)
    throw new CdsConfigError(
      `${missing.join(", ")} missing: say what to order by version, architecture and ramGb together, or by paasGoodsId.`,
    );
}

async function orderable(account: Account, wanted: SpecInputs, regionId: string): Promise<Offer> {
  const offers = await account.offers(regionId).catch((error: unknown): Offer[] => {
    // How the vendor answers for a region that it does not have is not documented.
    if (error instanceof CdsApiError && !error.transient && !error.isUnauthorized) return [];
    throw error;
  });
  if (offers.length === 0) throw await regionRefusal(account, regionId);
  const found = findOffer(offers, wanted, regionId);
  if ("reason" in found) throw new CdsConfigError(`${found.reason}. ${WITHDRAWN}`);
  return { ...found };
}

async function regionRefusal(account: Account, regionId: string): Promise<CdsConfigError> {
  const regions = (await account.regions()).filter((region) => region.regionId !== "");
  const forSale = regions.filter((region) => region.forSale).map((region) => region.regionId);
  const isKnown = regions.some((region) => region.regionId === regionId);
  const fact = isKnown ? "sells no Redis at present" : "is not a region of the vendor";
  const choices = [...new Set(forSale)].sort().join(", ");
  return new CdsConfigError(`regionId ${regionId} ${fact}; for sale: ${choices}.`);
}

type Spelt = "architecture" | "computeRole" | "ramGb";

/** Whether old and new inputs ask for the same architecture, compute role or size. */
export function isSameSpec(name: Spelt): (olds: Values, news: Values) => boolean {
  return (olds, news) =>
    isUnknown(news[name]) ? false : isSettled(olds, news) || equalWhereKnown(name)(olds, news);
}

/** The same for the version: `5.0` and `5.0.3` are one. */
export function isSameVersion(olds: Values, news: Values): boolean {
  const [before, after] = [olds["version"], news["version"]];
  if (isUnknown(after)) return false;
  if (isSettled(olds, news) || typeof before !== "string" || typeof after !== "string") return true;
  return sameVersion(before, after);
}

/** The same for the goods id, where nothing else of the specification tells them apart. */
export function isSameGoods(olds: Values, news: Values): boolean {
  if (isUnknown(news["paasGoodsId"])) return false;
  if (olds["paasGoodsId"] === undefined || equal("paasGoodsId")(olds, news)) return true;
  const spelt = (["architecture", "computeRole", "ramGb"] as const).map(isSameSpec);
  return !(isSameVersion(olds, news) && spelt.every((isSame) => isSame(olds, news)));
}

/** The goods id says it all; an unknown argument decides by itself. */
function isSettled(olds: Values, news: Values): boolean {
  return (
    SPECIFICATION.some((name) => isUnknown(news[name])) ||
    (olds["paasGoodsId"] !== undefined && olds["paasGoodsId"] === news["paasGoodsId"])
  );
}
