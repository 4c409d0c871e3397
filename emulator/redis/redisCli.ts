import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { RedisServerPlan } from "./redisConfiguration";

const run = promisify(execFile);
/** A server that hangs longer than this counts as one that does not answer. */
const REPLY_LIMIT_MS = 10_000;

/**
 * What a server replies to a command, as redis-cli prints it. A refusal such as `ERR …` is a reply, too.
 *
 * @throws Error when there is no reply.
 */
export async function redisCli(
  cli: string,
  { address, port, password }: RedisServerPlan,
  words: readonly string[],
): Promise<string> {
  try {
    const { stdout } = await run(cli, ["-h", address, "-p", String(port), ...words], {
      // A command line is in everybody's sight, so the password must not be in it.
      env: { PATH: process.env["PATH"], REDISCLI_AUTH: password },
      timeout: REPLY_LIMIT_MS,
    });
    return stdout.trim();
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { killed, stderr, code } = error as { killed?: boolean; stderr?: string; code?: unknown };
  if (killed === true) return `no reply within ${REPLY_LIMIT_MS / 1000} s`;
  const said = stderr?.trim().split("\n").at(-1);
  return said === undefined || said === "" ? `redis-cli failed (${String(code)})` : said;
}
