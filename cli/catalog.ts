import { Command, InvalidArgumentError, Option } from "commander";

import {
  EmptyCatalogError,
  generateCatalog,
  type CatalogAnswers,
  type GeneratedCatalog,
} from "../sdk/generate";
import { combinations, type CatalogShape } from "../sdk/catalogShape";
import { catalogChanges } from "../sdk/readCatalog";
import { askVendor, readAnswers } from "./catalogAnswers";
import { readCatalogFile, writeCatalogFile, type CatalogFile } from "./catalogFile";
import { CliError, oneLine, type CliIo } from "./io";

/** The options of `cds-redis catalog` as commander gives them. */
export interface CatalogCommandOptions {
  readonly out: string;
  readonly region?: readonly string[];
  readonly endpoint?: string;
  readonly from?: string;
  readonly check?: boolean;
  readonly force?: boolean;
}

const HELP = `
The access key is read from CDS_SECRET_ID and CDS_SECRET_KEY. When a region can't be read, or
writing fails, the file stays as it is. Sizes of regions that were not read are checked at preview.

Exit codes: 0 done, or up to date; 1 stale (--check), or the vendor refused or did not answer;
2 wrong use, or a file that can't be used.

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
    .addOption(
      new Option(
        "--endpoint <name>",
        "the vendor's address: china, asia, america, or a URL (default: china)",
      ).conflicts("from"),
    )
    .option(
      "--from <file>",
      "take recorded answers, JSON in the shape of sdk/catalog.json, instead of asking the vendor",
    )
    .option("--check", "write nothing; fail and say what changed when the module is stale")
    .addOption(
      new Option("--force", "overwrite a file that is no generated catalogue").conflicts("check"),
    )
    .addHelpText("after", HELP)
    .action((options: CatalogCommandOptions) => runCatalog(options, io));
}

/**
 * Writes or checks a catalogue module.
 *
 * @throws CliError
 */
export async function runCatalog(options: CatalogCommandOptions, io: CliIo): Promise<void> {
  // Looked at first: a wrong file is no reason to ask the vendor.
  const file = readCatalogFile(options.out);
  const before = options.check === true ? catalogToCheck(file) : file.catalog;
  if (options.check !== true && options.force !== true) refuseForeign(file);
  const { catalog, text, remarks } = generated(
    options.from === undefined
      ? await askVendor(options, io)
      : readAnswers(options.from, options.region),
    options.from,
  );
  for (const remark of remarks) io.err(`note: ${oneLine(remark)}\n`);
  const changes = before === undefined ? [] : catalogChanges(before, catalog).map(oneLine);
  if (options.check === true) {
    report(file, changes, io);
    return;
  }
  if (text !== file.text) writeCatalogFile(file, text);
  for (const change of changes) io.out(`${change}\n`);
  io.out(`${text === file.text ? `${file.name} is up to date` : `wrote ${file.name}`}: `);
  io.out(`${extent(catalog)}\n`);
}

function report(file: CatalogFile, changes: readonly string[], io: CliIo): void {
  if (changes.length === 0) {
    io.out(`${file.name} is up to date\n`);
    return;
  }
  for (const change of changes) io.out(`${change}\n`);
  throw new CliError(
    `${file.name} is stale: ${changes.length} ${changes.length === 1 ? "change" : "changes"}; run the same command without --check to write it anew.`,
    { exitCode: 1 },
  );
}

function catalogToCheck({ name, text, catalog, isOurs }: CatalogFile): CatalogShape {
  if (catalog !== undefined) return catalog;
  const make = "run the same command without --check";
  if (text === undefined) throw new CliError(`there is no ${name} to check: ${make} to make it.`);
  throw new CliError(
    isOurs
      ? `${name} holds no readable catalogue any more, perhaps after an edit or a merge conflict: ${make} to write it anew.`
      : `${name} is no generated catalogue: name another file with --out, or ${make} and with --force to overwrite it.`,
  );
}

function refuseForeign({ name, text, isOurs }: CatalogFile): void {
  if (text === undefined || isOurs) return;
  throw new CliError(
    `${name} exists and is no generated catalogue: name another file with --out, or overwrite it with --force.`,
  );
}

function generated(answers: CatalogAnswers, from: string | undefined): GeneratedCatalog {
  try {
    return generateCatalog(answers);
  } catch (error) {
    if (!(error instanceof EmptyCatalogError)) throw error;
    throw new CliError(`${error.message}; nothing was written.`, {
      cause: error,
      exitCode: from === undefined ? 1 : 2,
    });
  }
}

function extent(catalog: CatalogShape): string {
  const [sizes, regions] = [combinations(catalog).length, Object.keys(catalog.offers).length];
  return `${sizes} ${sizes === 1 ? "size" : "sizes"} in ${regions} ${regions === 1 ? "region" : "regions"}`;
}

function moduleName(text: string): string {
  if (!/\.[cm]?ts$/.test(text)) throw new InvalidArgumentError("It must be a .ts file.");
  return text;
}
