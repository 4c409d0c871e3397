import { readFileSync } from "node:fs";

import { describeAvailableDbConfig, describeRegions } from "../provider/vendor/actions/catalog";
import { CdsError } from "../provider/vendor/errors";
import type { CatalogAnswers } from "../sdk/generate";
import { offersOf } from "../sdk/offers";
import { CatalogAnswersError, parseAnswers } from "../sdk/recorded";
import { clientFor } from "./accounts";
import { CliError, counted, isMissing, oneLine, reasonOf, type CliIo } from "./io";
import { rethrow } from "./vendor";
import type { AvailableDbConfig } from "../provider/vendor/types";

/** Few enough for the vendor's limit of calls, and enough to be done soon. */
const REGIONS_AT_ONCE = 4;

interface LiveOptions {
  /** The regions to read. Default: all that are for sale. */
  readonly region?: readonly string[];
  readonly endpoint?: string;
}

/**
 * Asks the vendor, with the access key in the environment and progress on standard error.
 *
 * @throws CliError even when only one region fails: a module without it would look complete.
 */
export async function askVendor(options: LiveOptions, io: CliIo): Promise<CatalogAnswers> {
  const client = clientFor(options.endpoint, io);
  const regions = await describeRegions(client).catch(rethrow);
  const forSale = regions.filter((region) => region.forSale).map(({ regionId }) => regionId);
  const chosen = choose(options.region, forSale);
  const configurations: [string, AvailableDbConfig][] = [];
  const failed: string[] = [];
  const readRegion = async (regionId: string): Promise<string> => {
    try {
      const configuration = await describeAvailableDbConfig(client, regionId);
      configurations.push([regionId, configuration]);
      return sizesOf(configuration);
    } catch (error) {
      if (!(error instanceof CdsError)) throw error;
      failed.push(regionId);
      return `failed, ${error.message}`;
    }
  };
  const waiting = [...chosen];
  const readAll = async (): Promise<void> => {
    for (let regionId = waiting.shift(); regionId !== undefined; regionId = waiting.shift()) {
      const outcome = await readRegion(regionId);
      const done = configurations.length + failed.length;
      io.err(`${oneLine(`${regionId}: ${outcome} (${done} of ${chosen.length})`)}\n`);
    }
  };
  await Promise.all(Array.from({ length: REGIONS_AT_ONCE }, readAll));
  if (failed.length > 0)
    throw new CliError(
      `${failed.length} of ${chosen.length} regions could not be read: ${failed.sort().join(", ")}. ` +
        "Nothing was written. Try again, or name the regions to read with --region.",
      { exitCode: 1 },
    );
  return { regions, configurations: Object.fromEntries(configurations) };
}

/**
 * Reads recorded answers: of all regions in the file, or of the named ones.
 *
 * @throws CliError when the file or a name cannot be used.
 */
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
    // The parser's words would quote the file, which may hold secrets.
    throw new CliError(`${file} is not a catalogue: it is not JSON. ${shape}`);
  }
  try {
    return parseAnswers(json);
  } catch (error) {
    if (!(error instanceof CatalogAnswersError)) throw error;
    throw new CliError(`${file} is not a catalogue: ${error.message}. ${shape}`, { cause: error });
  }
}

/** The regions to read, each once. An empty RegionId is left out: the vendor cannot be asked about it. */
function choose(named: readonly string[] | undefined, available: readonly string[]): string[] {
  const known = [...new Set(available)].filter((regionId) => regionId !== "").sort();
  if (named === undefined) return known;
  const missing = named.filter((regionId) => !known.includes(regionId));
  if (missing.length > 0)
    throw new CliError(
      `not for sale, withdrawn or misspelt: ${missing.map((id) => JSON.stringify(id)).join(", ")}. For sale: ${known.join(", ") || "no region"}.`,
    );
  return [...new Set(named)];
}

function sizesOf(configuration: AvailableDbConfig): string {
  const sizes = new Set(
    offersOf(configuration).map(({ version, architecture, computeRole, ramGb }) =>
      JSON.stringify([version, architecture, computeRole, ramGb]),
    ),
  );
  return sizes.size === 0 ? "sells nothing" : counted(sizes.size, "size");
}
