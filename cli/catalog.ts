import { Command, InvalidArgumentError, Option } from "commander";

import { combinations, type CatalogShape } from "../sdk/catalogShape";
import {
  EmptyCatalogError,
  generateCatalog,
  type CatalogAnswers,
  type GeneratedCatalog,
} from "../sdk/generate";
import { catalogChanges } from "../sdk/readCatalog";
import { askVendor, readAnswers } from "./catalogAnswers";
import { readCatalogFile, writeCatalogFile, type CatalogFile } from "./catalogFile";
import { catalogFields, type CatalogOutcome, type CatalogRun } from "./catalogJson";
import { CliError, counted, oneLine, type CliIo } from "./io";
import { jsonText } from "./table";
import { endpointOption, jsonOption, KEYS_HELP } from "./vendor";

/** The options of `cds-redis catalog` as commander gives them. */
export interface CatalogCommandOptions {
  readonly out: string;
  readonly region?: readonly string[];
  readonly endpoint?: string;
  readonly from?: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
${KEYS_HELP}
When a region can't be read, or writing fails, the file stays as it is. Sizes of
regions that were not read are checked at preview.

Exit codes: 0 done, or up to date; 1 stale (--check), or the vendor refused or
did not answer; 2 wrong use, or a file that can't be used.

Examples:
  cds-redis catalog --out src/catalog.gen.ts
  cds-redis catalog --out src/catalog.gen.ts --check
  cds-redis catalog --region CN_Hongkong_A --region CN_Beijing_A`;

export function catalogCommand(io: CliIo): Command {
  return new Command("catalog")
    .description(
      "Write what the vendor sells as a TypeScript module, which types the arguments of the resources",
    )
    .option("--out <file>", "the module to write or check", moduleName, "catalog.gen.ts")
    .option("--region <id...>", "read these regions only (default: all for sale); repeatable")
    .addOption(endpointOption().conflicts("from"))
    .option(
      "--from <file>",
      "read recorded answers, JSON in the shape of sdk/catalog.json, instead of asking the vendor",
    )
    .option("--check", "write nothing; fail and say what changed when the module is stale")
    .addOption(
      new Option("--force", "overwrite a file that is not a generated catalogue").conflicts(
        "check",
      ),
    )
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: CatalogCommandOptions) => runCatalog(options, io));
}

/**
 * Writes or checks a catalogue module.
 *
 * @throws CliError
 */
export async function runCatalog(options: CatalogCommandOptions, io: CliIo): Promise<void> {
  const { out, region, from, check = false, force = false, json = false } = options;
  // The file is checked first: with a wrong file there is no reason to ask the vendor.
  const file = readCatalogFile(out);
  const before = check ? catalogToCheck(file) : file.catalog;
  if (!check && !force) requireOurs(file);
  const answers = from === undefined ? await askVendor(options, io) : readAnswers(from, region);
  const { catalog, text, remarks } = generated(answers, from);
  for (const remark of remarks) io.err(`note: ${oneLine(remark)}\n`);
  const changes = before === undefined ? [] : catalogChanges(before, catalog);
  const isChanged = check ? changes.length > 0 : text !== file.text;
  if (!check && isChanged) await writeCatalogFile(file, text);
  const outcome = isChanged ? (check ? "stale" : "written") : "up-to-date";
  const run = { file: file.name, outcome, catalog, before, changes, remarks } as const;
  io.out(json ? jsonText(catalogFields(run)) : textOf(run, check));
  if (outcome !== "stale") return;
  throw new CliError(
    `${file.name} is stale: ${counted(changes.length, "change")}. Run the same command without --check to write it again.`,
    { exitCode: 1 },
  );
}

const SENTENCES: Readonly<Record<CatalogOutcome, (file: string) => string[]>> = {
  written: (file) => [`wrote ${file}`],
  "up-to-date": (file) => [`${file} is up to date`],
  // The error says it.
  stale: () => [],
};

function textOf({ file, outcome, catalog, changes }: CatalogRun, isCheck: boolean): string {
  const extent = isCheck ? "" : `: ${extentOf(catalog)}`;
  const sentences = SENTENCES[outcome](file).map((sentence) => sentence + extent);
  return [...changes.map(oneLine), ...sentences].map((line) => `${line}\n`).join("");
}

function catalogToCheck({ name, text, catalog, isOurs }: CatalogFile): CatalogShape {
  if (catalog !== undefined) return catalog;
  if (text === undefined)
    throw new CliError(`${name} does not exist. Run the same command without --check to write it.`);
  throw new CliError(
    isOurs
      ? `${name} holds no readable catalogue, perhaps after an edit or a merge conflict. Run the same command without --check to write it again.`
      : `${name} is not a generated catalogue. Name another file with --out, or run the same command with --force and without --check to overwrite it.`,
  );
}

function requireOurs({ name, text, isOurs }: CatalogFile): void {
  if (text === undefined || isOurs) return;
  throw new CliError(
    `${name} exists and is not a generated catalogue. Name another file with --out, or overwrite it with --force.`,
  );
}

function generated(answers: CatalogAnswers, from: string | undefined): GeneratedCatalog {
  try {
    return generateCatalog(answers);
  } catch (error) {
    if (!(error instanceof EmptyCatalogError)) throw error;
    throw new CliError(`${error.message}. Nothing was written.`, {
      cause: error,
      exitCode: from === undefined ? 1 : 2,
    });
  }
}

function extentOf(catalog: CatalogShape): string {
  const sizes = counted(combinations(catalog).length, "size");
  return `${sizes} in ${counted(Object.keys(catalog.offers).length, "region")}`;
}

function moduleName(text: string): string {
  if (!/\.[cm]?ts$/.test(text)) throw new InvalidArgumentError("It must be a .ts file.");
  return text;
}
