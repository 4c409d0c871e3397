import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DUMP_FILE } from "./redisConfiguration";
import { POLL_MS, type RedisProcess } from "./redisProcess";

const SAVE_LIMIT_MS = 10 * 60_000;

/**
 * Has a server write its data (BGSAVE) and moves the file to `path`. Returns the file's size in bytes.
 *
 * @throws Error that says why there is no file.
 */
export async function saveDump(server: RedisProcess, path: string): Promise<number> {
  const limit = performance.now() + SAVE_LIMIT_MS;
  while (!(await begins(server))) await untilNextLook(limit);
  for (;;) {
    const lines = (await server.ask("INFO", "persistence")).split(/\r?\n/);
    if (lines.includes("rdb_bgsave_in_progress:0")) {
      if (lines.includes("rdb_last_bgsave_status:ok")) break;
      throw new Error("BGSAVE failed");
    }
    await untilNextLook(limit);
  }
  // On one file system, so this costs nothing, and nobody meets half a file.
  renameSync(join(server.plan.folder, DUMP_FILE), path);
  return statSync(path).size;
}

/** False while a save of a client is under way: its data is older than this order. */
async function begins(server: RedisProcess): Promise<boolean> {
  const reply = await server.ask("BGSAVE");
  if (reply.startsWith("Background saving")) return true;
  if (reply.includes("in progress")) return false;
  throw new Error(reply);
}

async function untilNextLook(limit: number): Promise<void> {
  if (performance.now() > limit) {
    throw new Error(`BGSAVE takes longer than ${SAVE_LIMIT_MS / 60_000} minutes`);
  }
  await pause(POLL_MS);
}
