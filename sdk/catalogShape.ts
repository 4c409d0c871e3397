/** The PaasGoodsIds that order a combination: one, or several with the lowest first. */
export type Goods = number | readonly [number, number, ...number[]];

/** A typed catalogue as the generator writes it. A program's own catalogue has literal types. */
export interface CatalogShape {
  /** The vendor's name of every region, by RegionId. */
  readonly regions: Readonly<Record<string, string>>;
  /** PaasGoodsIds by region, version, architecture, compute role and memory in GB. */
  readonly offers: Readonly<Record<string, RegionOffers>>;
}

export type RegionOffers = Readonly<
  Record<
    string,
    Readonly<Record<string, Readonly<Record<string, Readonly<Record<number, Goods>>>>>>
  >
>;

/** Everything that tells one size from the others. */
export interface Combination {
  readonly regionId: string;
  readonly version: string;
  readonly architecture: string;
  readonly computeRole: string;
  /** In GB. */
  readonly ramGb: number;
}

/** The PaasGoodsIds that order a combination, the lowest first. Empty when the catalogue lacks the combination. */
export function paasGoodsIds(catalog: CatalogShape, combination: Combination): readonly number[] {
  const { regionId, version, architecture, computeRole, ramGb } = combination;
  const sizes = own(own(own(own(catalog.offers, regionId), version), architecture), computeRole);
  const goods = own(sizes, ramGb) ?? [];
  return typeof goods === "number" ? [goods] : goods;
}

/** The branch under a name. Inherited properties do not count: `constructor` may be a name of the vendor's. */
function own<T>(branch: Readonly<Record<string, T>> | undefined, name: string | number) {
  return branch !== undefined && Object.hasOwn(branch, name) ? branch[name] : undefined;
}

/** Every combination of a catalogue, in the order of the catalogue. */
export function combinations(catalog: CatalogShape): Combination[] {
  return Object.entries(catalog.offers).flatMap(([regionId, versions]) =>
    Object.entries(versions).flatMap(([version, architectures]) =>
      Object.entries(architectures).flatMap(([architecture, computeRoles]) =>
        Object.entries(computeRoles).flatMap(([computeRole, sizes]) =>
          Object.keys(sizes).map((size) => ({
            regionId,
            version,
            architecture,
            computeRole,
            ramGb: Number(size),
          })),
        ),
      ),
    ),
  );
}
