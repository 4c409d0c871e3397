import type { EmulatorOptions } from "../options";
import { EmulatorStartError } from "../startError";
import { findRedisServer, HOW_TO_INSTALL } from "./findRedisServer";
import { RedisServers } from "./redisServers";

/** The real servers of an emulator, as its option `redis` asks for them. */
export interface RedisOfEmulator {
  readonly command: string;
  readonly servers: RedisServers;
}

/**
 * Undefined: none are asked for, or there is no program to run, which the log tells.
 *
 * @throws EmulatorStartError when a program is named that can't be run, or there is a state file.
 */
export function redisOf(options: EmulatorOptions): RedisOfEmulator | undefined {
  const { redis = false, stateFile, log, now = Date.now } = options;
  if (redis === false) return undefined;
  if (stateFile !== undefined) {
    throw new EmulatorStartError(
      "redis (--redis) and stateFile (--state-file) exclude each other: a password is never written to a file, " +
        "so no server could come back after a restart. Leave one of them out.",
    );
  }
  const line = (text: string): void => log?.(`${new Date(now()).toISOString()} ${text}`);
  const named = redis === true ? undefined : redis.command;
  const command = findRedisServer(named);
  if (command !== undefined)
    return { command, servers: new RedisServers({ command, now, log: line }) };
  if (named !== undefined) {
    throw new EmulatorStartError(
      `There is no program ${JSON.stringify(named)} to run as redis-server. ${HOW_TO_INSTALL}`,
    );
  }
  line("There is no redis-server (or valkey-server) on PATH: instances run without servers.");
  line(`To install one: ${HOW_TO_INSTALL}`);
  return undefined;
}
