import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { writeFileAtomically } from "../provider/disk";
import { HEADER } from "../sdk/catalogModule";
import type { CatalogShape } from "../sdk/catalogShape";
import { readCatalog } from "../sdk/readCatalog";
import { CliError, isMissing, reasonOf } from "./io";

/** Whoever the system's umask lets may read the module. */
const TEAM_MODE = 0o666;

/** The module to write or check, as it was found. */
export interface CatalogFile {
  /** The name that the person gave. */
  readonly name: string;
  readonly path: string;
  /** Undefined when the file does not exist. */
  readonly text: string | undefined;
  /** Undefined when the file holds no readable catalogue. */
  readonly catalog: CatalogShape | undefined;
  /** Whether this command wrote the file, even if the file was damaged later. */
  readonly isOurs: boolean;
}

/** @throws CliError when the file cannot be read, or its folder does not exist. */
export function readCatalogFile(name: string): CatalogFile {
  const path = resolve(name);
  requireFolder(name, dirname(path));
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return { name, path, text: undefined, catalog: undefined, isOurs: false };
    throw new CliError(`${name} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
  const catalog = readCatalog(text);
  const isOurs = catalog !== undefined || text.split(/\r?\n/).includes(HEADER);
  // When the path is a link, the link stays and its target is replaced.
  return { name, path: realpathSync(path), text, catalog, isOurs };
}

function requireFolder(name: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new CliError(
    `${name} can't be written: there is no folder ${dirname(name)}. Make the folder first.`,
  );
}

/** @throws CliError and leaves the module as it was. */
export async function writeCatalogFile({ name, path }: CatalogFile, text: string): Promise<void> {
  try {
    await writeFileAtomically(path, text, TEAM_MODE);
  } catch (error) {
    throw new CliError(`${name} can't be written: ${reasonOf(error)}. It was left as it was.`, {
      cause: error,
    });
  }
}
