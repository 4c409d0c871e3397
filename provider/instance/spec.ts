import type { dynamic } from "@pulumi/pulumi";

import { findOffer, type Offer, type Wanted } from "../../sdk/offers";
import { sameVersion } from "../../sdk/names";
import { CdsApiError } from "../vendor/errors";
import type { Account } from "../core/account";
import { isUnknown } from "../core/arguments";

/** The arguments that say what to order; any of them may be left out. */
export const SPEC_ARGUMENTS = [
  "paasGoodsId",
  "version",
  "architecture",
  "computeRole",
  "ramGb",
] as const;

/** The compiler knows the catalogue of the day it was read. */
const WITHDRAWN =
  "If the program compiled, that was withdrawn since: `npx cds-redis catalog` reads the catalogue anew.";

export type Spec = Partial<Offer>;

interface SpecInputs extends Wanted {
  readonly regionId?: string | undefined;
}

export type ResolvedSpec = { readonly spec: Spec } | { readonly failure: dynamic.CheckFailure };

function given(inputs: SpecInputs): (typeof SPEC_ARGUMENTS)[number][] {
  return SPEC_ARGUMENTS.filter((name) => inputs[name] !== undefined);
}

function specOf(inputs: SpecInputs): Spec {
  return Object.fromEntries(given(inputs).map((name) => [name, inputs[name]]));
}

/**
 * Completes what the user wrote from the live catalogue. What was ordered before and is asked for
 * unchanged stays as it is, so that an instance outlives the sale of its size.
 */
export async function resolveSpec(
  account: () => Account,
  olds: SpecInputs,
  news: SpecInputs,
): Promise<ResolvedSpec> {
  const names = given(news);
  if (isUnknown(news.regionId) || names.some((name) => isUnknown(news[name])))
    return { spec: specOf(news) };
  const missing = missingArguments(news);
  if (missing !== undefined) return { failure: missing };
  if (
    olds.paasGoodsId !== undefined &&
    olds.regionId === news.regionId &&
    names.every((name) => olds[name] === news[name])
  )
    return { spec: specOf(olds) };
  return orderable(account(), news, news.regionId ?? "");
}

function missingArguments(news: SpecInputs): dynamic.CheckFailure | undefined {
  if (news.paasGoodsId !== undefined) return undefined;
  const missing = (["version", "architecture", "ramGb"] as const).filter(
    (name) => news[name] === undefined,
  );
  const [property] = missing;
  if (property === undefined) return undefined;
  return {
    property,
    reason: `${missing.join(", ")} missing: say what to order by version, architecture and ramGb together, or by paasGoodsId.`,
  };
}

async function orderable(
  account: Account,
  wanted: SpecInputs,
  regionId: string,
): Promise<ResolvedSpec> {
  let offers: readonly Offer[];
  try {
    offers = await account.offers(regionId);
  } catch (error) {
    // How the vendor answers for a region that it doesn't have is not documented.
    const unknownRegion = error instanceof CdsApiError && !error.transient && !error.isUnauthorized;
    if (!unknownRegion) throw error;
    offers = [];
  }
  if (offers.length === 0) return { failure: await regionFailure(account, regionId) };
  const found = findOffer(offers, wanted, regionId);
  return "reason" in found
    ? { failure: { property: found.argument, reason: `${found.reason}. ${WITHDRAWN}` } }
    : { spec: { ...found } };
}

async function regionFailure(account: Account, regionId: string): Promise<dynamic.CheckFailure> {
  const regions = (await account.regions()).filter((region) => region.regionId !== "");
  const forSale = regions.filter((region) => region.forSale).map((region) => region.regionId);
  const known = regions.some((region) => region.regionId === regionId);
  const fact = known ? "sells no Redis at present" : "is not a region of the vendor";
  const choices = [...new Set(forSale)].sort().join(", ");
  return { property: "regionId", reason: `regionId ${regionId} ${fact}; for sale: ${choices}.` };
}

/** The arguments by which the instance in state is not the one asked for. */
export function changedSpec(olds: SpecInputs, news: SpecInputs): string[] {
  const unknown = given(news).filter((name) => isUnknown(news[name]));
  if (unknown.length > 0) return unknown;
  if (olds.paasGoodsId !== undefined && olds.paasGoodsId === news.paasGoodsId) return [];
  const differs = (name: "architecture" | "computeRole" | "ramGb"): boolean =>
    olds[name] !== undefined && news[name] !== undefined && olds[name] !== news[name];
  const changed: string[] = (["architecture", "computeRole", "ramGb"] as const).filter(differs);
  if (
    olds.version !== undefined &&
    news.version !== undefined &&
    !sameVersion(olds.version, news.version)
  )
    changed.unshift("version");
  if (changed.length > 0) return changed;
  return olds.paasGoodsId === undefined ? [] : ["paasGoodsId"];
}
