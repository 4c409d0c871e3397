import type { AvailableDbConfig } from "../provider/vendor/catalog";
import { architectureWord, computeRoleWord, sameVersion } from "./names";

/** One thing for sale in a region: a combination and the goods id that orders it. */
export interface Offer {
  readonly paasGoodsId: number;
  /** Redis version, such as `5.0`. */
  readonly version: string;
  /** `master-replica`, `cluster`, `economy-master-replica`, `read-write-splitting`, or the vendor's own name. */
  readonly architecture: string;
  /** `general`, `high-performance`, `high-io`, or the vendor's own name. */
  readonly computeRole: string;
  /** In GB. */
  readonly ramGb: number;
}

/** What a user asks for: a goods id, or a combination. */
export interface Wanted {
  readonly paasGoodsId?: number | undefined;
  readonly version?: string | undefined;
  readonly architecture?: string | undefined;
  readonly computeRole?: string | undefined;
  readonly ramGb?: number | undefined;
}

/** The catalogue of one region as a flat list, sorted so that the order of the answer doesn't matter. */
export function offersOf(config: AvailableDbConfig): Offer[] {
  const offers = config.versions.flatMap(({ version, architectures }) =>
    architectures.flatMap((architecture) =>
      architecture.computeRoles.flatMap((role) =>
        role.sizes.map(({ paasGoodsId, ramGb }) => ({
          paasGoodsId,
          version,
          architecture: architectureWord(
            architecture.architectureName || architecture.subProductName,
            architecture.architectureType,
          ),
          computeRole: computeRoleWord(role.computeName),
          ramGb,
        })),
      ),
    ),
  );
  return offers.sort(
    (one, other) =>
      compareText(one.version, other.version) ||
      compareText(one.architecture, other.architecture) ||
      compareText(one.computeRole, other.computeRole) ||
      one.ramGb - other.ramGb ||
      one.paasGoodsId - other.paasGoodsId,
  );
}

/** In code unit order, the same on every machine. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function matches(offer: Offer, wanted: Wanted): boolean {
  return (
    (wanted.paasGoodsId === undefined || offer.paasGoodsId === wanted.paasGoodsId) &&
    (wanted.version === undefined || sameVersion(offer.version, wanted.version)) &&
    (wanted.architecture === undefined || offer.architecture === wanted.architecture) &&
    (wanted.computeRole === undefined || offer.computeRole === wanted.computeRole) &&
    (wanted.ramGb === undefined || offer.ramGb === wanted.ramGb)
  );
}

/** The argument that can't be had, and why, with the nearest choices that can. */
export interface NotForSale {
  readonly argument: "paasGoodsId" | "version" | "architecture" | "computeRole" | "ramGb";
  readonly reason: string;
}

/**
 * Finds what to order. Of several goods for one combination the lowest goods id is taken, since
 * nothing in the vendor's answer prefers one.
 */
export function findOffer(
  offers: readonly Offer[],
  wanted: Wanted,
  regionId: string,
): Offer | NotForSale {
  const exact = offers.filter(
    (offer) => wanted.version === undefined || offer.version === wanted.version,
  );
  const found = lowest(exact.filter((offer) => matches(offer, wanted)));
  return (
    found ??
    lowest(offers.filter((offer) => matches(offer, wanted))) ??
    why(offers, wanted, regionId)
  );
}

function lowest(offers: readonly Offer[]): Offer | undefined {
  return offers.reduce<Offer | undefined>(
    (best, offer) => (best === undefined || offer.paasGoodsId < best.paasGoodsId ? offer : best),
    undefined,
  );
}

/** Narrows argument by argument; the first that leaves nothing is the one to name. */
function why(offers: readonly Offer[], wanted: Wanted, regionId: string): NotForSale {
  let rest = offers;
  let soFar: Wanted = {};
  for (const argument of [
    "paasGoodsId",
    "version",
    "architecture",
    "computeRole",
    "ramGb",
  ] as const) {
    if (wanted[argument] === undefined) continue;
    const narrowed: Wanted = { ...soFar, [argument]: wanted[argument] };
    const left = offers.filter((offer) => matches(offer, narrowed));
    if (left.length === 0) {
      const given = `${argument} ${wanted[argument]}`;
      const context = describeWanted(soFar);
      return {
        argument,
        reason: `${given} is not for sale in ${regionId}${context}; ${choices(rest, argument, wanted)}`,
      };
    }
    rest = left;
    soFar = narrowed;
  }
  return { argument: "version", reason: `nothing is for sale in ${regionId}` };
}

function describeWanted(wanted: Wanted): string {
  const words = [
    wanted.paasGoodsId && `paasGoodsId ${wanted.paasGoodsId}`,
    wanted.version && `version ${wanted.version}`,
    wanted.architecture,
    wanted.computeRole,
  ].filter((word) => word !== undefined && word !== "");
  return words.length === 0 ? "" : ` with ${words.join(", ")}`;
}

/** How many choices a message names. */
const NAMED_CHOICES = 6;

function choices(rest: readonly Offer[], argument: NotForSale["argument"], wanted: Wanted): string {
  if (argument === "ramGb" && wanted.ramGb !== undefined) {
    const target = wanted.ramGb;
    const sizes = [...new Set(rest.map((offer) => offer.ramGb))];
    const nearest = sizes
      .sort((one, other) => Math.abs(one - target) - Math.abs(other - target) || one - other)
      .slice(0, NAMED_CHOICES);
    return `nearest ramGb: ${list(nearest)}`;
  }
  if (argument === "paasGoodsId") {
    const target = wanted.paasGoodsId ?? 0;
    const nearest = [...rest]
      .sort(
        (one, other) =>
          Math.abs(one.paasGoodsId - target) - Math.abs(other.paasGoodsId - target) ||
          one.paasGoodsId - other.paasGoodsId,
      )
      .slice(0, NAMED_CHOICES)
      .map(
        (offer) =>
          `${offer.paasGoodsId} (${offer.version} ${offer.architecture} ${offer.ramGb} GB)`,
      );
    return `nearest: ${list(nearest)}`;
  }
  const values = [...new Set(rest.map((offer) => offer[argument]))];
  return `for sale: ${list(values.map((value) => JSON.stringify(value)))}`;
}

function list(values: readonly (string | number)[]): string {
  return values.length === 0 ? "nothing" : values.join(", ");
}
