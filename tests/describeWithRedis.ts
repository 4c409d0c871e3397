import { findRedisServer, HOW_TO_INSTALL } from "../emulator/redis/findRedisPrograms";

/**
 * `describe` with the real redis-server of this machine. Without one the tests are skipped by a name
 * that says so; with CDS_REQUIRE_REDIS=1, as in CI, they fail.
 *
 * @param needs Another thing they need and this machine lacks.
 */
export function describeWithRedis(name: string, tests: () => void, needs?: string): void {
  const hasNone = findRedisServer("redis-server") === undefined;
  const lacking = needs ?? (hasNone ? `a redis-server. ${HOW_TO_INSTALL}` : undefined);
  if (lacking === undefined) describe(name, tests);
  else if (needs === undefined && process.env["CDS_REQUIRE_REDIS"] === "1")
    test(`${name}: needs a redis-server`, () => {
      throw new Error(`There is no redis-server on PATH. ${HOW_TO_INSTALL}`);
    });
  else describe.skip(`${name} (skipped: it needs ${lacking})`, tests);
}
