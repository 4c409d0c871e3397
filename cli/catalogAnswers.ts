import { readFileSync } from "node:fs";

import {
  describeAvailableDbConfig,
  describeRegions,
  type AvailableDbConfig,
} from "../provider/vendor/catalog";
import { CdsError } from "../provider/vendor/errors";
import type { CatalogAnswers } from "../sdk/generate";
import { offersOf } from "../sdk/offers";
import { CatalogAnswersError, parseAnswers } from "../sdk/recorded";
import { isMissing, reasonOf } from "./catalogFile";
import { CliError, oneLine, type CliIo } from "./io";
import { clientFor, inCliWords, rethrow } from "./vendor";

/** Enough to be done soon, without running into the vendor's limit of calls. */
const REGIONS_AT_ONCE = 4;

export interface LiveOptions {
  /** The regions to read; all that are for sale without it. */
  readonly region?: readonly string[];
  readonly endpoint?: string;
}

/**
 * Asks the vendor, with the key in the environment and progress on standard error.
 *
 * @throws CliError also when one region of many fails: a module that lacks it would look complete.
 */
export async function askVendor(options: LiveOptions, io: CliIo): Promise<CatalogAnswers> {
  const client = clientFor(options.endpoint, io);
  const regions = await describeRegions(client).catch(rethrow);
  const forSale = regions.filter((region) => region.forSale).map(({ regionId }) => regionId);
  const chosen = choose(options.region, forSale);
  const configurations: [string, AvailableDbConfig][] = [];
  const failed: string[] = [];
  const waiting = [...chosen];
  const readNext = async (): Promise<void> => {
    const regionId = waiting.shift();
    if (regionId === undefined) return;
    let became: string;
    try {
      const configuration = await describeAvailableDbConfig(client, regionId);
      configurations.push([regionId, configuration]);
      became = sizesOf(configuration);
    } catch (error) {
      if (!(error instanceof CdsError)) throw error;
      failed.push(regionId);
      became = `failed, ${inCliWords(error.message)}`;
    }
    const done = configurations.length + failed.length;
    io.err(`${oneLine(`${regionId}: ${became} (${done} of ${chosen.length})`)}\n`);
    await readNext();
  };
  await Promise.all(Array.from({ length: REGIONS_AT_ONCE }, readNext));
  if (failed.length > 0)
    throw new CliError(
      `${failed.length} of ${chosen.length} regions could not be read: ${failed.sort().join(", ")}. ` +
        "Nothing was written. Try again, or name the regions to read with --region.",
      { exitCode: 1 },
    );
  return { regions, configurations: Object.fromEntries(configurations) };
}

/** Recorded answers, of all regions in them or of those named. @throws CliError when they can't be used. */
export function readAnswers(file: string, named: readonly string[] | undefined): CatalogAnswers {
  const { regions, configurations } = parsed(file);
  const chosen = new Set(choose(named, Object.keys(configurations)));
  return {
    regions,
    configurations: Object.fromEntries(
      Object.entries(configurations).filter(([regionId]) => chosen.has(regionId)),
    ),
  };
}

function parsed(file: string): CatalogAnswers {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = isMissing(error) ? "there is no such file" : reasonOf(error);
    throw new CliError(`${file} can't be read: ${reason}.`, { cause: error });
  }
  const shape = "It must be JSON in the shape of sdk/catalog.json of this package.";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Without the parser's words: they quote the file, which may be one of secrets.
    throw new CliError(`${file} is no catalogue: it is not JSON. ${shape}`);
  }
  try {
    return parseAnswers(json);
  } catch (error) {
    if (!(error instanceof CatalogAnswersError)) throw error;
    throw new CliError(`${file} is no catalogue: ${error.message}. ${shape}`, { cause: error });
  }
}

/** The regions to read, each once; a RegionId that is empty can't be asked about. */
function choose(named: readonly string[] | undefined, available: readonly string[]): string[] {
  const known = [...new Set(available)].filter((regionId) => regionId !== "").sort();
  if (named === undefined) return known;
  const missing = named.filter((regionId) => !known.includes(regionId));
  if (missing.length > 0)
    throw new CliError(
      `not for sale, withdrawn or misspelt: ${missing.map((id) => JSON.stringify(id)).join(", ")}; for sale: ${known.join(", ") || "no region"}.`,
    );
  return [...new Set(named)];
}

function sizesOf(configuration: AvailableDbConfig): string {
  const sizes = new Set(
    offersOf(configuration).map(({ version, architecture, computeRole, ramGb }) =>
      JSON.stringify([version, architecture, computeRole, ramGb]),
    ),
  );
  if (sizes.size === 0) return "sells nothing";
  return `${sizes.size} ${sizes.size === 1 ? "size" : "sizes"}`;
}
