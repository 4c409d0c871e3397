import { z } from "zod";

import { availableDbConfig, region } from "../provider/vendor/catalog";
import type { CatalogAnswers } from "./generate";
import recorded from "./catalog.json";

const answers = z.object({
  regions: z.array(region),
  configurations: z.record(z.string(), availableDbConfig),
});

/** The answers this package was released with: what the vendor's documents show, of both editions. */
export function recordedAnswers(): CatalogAnswers {
  return parseAnswers(recorded);
}

/**
 * Answers from JSON of the shape of `sdk/catalog.json`, as the vendor writes them.
 *
 * @throws CatalogAnswersError with the path of what is wrong in it.
 */
export function parseAnswers(json: unknown): CatalogAnswers {
  const result = answers.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  throw new CatalogAnswersError(`${path === "" ? "" : `${path}: `}${issue?.message ?? "invalid"}`);
}

/** JSON that holds no answers of the vendor. */
export class CatalogAnswersError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CatalogAnswersError";
  }
}
