import { architectureWord, computeRoleWord, sameVersion } from "./names";
import type { AvailableArchitecture, AvailableDbConfig } from "../provider/vendor/types";

/** One thing for sale in a region: a combination, and the goods id that orders it. */
export interface Offer {
  /** The vendor's number of the specification (PaasGoodsId). */
  readonly paasGoodsId: number;
  /** Version of Redis, such as `5.0`. */
  readonly version: string;
  /** Architecture (架构): `master-replica`, `cluster`, `economy-master-replica`, `read-write-splitting`, or the vendor's own name. */
  readonly architecture: string;
  /** Compute role (计算类型): `general`, `high-performance`, `high-io`, or the vendor's own name. */
  readonly computeRole: string;
  /** Memory in GB. */
  readonly ramGb: number;
}

/** The arguments of a specification, in the order in which they are checked against the offers. */
export const SPECIFICATION = [
  "paasGoodsId",
  "version",
  "architecture",
  "computeRole",
  "ramGb",
] as const satisfies readonly (keyof Offer)[];

/** What a user asks for: a goods id, or a combination. */
export type Wanted = {
  readonly [Name in (typeof SPECIFICATION)[number]]?: Offer[Name] | undefined;
};

/** The argument that nothing on sale fits, and the reason, which names the nearest offers. */
export interface NotForSale {
  readonly argument: (typeof SPECIFICATION)[number];
  readonly reason: string;
}

/** What one region sells as a flat list. It is sorted, so the order of the vendor's answer does not matter. */
export function offersOf(config: AvailableDbConfig): Offer[] {
  const offers = config.versions.flatMap(({ version, architectures }) =>
    architectures.flatMap((available) =>
      available.computeRoles.flatMap(({ computeName, sizes }) =>
        sizes.map(({ paasGoodsId, ramGb }) => ({
          paasGoodsId,
          version,
          architecture: architectureOf(available),
          computeRole: computeRoleWord(computeName),
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

/** Our word for an architecture of the vendor's catalogue. */
export function architectureOf(available: AvailableArchitecture): string {
  const { architectureName, subProductName, architectureType } = available;
  return architectureWord(architectureName || subProductName, architectureType);
}

/** Compares by code units, so that the order is the same on every machine. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * The offer to order. An equal version goes before a similar one. When several goods fit, the lowest
 * goods id is taken, since the vendor's answer prefers none.
 */
export function findOffer(
  offers: readonly Offer[],
  wanted: Wanted,
  regionId: string,
): Offer | NotForSale {
  const fitting = offers.filter((offer) => fits(offer, wanted));
  const equal = fitting.filter(({ version }) => version === wanted.version);
  const [first, ...others] = equal.length > 0 ? equal : fitting;
  if (first === undefined) return whyNot(offers, wanted, regionId);
  return others.reduce(
    (lowest, offer) => (offer.paasGoodsId < lowest.paasGoodsId ? offer : lowest),
    first,
  );
}

function fits(offer: Offer, wanted: Wanted): boolean {
  const { version, ...others } = wanted;
  return (
    (version === undefined || sameVersion(offer.version, version)) &&
    SPECIFICATION.every(
      (name) => name === "version" || others[name] === undefined || offer[name] === others[name],
    )
  );
}

/** Narrows the offers argument by argument, and names the first argument that leaves none. */
function whyNot(offers: readonly Offer[], wanted: Wanted, regionId: string): NotForSale {
  let left = offers;
  let soFar: Wanted = {};
  for (const argument of SPECIFICATION) {
    if (wanted[argument] === undefined) continue;
    const narrowed: Wanted = { ...soFar, [argument]: wanted[argument] };
    const fitting = left.filter((offer) => fits(offer, narrowed));
    if (fitting.length === 0) {
      const given = `${argument} ${wanted[argument]}`;
      const choices = describeChoices(left, argument, wanted);
      return {
        argument,
        reason: `${given} is not for sale in ${regionId}${describeWanted(soFar)}; ${choices}`,
      };
    }
    left = fitting;
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

/** How many of the nearest offers a message names. */
const MOST_NAMED = 6;

function describeChoices(
  offers: readonly Offer[],
  argument: NotForSale["argument"],
  wanted: Wanted,
): string {
  if (argument === "ramGb") {
    const nearest = nearestFirst(offers, argument, wanted).map(({ ramGb }) => `${ramGb}`);
    return `nearest ramGb: ${list(nearest, MOST_NAMED)}`;
  }
  if (argument === "paasGoodsId") {
    const nearest = nearestFirst(offers, argument, wanted).map(
      ({ paasGoodsId, version, architecture, ramGb }) =>
        `${paasGoodsId} (${version} ${architecture} ${ramGb} GB)`,
    );
    return `nearest: ${list(nearest, MOST_NAMED)}`;
  }
  return `for sale: ${list(offers.map((offer) => JSON.stringify(offer[argument])))}`;
}

function nearestFirst(
  offers: readonly Offer[],
  argument: "ramGb" | "paasGoodsId",
  wanted: Wanted,
): Offer[] {
  const target = wanted[argument] ?? 0;
  const distance = (offer: Offer): number => Math.abs(offer[argument] - target);
  return [...offers].sort(
    (one, other) => distance(one) - distance(other) || one[argument] - other[argument],
  );
}

/** The first `most` of the texts, each once. */
function list(texts: readonly string[], most = Infinity): string {
  return texts.length === 0 ? "nothing" : [...new Set(texts)].slice(0, most).join(", ");
}
