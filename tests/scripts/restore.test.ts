// scripts/restore.sh against real redis-server processes on this machine's loopback.
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeWithRedis } from "../describeWithRedis";
import { contents, freePort, says, RedisServers, type Redis } from "./redisServers";

const script = join(__dirname, "../../scripts/restore.sh");
const password = "canary pä界 \"q\" 'r' \\s\\x41 $HOME `x` #%*";

// Seconds alone; more where other tests have the processors.
jest.setTimeout(60_000);

let root = "";
/** Where the script may leave nothing. */
let scratch: string;
let servers: RedisServers;

function start(args: string[], env: Record<string, string> = { REDISCLI_AUTH: password }) {
  const child = spawn("bash", [script, ...args], {
    env: { PATH: process.env["PATH"] ?? "", TMPDIR: scratch, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return { child, closed };
}

const processes = () =>
  fs.existsSync("/proc") ? fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];

/** Runs the script to its end, and looks at what everybody may see of its processes meanwhile. */
async function run(args: string[], env?: Record<string, string>) {
  let seen = "";
  const watch = setInterval(() => {
    for (const pid of processes()) {
      try {
        seen += fs.readFileSync(`/proc/${pid}/cmdline`, "latin1");
      } catch {
        // It has ended.
      }
    }
  }, 20);
  const ending = await start(args, env).closed;
  clearInterval(watch);
  expect(seen).not.toContain("canary");
  expect(ending.output).not.toContain("canary");
  expectNothingLeft();
  return { ...ending, seen };
}

function expectNothingLeft() {
  expect(fs.readdirSync(scratch)).toEqual([]);
  const left = processes().filter((pid) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(scratch);
    } catch {
      return false;
    }
  });
  expect(left).toEqual([]);
}

const at = (redis: Redis) => ["127.0.0.1", String(redis.port)];

describeWithRedis("scripts/restore.sh", () => {
  let source: Redis;
  let file: string;
  /** Started first and awaited last: nodes take seconds to agree. */
  let cluster: Promise<[Redis, Redis]>;

  beforeAll(async () => {
    root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "restore-test-")));
    servers = new RedisServers(root);
    scratch = join(root, "scratch");
    fs.mkdirSync(scratch);
    cluster = servers.startCluster(password);
    source = await servers.start({ lasts: true });
    const { ask } = source;
    await ask("SET", "string", "text");
    await ask("SET", "integer", "42");
    await ask("SET", "100 KB", Buffer.alloc(100_000, Buffer.from([0, 255, 10, 13, 34])));
    await ask("SET", Buffer.from("\0\n\r\"' {}\\x41\xff", "latin1"), Buffer.from([0, 10, 255]));
    await ask("SET", "", "a key without a name");
    await ask("SETBIT", "bitmap", "1000", "1");
    await ask("RPUSH", "list", ...Array.from({ length: 300 }, (_, i) => `item ${i}`));
    await ask("SADD", "set", "a", "b", "c");
    await ask("SADD", "intset", "1", "2", "3");
    await ask("ZADD", "zset", "1.5", "a", "-inf", "b");
    const many = Array.from({ length: 2000 }, (_, i) => [String(i / 3), `member ${i}`]).flat();
    await ask("ZADD", "big zset", ...many);
    await ask("HSET", "hash", "field", "value");
    await ask("HSET", "big hash", ...many);
    await ask("PFADD", "hyperloglog", ...many);
    await ask("XADD", "stream", "1-1", "field", "value");
    await ask("XADD", "stream", "1-2", "field", "value");
    await ask("XGROUP", "CREATE", "stream", "group", "0");
    await ask("XREADGROUP", "GROUP", "group", "me", "COUNT", "1", "STREAMS", "stream", ">");
    await ask("SET", "minutes left", "x", "EX", "600");
    await ask("EVAL", "for i = 1, 3000 do redis.call('SET', 'many:' .. i, i) end", "0");
    await ask("SELECT", "3");
    await ask("HSET", "hash", "in", "database 3");
    await ask("EXPIRE", "hash", "5000");
    await ask("SELECT", "0");
    file = await servers.rdbOf(source, "b-1.rdb");
  });

  afterEach(async () => {
    await servers.end();
  });
  afterAll(async () => {
    await servers.endAll();
    if (root !== "") fs.rmSync(root, { recursive: true });
  });

  test("brings every type, database and time to live into an empty target", async () => {
    const target = await servers.start({ secret: password });
    const ending = await run([file, ...at(target)]);
    expect(ending.output).toContain("restored: 3017 keys copied, the target holds 3017, 0 expired");
    expect(ending.code).toBe(0);

    // What was looked at for the password did show the script's programs.
    if (processes().length > 0) expect(ending.seen).toMatch(/restore\.sh[^]*redis-cli/);

    const wanted = await contents(source);
    const got = await contents(target);
    const values = (all: typeof got) => [...all].map(([key, { value }]) => [key, value]).sort();
    expect(values(got)).toEqual(values(wanted));
    const late = [...wanted].filter(
      ([key, { ttl }]) => Math.abs((got.get(key)?.ttl ?? NaN) - ttl) > (ttl < 0 ? 0 : 5000),
    );
    expect(late).toEqual([]);
    expect(String(await target.ask("XPENDING", "stream", "group"))).toBe(
      String(await source.ask("XPENDING", "stream", "group")),
    );
  });

  test("counts keys that expire between the backup and the end", async () => {
    const short = await servers.start();
    await short.ask("SET", "stays", "x");
    await short.ask("SET", "gone", "x", "PX", "50");
    const expiring = await servers.rdbOf(short, "expiring.rdb");
    await short.ask("FLUSHALL");
    await new Promise((resolve) => setTimeout(resolve, 60));
    const target = await servers.start({ secret: password });
    expect((await run([expiring, ...at(target)])).output).toContain("restored: 1 keys copied");
    expect(await target.ask("DBSIZE")).toBe(1);
  });

  test("a dry run tells what there is and changes nothing", async () => {
    const target = await servers.start({ secret: password });
    const ending = await run([file, ...at(target), "--dry-run"]);
    expect(ending.output).toMatch(/Redis \S+, empty, takes RESTORE of RDB version \d+/);
    expect(ending.output).toContain("b-1.rdb: 3017 keys, db0: 3016, db3: 1");
    expect(ending.output).toContain("dry run: nothing was copied");
    expect(ending.code).toBe(0);
    expect(String(await target.ask("INFO", "keyspace"))).not.toContain("keys=");
    expect(String(await target.ask("INFO", "persistence"))).toContain(
      "rdb_changes_since_last_save:0",
    );
  });

  test("refuses a target that holds a key, in whatever database, and leaves it as it was", async () => {
    const target = await servers.start({ secret: password });
    await target.ask("SELECT", "7");
    await target.ask("SET", "theirs", "x");
    await target.ask("SELECT", "0");
    const before = await contents(target, ["0", "3", "7"]);
    const ending = await run([file, ...at(target)]);
    expect(ending.output).toContain("holds keys already");
    expect(ending.code).toBe(1);
    expect(await contents(target, ["0", "3", "7"])).toEqual(before);
  });

  test("overwrites nothing when a key is in two files", async () => {
    const folder = join(root, "twice");
    const other = await servers.start();
    await other.ask("SET", "string", "another value");
    await servers.rdbOf(other, "twice/b-2.rdb");
    fs.copyFileSync(file, join(folder, "b-1.rdb"));
    const target = await servers.start({ secret: password });
    const ending = await run([folder, ...at(target)]);
    expect(ending.output).toMatch(/a key exists on the target already .*BUSYKEY/);
    expect(ending.output).toContain("stopped in the middle");
    expect(ending.code).toBe(1);
    expect(String(await target.ask("GET", "string"))).toBe("text");
  });

  test("keeps the keys that somebody else writes meanwhile, and does not advise to delete them", async () => {
    const target = await servers.start({ secret: password });
    const { child, closed } = start([file, ...at(target)]);
    // After the look at the target, and before the copying.
    await says(child, "loading");
    await target.ask("SET", "theirs", "x");
    const ending = await closed;
    expect(ending.output).toContain("all 3017 keys were copied, but the target holds 3018");
    expect(ending.output).not.toContain("FLUSHALL");
    expect(ending.code).toBe(1);
    expect(String(await target.ask("GET", "theirs"))).toBe("x");
    expectNothingLeft();
  });

  test("says that a target which is too small threw keys away", async () => {
    const target = await servers.start({ secret: password });
    const info = String(await target.ask("INFO", "memory"));
    const used = Number(/used_memory:(\d+)/.exec(info)?.[1]);
    await target.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
    await target.ask("CONFIG", "SET", "maxmemory", String(used + 400_000));
    const ending = await run([file, ...at(target)]);
    expect(ending.output).toMatch(/3017 keys were copied, and the target threw \d+ keys away: /);
    expect(ending.output).not.toContain("FLUSHALL");
    expect(ending.code).toBe(1);
  });

  test.each([
    ["a wrong password", { REDISCLI_AUTH: "canary" }, "refuses the password"],
    ["no password", { REDISCLI_AUTH: "" }, "wants a password"],
    ["a password that was forgotten", {}, "REDISCLI_AUTH is not set"],
  ])("says so: %s", async (_, env, message) => {
    const target = await servers.start({ secret: password });
    const ending = await run([file, ...at(target)], { ...env });
    expect(ending.output).toContain(message);
    expect(ending.code).not.toBe(0);
    expect(await target.ask("DBSIZE")).toBe(0);
  });

  test("says so: nobody answers, the file is damaged, RESTORE is forbidden", async () => {
    const nobody = await run([file, "127.0.0.1", String(await freePort())]);
    expect(nobody.output).toContain("does not answer");
    const target = await servers.start({ secret: password });
    const damaged = join(root, "damaged.rdb");
    fs.writeFileSync(damaged, fs.readFileSync(file).subarray(0, 2000));
    const cut = await run([damaged, ...at(target)]);
    expect(cut.output).toContain("can't load");
    expect(cut.code).toBe(1);
    const managed = await servers.start({ secret: password, config: 'rename-command RESTORE ""' });
    const forbidden = await run([file, ...at(managed), "--dry-run"]);
    expect(forbidden.output).toMatch(/does not let us RESTORE: ERR unknown command .RESTORE/);
    expect(forbidden.code).toBe(1);
    expect(await target.ask("DBSIZE")).toBe(0);
  });

  test("names the RDB version of an older target", async () => {
    // Answers as Redis 3.2 does, which takes RDB version 7.
    const old = createServer((socket) => {
      socket.on("data", (chunk) => {
        const command = chunk.toString("latin1");
        if (command.includes("INFO")) socket.write("$20\r\nredis_version:3.2.13\r\n");
        else if ((chunk[chunk.indexOf(0xfa) + 1] ?? 0) > 7 && chunk.includes(0xfa))
          socket.write("-ERR DUMP payload version or checksum are wrong\r\n");
        else if (command.includes("RESTORE")) socket.write("-ERR Bad data format\r\n");
        else socket.write("+OK\r\n");
      });
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(old, "listening");
    const ending = await run([file, "127.0.0.1", String((old.address() as AddressInfo).port)]);
    old.close();
    expect(ending.output).toMatch(
      /is Redis 3\.2\.13 and takes RDB version 7 at most.*REDIS_SERVER/,
    );
    expect(ending.code).toBe(1);
  });

  test("ends its server and removes its files when it is ended in the middle", async () => {
    const target = await servers.start({ secret: password });
    const small = await servers.start();
    await small.ask("SET", "key", "x");
    const { child, closed } = start([await servers.rdbOf(small, "small.rdb"), ...at(target)]);
    await says(child, "loading");
    target.child.kill("SIGSTOP"); // so that the copying hangs
    const replied = () =>
      fs.readdirSync(scratch).some((name) => fs.existsSync(join(scratch, name, "reply")));
    while (!replied()) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGTERM");
    const ending = await closed;
    target.child.kill("SIGCONT");
    expect(ending.code).toBe(143);
    expect(ending.output).toContain("stopped in the middle");
    expectNothingLeft();
  });

  test("brings the shards of a cluster into the nodes that own the slots", async () => {
    const nodes = await cluster;
    const [first, second] = nodes;
    const shards = await Promise.all([servers.start(), servers.start()]);
    const wanted = new Map<string, { value: string; ttl: number }>();
    for (const [i, shard] of shards.entries()) {
      const fill = `for i = 1, 500 do redis.call('SET', 'shard ${i}:' .. i, i) end`;
      await shard.ask("EVAL", fill, "0");
      await shard.ask("SET", `{tag ${i}}.a`, "x");
      await shard.ask("SET", `{}.${i}`, "x");
      await servers.rdbOf(shard, `shards/${i}.rdb`);
      for (const [key, value] of await contents(shard, ["0"])) wanted.set(key, value);
    }
    const folder = join(root, "shards");
    const without = await run([folder, ...at(first)]);
    expect(without.output).toContain("add --cluster");
    const elsewhere = await run([file, ...at(first), "--cluster"]);
    expect(elsewhere.output).toContain("holds keys in database 3, a Redis Cluster has only 0");

    const ending = await run([folder, ...at(first), "--cluster"]);
    expect(ending.output).toContain("restored: 1004 keys copied, the target holds 1004");
    expect(ending.code).toBe(0);
    const got = await Promise.all(nodes.map((node) => contents(node, ["0"])));
    expect(new Map([...(got[0] ?? []), ...(got[1] ?? [])])).toEqual(wanted);
    expect(Math.min(...got.map((keys) => keys.size))).toBeGreaterThan(300);

    // A key in one node is enough to refuse.
    await first.ask("FLUSHALL");
    const again = await run([folder, ...at(first), "--cluster"]);
    expect(again.output).toContain(`holds keys already (127.0.0.1:${second.port}`);
    expect(await first.ask("DBSIZE")).toBe(0);
  });
});
