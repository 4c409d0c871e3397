import { catalogModule, type VendorNames } from "./catalogModule";
import type { CatalogShape, Goods, RegionOffers } from "./catalogShape";
import { computeRoleWord } from "./names";
import { architectureOf, compareText, offersOf, type Offer } from "./offers";
import type { AvailableDbConfig, Region } from "../provider/vendor/types";

/** What the vendor answered: DescribeRegins, and DescribeAvailableDBConfig of some regions. */
export interface CatalogAnswers {
  readonly regions: readonly Region[];
  readonly configurations: Readonly<Record<string, AvailableDbConfig>>;
}

export interface GeneratedCatalog {
  readonly catalog: CatalogShape;
  /** The source of a TypeScript module that holds the catalogue. */
  readonly text: string;
  /** What a person should know about the answers, a sentence each. */
  readonly remarks: readonly string[];
}

/** No region that was read sells anything, so there is nothing to generate. */
export class EmptyCatalogError extends Error {
  constructor() {
    super("the catalogue is empty: nothing is for sale in any region that was asked");
    this.name = "EmptyCatalogError";
  }
}

/**
 * Generates a typed catalogue as a TypeScript module. The same answers give the same text, however
 * their lists are ordered.
 *
 * @param shapeFrom Where the module imports {@link CatalogShape} from: this package, or a file in it.
 * @throws EmptyCatalogError
 */
export function generateCatalog(
  answers: CatalogAnswers,
  shapeFrom?: "pulumi-cds-redis/sdk" | "./catalogShape",
): GeneratedCatalog {
  const remarks: string[] = [];
  const regions = record<string>();
  const offers = record<RegionOffers>();
  const sold: AvailableDbConfig[] = [];
  const read = Object.entries(answers.configurations);
  for (const [regionId, configuration] of read.sort(([one], [other]) => compareText(one, other))) {
    const remark = (text: string): unknown => remarks.push(`${regionId}${text}`);
    if (answers.regions.some((region) => region.regionId === regionId && !region.forSale)) {
      remark(" is not for sale at present: left out.");
      continue;
    }
    regions[regionId] = "";
    const all = offersOf(configuration);
    const usable = all.filter(isUsable);
    if (usable.length < all.length)
      remark(": sizes and goods ids that are not positive numbers are left out.");
    if (usable.length === 0) {
      remark(" sells nothing at present; orders there are checked at preview.");
      continue;
    }
    sold.push(configuration);
    offers[regionId] = offersTree(usable, (text) => remark(`: ${text}`));
  }
  if (sold.length === 0) throw new EmptyCatalogError();
  Object.assign(regions, regionNames(answers.regions));
  const catalog = { regions, offers };
  return { catalog, text: catalogModule(catalog, vendorNames(sold), shapeFrom), remarks };
}

/** Without a prototype, since the vendor's names are keys and may be any word, even `__proto__`. */
function record<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

function isUsable({ ramGb, paasGoodsId }: Offer): boolean {
  const limit = Number.MAX_SAFE_INTEGER;
  return ramGb > 0 && ramGb <= limit && paasGoodsId > 0 && Number.isSafeInteger(paasGoodsId);
}

/** The vendor's names of the regions that are for sale and have an id to order with. */
function regionNames(regions: readonly Region[]): Record<string, string> {
  const names = new NamesByWord();
  for (const { regionId, siteName, regionName, forSale } of regions)
    if (forSale && regionId !== "") names.add(regionId, siteName, regionName);
  return Object.assign(record<string>(), Object.fromEntries(names.texts()));
}

/** The sorted offers of a region as a tree. A combination of several goods keeps them all, the lowest id first. */
function offersTree(offers: readonly Offer[], remark: (text: string) => void): RegionOffers {
  const sizes = new Map<string, [Offer, Set<number>]>();
  for (const offer of offers) {
    const { version, architecture, computeRole, ramGb, paasGoodsId } = offer;
    const combination = JSON.stringify([version, architecture, computeRole, ramGb]);
    const [, goods] = sizes.get(combination) ?? [offer, new Set<number>()];
    sizes.set(combination, [offer, goods.add(paasGoodsId)]);
  }
  const versions = record<Record<string, Record<string, Record<number, Goods>>>>();
  for (const [{ version, architecture, computeRole, ramGb }, goods] of sizes.values()) {
    const architectures = (versions[version] ??= record());
    const computeRoles = (architectures[architecture] ??= record());
    const [lowest = 0, second, ...others] = goods;
    (computeRoles[computeRole] ??= record())[ramGb] =
      second === undefined ? lowest : [lowest, second, ...others];
    if (second !== undefined)
      remark(
        `${version} ${architecture} ${computeRole} ${ramGb} GB is sold as ${[...goods].join(" and ")}; ` +
          `${lowest}, the lowest, is ordered unless paasGoodsId says otherwise.`,
      );
  }
  return versions;
}

/** The vendor's own names of architectures and compute roles, by our words. */
function vendorNames(configurations: readonly AvailableDbConfig[]): VendorNames {
  const architectures = new NamesByWord();
  const computeRoles = new NamesByWord();
  for (const available of configurations.flatMap(({ versions }) =>
    versions.flatMap((version) => version.architectures),
  )) {
    const { architectureName, subProductName } = available;
    architectures.add(architectureOf(available), architectureName, subProductName);
    for (const { computeName } of available.computeRoles)
      computeRoles.add(computeRoleWord(computeName), computeName);
  }
  return { architectures: architectures.texts(), computeRoles: computeRoles.texts() };
}

/** Collects the vendor's names of things that have one word here. */
class NamesByWord {
  readonly #names = new Map<string, Set<string>>();

  add(word: string, ...parts: readonly string[]): void {
    const name = parts.filter((part) => part !== "").join(", ");
    this.#names.set(word, (this.#names.get(word) ?? new Set()).add(name));
  }

  /** All names of each word as one text. */
  texts(): ReadonlyMap<string, string> {
    const text = (names: ReadonlySet<string>): string =>
      [...names]
        .filter((name) => name !== "")
        .sort(compareText)
        .join("; ");
    return new Map([...this.#names].map(([word, names]) => [word, text(names)]));
  }
}
