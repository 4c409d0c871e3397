import type { EmulatorOptions } from "../options";
import { EmulatorStartError } from "../startError";
import { findRedisCli, findRedisServer, HOW_TO_INSTALL } from "./findRedisPrograms";
import { RedisServers } from "./redisServers";

/** The real servers of an emulator with the option `redis`. */
export interface RedisOfEmulator {
  readonly command: string;
  readonly servers: RedisServers;
}

/**
 * The servers that the options ask for. Undefined without the option, and when a program is missing, which the log
 * tells.
 *
 * @throws EmulatorStartError when the named program or its redis-cli is missing, or with a state file.
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
  const server = findRedisServer(named);
  const cli = server === undefined ? undefined : findRedisCli(server);
  if (server !== undefined && cli !== undefined) {
    const servers = new RedisServers({ programs: { server, cli }, now, log: line });
    return { command: server, servers };
  }
  const lacking = lackingProgram(named, server);
  if (named !== undefined) throw new EmulatorStartError(`${lacking}. ${HOW_TO_INSTALL}`);
  line(`${lacking}: instances run without servers.`);
  line(`To install one: ${HOW_TO_INSTALL}`);
  return undefined;
}

function lackingProgram(named: string | undefined, server: string | undefined): string {
  if (server !== undefined) {
    return `There is no redis-cli (or valkey-cli) beside ${server} or on PATH`;
  }
  return named === undefined
    ? "There is no redis-server (or valkey-server) on PATH"
    : `There is no program ${JSON.stringify(named)} to run as redis-server`;
}
