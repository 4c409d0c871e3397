import { randomUUID } from "node:crypto";
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { HEADER } from "../sdk/catalogModule";
import type { CatalogShape } from "../sdk/catalogShape";
import { readCatalog } from "../sdk/readCatalog";
import { CliError, isMissing, reasonOf } from "./io";

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

/**
 * Writes a file beside the module and renames it, so that a reader, a crash or a full disk never
 * leaves half a module.
 *
 * @throws CliError and leaves the module as it was.
 */
export function writeCatalogFile({ name, path }: CatalogFile, text: string): void {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    // "wx" follows no link that somebody put there.
    writeFileSync(temporary, text, { flag: "wx", flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CliError(`${name} can't be written: ${reasonOf(error)}. It was left as it was.`, {
      cause: error,
    });
  }
}
