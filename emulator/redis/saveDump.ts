import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DUMP_FILE } from "./redisConfiguration";
import { POLL_MS, type RedisProcess } from "./redisProcess";
import { RespError, type RespConnection } from "./resp";

const SAVE_LIMIT_MS = 10 * 60_000;

/**
 * Has a server write its data (BGSAVE) and moves the file to `path`. Answers its size in bytes.
 *
 * @throws Error that says why there is no file.
 */
export async function saveDump(server: RedisProcess, path: string): Promise<number> {
  const limit = performance.now() + SAVE_LIMIT_MS;
  const connection = await server.connect();
  try {
    await begin(connection, limit);
    for (;;) {
      const lines = (await connection.text("INFO", "persistence")).split("\r\n");
      if (lines.includes("rdb_bgsave_in_progress:0")) {
        if (lines.includes("rdb_last_bgsave_status:ok")) break;
        throw new Error("BGSAVE failed");
      }
      await untilNextLook(limit);
    }
  } finally {
    connection.close();
  }
  // On one file system, so this costs nothing, and nobody meets half a file.
  renameSync(join(server.plan.folder, DUMP_FILE), path);
  return statSync(path).size;
}

/** A client may have one under way, of data that is older than this order. */
async function begin(connection: RespConnection, limit: number): Promise<void> {
  for (;;) {
    try {
      await connection.command("BGSAVE");
      return;
    } catch (error) {
      if (!(error instanceof RespError && error.message.includes("in progress"))) throw error;
    }
    await untilNextLook(limit);
  }
}

async function untilNextLook(limit: number): Promise<void> {
  if (performance.now() > limit) {
    throw new Error(`BGSAVE takes longer than ${SAVE_LIMIT_MS / 60_000} minutes`);
  }
  await pause(POLL_MS);
}
