// scripts/restore.sh against real redis-server processes on this machine's loopback.
import { RESP_TYPES, createClient } from "@redis/client";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeWithRedis } from "../describeWithRedis";

const script = join(__dirname, "../../scripts/restore.sh");
const password = "canary pä界 \"q\" 'r' \\s\\x41 $HOME `x` #%*";

// Seconds alone; more where other tests have the processors.
jest.setTimeout(60_000);

interface Redis {
  port: number;
  folder: string;
  child: ChildProcess;
  /** Sends a command; strings of the answer are Buffers. */
  ask: (...command: (string | Buffer)[]) => Promise<unknown>;
  end: () => Promise<void>;
}

let root = "";
/** Where the script may leave nothing. */
let scratch: string;
/** To be ended after the test, and after all tests. */
const running: Redis[] = [];
const lasting: Redis[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  // The bus of a cluster's node listens 10,000 above.
  return port > 55_000 ? freePort() : port;
}

const says = (child: ChildProcess, words: string) =>
  new Promise<void>((resolve) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      if ((output += chunk.toString()).includes(words)) resolve();
    });
  });

async function startRedis({ secret = "", config = "", lasts = false } = {}): Promise<Redis> {
  const port = await freePort();
  const folder = fs.mkdtempSync(join(root, "redis-"));
  const child = spawn("redis-server", ["-"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`port ${port}\nbind 127.0.0.1\nsave ""\n${config}\n`);
  await says(child, "Ready to accept connections");
  const client = createClient({
    RESP: 2,
    socket: { host: "127.0.0.1", port, reconnectStrategy: false },
  });
  client.on("error", () => undefined);
  await client.connect();
  const bytes = client.withTypeMapping({
    [RESP_TYPES.BLOB_STRING]: Buffer,
  });
  const ask = (...command: (string | Buffer)[]): Promise<unknown> => bytes.sendCommand(command);
  const end = async () => {
    client.destroy();
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  const redis = { port, folder, child, ask, end };
  (lasts ? lasting : running).push(redis);
  if (secret !== "") await protect(redis, secret);
  return redis;
}

async function protect({ ask }: Redis, secret: string) {
  await ask("CONFIG", "SET", "requirepass", secret);
  await ask("AUTH", secret);
}

/** The RDB file of all that a server holds. */
async function rdbOf(redis: Redis, name: string): Promise<string> {
  await redis.ask("SAVE");
  const file = join(root, name);
  fs.mkdirSync(join(file, ".."), { recursive: true });
  fs.copyFileSync(join(redis.folder, "dump.rdb"), file);
  return file;
}

/** Each key as it is written in hex, with its value, whatever its type, and the time it has left. */
async function contents(redis: Redis, databases = ["0", "3"]) {
  const found = new Map<string, { value: string; ttl: number }>();
  for (const database of databases) {
    if (database !== "0") await redis.ask("SELECT", database);
    const read = async (key: Buffer) => {
      const type = String(await redis.ask("TYPE", key));
      const value = await readValue(redis, type, key);
      const ttl = Number(await redis.ask("PTTL", key));
      found.set(`${database} ${type} ${key.toString("hex")}`, { value, ttl });
    };
    await Promise.all(((await redis.ask("KEYS", "*")) as Buffer[]).map(read));
    if (database !== "0") await redis.ask("SELECT", "0");
  }
  return found;
}

/** DUMP has all there is of a value, but a table of hashes has another order in each process. */
async function readValue(redis: Redis, type: string, key: Buffer): Promise<string> {
  const hex = async (...command: (string | Buffer)[]) =>
    ((await redis.ask(...command)) as Buffer[]).map((item) => item.toString("hex"));
  if (type === "set") return (await hex("SMEMBERS", key)).sort().join();
  if (type !== "hash") return ((await redis.ask("DUMP", key)) as Buffer).toString("hex");
  const all = await hex("HGETALL", key);
  const fields = all.flatMap((name, i) => (i % 2 === 0 ? [`${name}=${all[i + 1] ?? ""}`] : []));
  return fields.sort().join();
}

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

async function startCluster(): Promise<[Redis, Redis]> {
  const node = () => startRedis({ config: "cluster-enabled yes", lasts: true });
  const nodes: [Redis, Redis] = [await node(), await node()];
  const slots = Array.from({ length: 16_384 }, (_, i) => i);
  // Owners in turns of 1,000, so that a node has several ranges.
  const ownedBy = (node: number) => slots.filter((slot) => Math.floor(slot / 1000) % 2 === node);
  for (const [i, node] of nodes.entries()) {
    await node.ask("CLUSTER", "ADDSLOTS", ...ownedBy(i).map(String));
    await node.ask("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
    await protect(node, password);
  }
  await nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", String(nodes[1].port));
  const state = async (node: Redis) => String(await node.ask("CLUSTER", "INFO"));
  while (!(await Promise.all(nodes.map(state))).every((info) => info.includes("state:ok"))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return nodes;
}

const at = (redis: Redis) => ["127.0.0.1", String(redis.port)];

describeWithRedis("scripts/restore.sh", () => {
  let source: Redis;
  let file: string;
  /** Started first and awaited last: nodes take seconds to agree. */
  let cluster: Promise<[Redis, Redis]>;

  beforeAll(async () => {
    root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "restore-test-")));
    scratch = join(root, "scratch");
    fs.mkdirSync(scratch);
    cluster = startCluster();
    source = await startRedis({ lasts: true });
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
    file = await rdbOf(source, "b-1.rdb");
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((redis) => redis.end()));
  });
  afterAll(async () => {
    await Promise.all(lasting.splice(0).map((redis) => redis.end()));
    if (root !== "") fs.rmSync(root, { recursive: true });
  });

  test("brings every type, database and time to live into an empty target", async () => {
    const target = await startRedis({ secret: password });
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
    const short = await startRedis();
    await short.ask("SET", "stays", "x");
    await short.ask("SET", "gone", "x", "PX", "50");
    const expiring = await rdbOf(short, "expiring.rdb");
    await short.ask("FLUSHALL");
    await new Promise((resolve) => setTimeout(resolve, 60));
    const target = await startRedis({ secret: password });
    expect((await run([expiring, ...at(target)])).output).toContain("restored: 1 keys copied");
    expect(await target.ask("DBSIZE")).toBe(1);
  });

  test("a dry run tells what there is and changes nothing", async () => {
    const target = await startRedis({ secret: password });
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
    const target = await startRedis({ secret: password });
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
    const other = await startRedis();
    await other.ask("SET", "string", "another value");
    await rdbOf(other, "twice/b-2.rdb");
    fs.copyFileSync(file, join(folder, "b-1.rdb"));
    const target = await startRedis({ secret: password });
    const ending = await run([folder, ...at(target)]);
    expect(ending.output).toMatch(/a key exists on the target already .*BUSYKEY/);
    expect(ending.output).toContain("stopped in the middle");
    expect(ending.code).toBe(1);
    expect(String(await target.ask("GET", "string"))).toBe("text");
  });

  test.each([
    ["a wrong password", { REDISCLI_AUTH: "canary" }, "refuses the password"],
    ["no password", { REDISCLI_AUTH: "" }, "wants a password"],
    ["a password that was forgotten", {}, "REDISCLI_AUTH is not set"],
  ])("says so: %s", async (_, env, message) => {
    const target = await startRedis({ secret: password });
    const ending = await run([file, ...at(target)], { ...env });
    expect(ending.output).toContain(message);
    expect(ending.code).not.toBe(0);
    expect(await target.ask("DBSIZE")).toBe(0);
  });

  test("says so: nobody answers, the file is damaged, RESTORE is forbidden", async () => {
    const nobody = await run([file, "127.0.0.1", String(await freePort())]);
    expect(nobody.output).toContain("does not answer");
    const target = await startRedis({ secret: password });
    const damaged = join(root, "damaged.rdb");
    fs.writeFileSync(damaged, fs.readFileSync(file).subarray(0, 2000));
    const cut = await run([damaged, ...at(target)]);
    expect(cut.output).toContain("can't load");
    expect(cut.code).toBe(1);
    const managed = await startRedis({ secret: password, config: 'rename-command RESTORE ""' });
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
    const target = await startRedis({ secret: password });
    const small = await startRedis();
    await small.ask("SET", "key", "x");
    const { child, closed } = start([await rdbOf(small, "small.rdb"), ...at(target)]);
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
    const shards = await Promise.all([startRedis(), startRedis()]);
    const wanted = new Map<string, { value: string; ttl: number }>();
    for (const [i, shard] of shards.entries()) {
      const fill = `for i = 1, 500 do redis.call('SET', 'shard ${i}:' .. i, i) end`;
      await shard.ask("EVAL", fill, "0");
      await shard.ask("SET", `{tag ${i}}.a`, "x");
      await shard.ask("SET", `{}.${i}`, "x");
      await rdbOf(shard, `shards/${i}.rdb`);
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
