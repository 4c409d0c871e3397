import {
  combinations,
  paasGoodsIds,
  type CatalogShape,
  type Combination,
} from "../sdk/catalogShape";

/** `stale` only with `--check`, which writes nothing. */
export type CatalogOutcome = "written" | "up-to-date" | "stale";

/** What a run of the command found and did. */
export interface CatalogRun {
  readonly file: string;
  readonly outcome: CatalogOutcome;
  readonly catalog: CatalogShape;
  /** The catalogue that was in the file; undefined where there was none. */
  readonly before: CatalogShape | undefined;
  readonly changes: readonly string[];
  readonly remarks: readonly string[];
}

/** The fields that scripts may rely on. */
export function catalogFields(run: CatalogRun): object {
  const { file, outcome, catalog, before, changes, remarks } = run;
  const sizes = combinations(catalog);
  const regions = Object.keys(catalog.offers).map((regionId) => ({
    regionId,
    sizes: sizes.filter((size) => size.regionId === regionId).length,
  }));
  return {
    ...{ file, result: outcome, regions, sizes: sizes.length },
    added: before === undefined ? [] : missing(catalog, before),
    withdrawn: before === undefined ? [] : missing(before, catalog),
    ...{ changes, remarks },
  };
}

/** The sizes of one catalogue that another lacks. */
function missing(from: CatalogShape, other: CatalogShape): Combination[] {
  return combinations(from).filter((size) => paasGoodsIds(other, size).length === 0);
}
