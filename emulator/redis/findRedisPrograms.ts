import { accessSync, constants, statSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";

const SERVERS = ["redis-server", "valkey-server"];
const CLIENTS = ["redis-cli", "valkey-cli"];

/** What to tell a person who asked for real servers and has none. */
export const HOW_TO_INSTALL =
  "Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis; Fedora: dnf install valkey (or redis).";

/**
 * The path of the server program, or undefined when there is none. Without `command` it is the first of redis-server
 * and valkey-server on PATH.
 */
export function findRedisServer(
  command: string | undefined,
  path = process.env["PATH"] ?? "",
): string | undefined {
  if (command !== undefined && (isAbsolute(command) || command.includes(sep))) {
    const file = resolve(command);
    return isProgram(file) ? file : undefined;
  }
  return firstProgram(command === undefined ? SERVERS : [command], foldersOf(path));
}

/** The path of redis-cli or valkey-cli: beside the server, else on PATH. Undefined when there is none. */
export function findRedisCli(server: string, path = process.env["PATH"] ?? ""): string | undefined {
  const clients = basename(server).startsWith("valkey") ? [...CLIENTS].reverse() : CLIENTS;
  return firstProgram(clients, [dirname(server)]) ?? firstProgram(clients, foldersOf(path));
}

function foldersOf(path: string): string[] {
  return path.split(delimiter).filter((folder) => folder !== "");
}

function firstProgram(names: readonly string[], folders: readonly string[]): string | undefined {
  return names
    .flatMap((name) => folders.map((folder) => resolve(join(folder, name))))
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
