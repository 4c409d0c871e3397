import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { HEADER } from "../sdk/catalogModule";
import type { CatalogShape } from "../sdk/catalogShape";
import { readCatalog } from "../sdk/readCatalog";
import { CliError } from "./io";

/** The module to write or check, as it was found. */
export interface CatalogFile {
  /** As the person wrote it. */
  readonly name: string;
  readonly path: string;
  /** undefined when there is no such file. */
  readonly text: string | undefined;
  /** undefined when it holds no catalogue that can be read. */
  readonly catalog: CatalogShape | undefined;
  /** Whether it came from this command, even if it was damaged since. */
  readonly isOurs: boolean;
}

/** @throws CliError when it can't be read, or its folder is missing. */
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
  // A link stays one: what it points to is replaced.
  return { name, path: realpathSync(path), text, catalog, isOurs };
}

function requireFolder(name: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new CliError(
    `${name} can't be written: there is no folder ${dirname(name)}; make it first.`,
  );
}

/**
 * Writes beside the file and renames, so that a reader, a crash or a full disk never leaves half of it.
 *
 * @throws CliError, the file being as it was.
 */
export function writeCatalogFile({ name, path }: CatalogFile, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CliError(`${name} can't be written: ${reasonOf(error)}; it was left as it was.`, {
      cause: error,
    });
  }
}

export function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}

/** The words of the system, such as `EACCES: permission denied, open '…'`. */
export function reasonOf(error: unknown): string {
  return String(error).replace(/^Error: /, "");
}
