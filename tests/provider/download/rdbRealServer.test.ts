import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findRedisServer } from "../../../emulator/redis/findRedisPrograms";
import { verifyRdbFile } from "../../../provider/download/rdb";
import { describeWithRedis } from "../../describeWithRedis";

const SERVER = findRedisServer("redis-server") ?? "";

const COMMANDS = [
  "SET text hello",
  "SET number 12345",
  "SET negative -70000",
  "SET expires soon EX 1000",
  `SET compressed ${"ab".repeat(500)}`,
  `SET long ${Array.from({ length: 700 }, (_, index) => index.toString(36)).join("")}`,
  "RPUSH list a b c 1 2 3",
  `RPUSH longlist ${"item ".repeat(300)}`,
  `RPUSH plainnode ${"x".repeat(9000)}`,
  "SADD intset 1 2 3",
  "SADD set a b c",
  "ZADD zset 1.5 a 2 b inf c",
  `ZADD bigzset ${Array.from({ length: 200 }, (_, index) => `${index}.25 m${index}`).join(" ")}`,
  "HSET hash f v g 2",
  `HSET bighash ${Array.from({ length: 600 }, (_, index) => `f${index} v${index}`).join(" ")}`,
  "XADD stream 1-1 f v",
  "XADD stream 2-1 f v g w",
  "XGROUP CREATE stream group 0",
  "XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >",
  "XGROUP CREATECONSUMER stream group idle",
  "PFADD hyperloglog a b c",
  "GEOADD geo 13.36 38.11 Palermo",
  "SETBIT bits 7 1",
  "SELECT 3",
  "SET other database",
];

describeWithRedis("files of a real redis-server", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cds-redis-rdb-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a server until it has saved. */
  async function saved(...flags: string[]): Promise<string> {
    const socket = join(folder, "socket");
    const server = spawn(
      SERVER,
      [...["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""], ...flags],
      { stdio: "ignore" },
    );
    const ended = once(server, "exit");
    const end = (): void => {
      server.kill("SIGKILL");
    };
    // A run that is broken off leaves nobody behind.
    process.once("exit", end);
    try {
      const until = Date.now() + 4000;
      while (!existsSync(socket) && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 5));
      const input = [
        ...COMMANDS,
        "FUNCTION LOAD \"#!lua name=lib\\nredis.register_function('f', function() return 1 end)\"",
        "SAVE",
      ];
      execFileSync("redis-cli", ["-s", socket], { input: `${input.join("\n")}\n` });
    } finally {
      end();
      process.off("exit", end);
      await ended;
    }
    return join(folder, "dump.rdb");
  }

  test.each([
    ["as it comes", []],
    [
      "uncompressed, with large encodings",
      [
        "--rdbcompression",
        "no",
        "--hash-max-listpack-entries",
        "1",
        "--zset-max-listpack-entries",
        "1",
        "--set-max-intset-entries",
        "1",
        "--list-max-listpack-size",
        "2",
      ],
    ],
    ["with idle times", ["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"]],
    ["with frequencies", ["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lfu"]],
    ["without a checksum", ["--rdbchecksum", "no"]],
  ])("%s", async (name, flags) => {
    const proven = await verifyRdbFile(await saved(...flags));
    expect(proven).toMatchObject({
      sizeBytes: statSync(join(folder, "dump.rdb")).size,
      trailingBytes: 0,
      checksum: name === "without a checksum" ? "not checked" : "verified",
    });
    expect(proven.redisVersion).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("cut off anywhere, or altered anywhere, are refused", async () => {
    const file = readFileSync(await saved());
    const copy = join(folder, "copy.rdb");
    const isWhole = (bytes: Uint8Array): Promise<boolean> => {
      writeFileSync(copy, bytes);
      return verifyRdbFile(copy).then(
        () => true,
        () => false,
      );
    };
    expect(await isWhole(file)).toBe(true);
    // Every byte of the small file at both ends, and a sample between: all of it would take seconds.
    for (let at = 0; at < file.length; at += at < 400 || at > file.length - 200 ? 1 : 13) {
      expect(await isWhole(file.subarray(0, at))).toBe(false);
      const altered = Buffer.from(file);
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      expect(await isWhole(altered)).toBe(false);
    }
  });
});
