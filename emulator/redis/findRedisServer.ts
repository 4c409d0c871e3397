import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve, sep } from "node:path";

const PROGRAMS = ["redis-server", "valkey-server"];

/** What to tell a person who asked for real servers and has none. */
export const HOW_TO_INSTALL =
  "Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis; Fedora: dnf install valkey (or redis).";

/**
 * The path of the program that a real instance runs: of the one that is named, else the first of redis-server and
 * valkey-server on PATH. Undefined when there is none.
 */
export function findRedisServer(
  command: string | undefined,
  path = process.env["PATH"] ?? "",
): string | undefined {
  if (command !== undefined && (isAbsolute(command) || command.includes(sep))) {
    const file = resolve(command);
    return isProgram(file) ? file : undefined;
  }
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return (command === undefined ? PROGRAMS : [command])
    .flatMap((program) => folders.map((folder) => resolve(join(folder, program))))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
