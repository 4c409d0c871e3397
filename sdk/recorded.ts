import { z } from "zod";

import { availableDbConfig, region } from "../provider/vendor/actions/catalog";
import type { CatalogAnswers } from "./generate";
import recorded from "./catalog.json";

const answers = z.object({
  regions: z.array(region),
  configurations: z.record(z.string(), availableDbConfig),
});

/** The answers in this release: the examples of both editions of the vendor's documents. */
export function recordedAnswers(): CatalogAnswers {
  return parseAnswers(recorded);
}

/**
 * Reads answers in the shape of `sdk/catalog.json`, which is how the vendor writes them.
 *
 * @throws CatalogAnswersError with the path of the value that is wrong.
 */
export function parseAnswers(json: unknown): CatalogAnswers {
  const result = answers.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  throw new CatalogAnswersError(`${path === "" ? "" : `${path}: `}${issue?.message ?? "invalid"}`);
}

/** The JSON does not hold answers of the vendor. */
export class CatalogAnswersError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CatalogAnswersError";
  }
}
