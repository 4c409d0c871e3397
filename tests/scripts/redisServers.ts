import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { RESP_TYPES, createClient } from "@redis/client";

/** A redis-server on this machine's loopback. */
export interface Redis {
  port: number;
  folder: string;
  child: ChildProcess;
  /** Sends a command; strings of the answer are Buffers. */
  ask: (...command: (string | Buffer)[]) => Promise<unknown>;
  end: () => Promise<void>;
}

/** The servers of a test file, each in a folder of its own. */
export class RedisServers {
  readonly #root: string;
  /** To be ended after a test, and after all tests. */
  readonly #running: Redis[] = [];
  readonly #lasting: Redis[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  async start({ secret = "", config = "", lasts = false } = {}): Promise<Redis> {
    const { port, folder, child } = await this.#listening(config);
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
    (lasts ? this.#lasting : this.#running).push(redis);
    if (secret !== "") await protect(redis, secret);
    return redis;
  }

  /** Two nodes, whose slots lie in several ranges each. */
  async startCluster(secret: string): Promise<[Redis, Redis]> {
    const node = () => this.start({ config: "cluster-enabled yes", lasts: true });
    const nodes: [Redis, Redis] = [await node(), await node()];
    const slots = Array.from({ length: 16_384 }, (_, i) => i);
    // Owners in turns of 1,000, so that a node has several ranges.
    const ownedBy = (node: number) => slots.filter((slot) => Math.floor(slot / 1000) % 2 === node);
    for (const [i, node] of nodes.entries()) {
      await node.ask("CLUSTER", "ADDSLOTS", ...ownedBy(i).map(String));
      await node.ask("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
      await protect(node, secret);
    }
    await nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", String(nodes[1].port));
    const state = async (node: Redis) => String(await node.ask("CLUSTER", "INFO"));
    while (!(await Promise.all(nodes.map(state))).every((info) => info.includes("state:ok"))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return nodes;
  }

  /** The RDB file of all that a server holds. */
  async rdbOf(redis: Redis, name: string): Promise<string> {
    await redis.ask("SAVE");
    const file = join(this.#root, name);
    fs.mkdirSync(join(file, ".."), { recursive: true });
    fs.copyFileSync(join(redis.folder, "dump.rdb"), file);
    return file;
  }

  /** Ends those that were not to last. */
  async end(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((redis) => redis.end()));
  }

  async endAll(): Promise<void> {
    await this.end();
    await Promise.all(this.#lasting.splice(0).map((redis) => redis.end()));
  }

  /** Another process may take a free port before the server does: it is tried with another one then. */
  async #listening(config: string): Promise<Pick<Redis, "port" | "folder" | "child">> {
    for (;;) {
      const port = await freePort();
      const folder = fs.mkdtempSync(join(this.#root, "redis-"));
      const child = spawn("redis-server", ["-"], {
        cwd: folder,
        stdio: ["pipe", "pipe", "inherit"],
      });
      child.stdin.end(`port ${port}\nbind 127.0.0.1\nsave ""\n${config}\n`);
      const ended = once(child, "exit").then(() => false);
      if (await Promise.race([says(child, "Ready to accept connections"), ended]))
        return { port, folder, child };
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  // The bus of a cluster's node listens 10,000 above.
  return port > 55_000 ? freePort() : port;
}

/** Waits until it has printed these words. */
export const says = (child: ChildProcess, words: string) =>
  new Promise<true>((resolve) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      if ((output += chunk.toString()).includes(words)) resolve(true);
    });
  });

async function protect({ ask }: Redis, secret: string) {
  await ask("CONFIG", "SET", "requirepass", secret);
  await ask("AUTH", secret);
}

/** Each key as it is written in hex, with its value, whatever its type, and the time it has left. */
export async function contents(redis: Redis, databases = ["0", "3"]) {
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
