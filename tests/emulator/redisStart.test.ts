import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator, type InstanceOrder } from "../../emulator";
import { findRedisCli, findRedisServer } from "../../emulator/redis/findRedisPrograms";
import { RedisServers } from "../../emulator/redis/redisServers";
import { describeOnLinuxWithRedis, RedisEmulator, until } from "./redisEmulator";
import { VirtualEmulator } from "./virtualEmulator";

jest.setTimeout(20_000);

const PATH = process.env["PATH"];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-start-"));
});
afterEach(() => {
  process.env["PATH"] = PATH;
  rmSync(folder, { recursive: true, force: true });
});

/** A program for PATH. */
function program(name: string, script = "exit 3"): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o700);
  return file;
}

describe("the program to run", () => {
  test("redis-server comes before valkey-server, and a named one before both", () => {
    expect(findRedisServer(undefined, folder)).toBeUndefined();
    const valkey = program("valkey-server");
    expect(findRedisServer(undefined, `/nowhere:${folder}`)).toBe(valkey);
    const redis = program("redis-server");
    expect(findRedisServer(undefined, folder)).toBe(redis);
    expect(findRedisServer("valkey-server", folder)).toBe(valkey);
    expect(findRedisServer(valkey, "")).toBe(valkey);
  });

  test("what can't be run is none", () => {
    writeFileSync(join(folder, "redis-server"), "", { mode: 0o600 });
    expect(findRedisServer(undefined, folder)).toBeUndefined();
    expect(findRedisServer(folder, folder)).toBeUndefined();
  });

  test("redis-cli is the one beside the server, else one on PATH", () => {
    const [elsewhere, server] = [join(folder, "elsewhere"), join(folder, "redis-server")];
    mkdirSync(elsewhere);
    expect(findRedisCli(server, elsewhere)).toBeUndefined();
    const onPath = program("elsewhere/redis-cli");
    expect(findRedisCli(server, elsewhere)).toBe(onPath);
    const valkey = program("valkey-cli");
    expect(findRedisCli(server, elsewhere)).toBe(valkey);
    const redis = program("redis-cli");
    expect(findRedisCli(server, elsewhere)).toBe(redis);
    expect(findRedisCli(join(folder, "valkey-server"), elsewhere)).toBe(valkey);
  });

  test("a server without a redis-cli is refused where it is named, else the emulator runs without", async () => {
    process.env["PATH"] = folder;
    const command = program("redis-server");
    await expect(startEmulator({ redis: { command } })).rejects.toThrow(
      /no redis-cli .*beside .*redis-server or on PATH\. Debian/,
    );
    const redis = await RedisEmulator.start();
    try {
      expect(redis.lines.join("\n")).toMatch(/no redis-cli .*: instances run without servers/);
      expect(redis.emulator.redisCommand).toBeUndefined();
    } finally {
      await redis.emulator.close();
    }
  });

  test("where there is none, the log says how to install one, and the emulator runs without", async () => {
    process.env["PATH"] = folder;
    const redis = await RedisEmulator.start();
    try {
      expect(redis.lines.join("\n")).toMatch(/no redis-server[\s\S]*apt-get install redis-server/);
      expect(redis.lines.join("\n")).toMatch(/brew install redis[\s\S]*dnf install/);
      expect(redis.emulator.redisCommand).toBeUndefined();
      const { Status, IP, InstanceUuid } = await redis.running();
      expect([Status, IP]).toEqual(["RUNNING", expect.stringMatching(/^10\./)]);
      expect(await redis.backedUp(InstanceUuid)).toMatchObject([{ BackupSize: "18" }]);
    } finally {
      await redis.emulator.close();
    }
  });

  test("a named one that is not there is refused, as is a state file", async () => {
    const command = join(folder, "none");
    await expect(startEmulator({ redis: { command } })).rejects.toThrow(/no program.*none/);
    const stateFile = join(folder, "state.json");
    await expect(startEmulator({ redis: true, stateFile })).rejects.toThrow(
      /exclude each other: a password is never written to a file/,
    );
    expect(existsSync(stateFile)).toBe(false);
  });

  test("one that ends at once makes the delivery fail, with its last words but no configuration", async () => {
    const script = `while read -r line; do echo ">>> $line"; last=$line; done; echo "no license"; exit 3`;
    program("redis-cli");
    const redis = await RedisEmulator.start({ redis: { command: program("redis", script) } });
    try {
      expect((await redis.running()).Status).toBe("ERROR");
      expect(redis.lines.join("\n")).toMatch(
        /redis-server could not start: it ended with exit code 3: no license, instance/,
      );
      expect(redis.lines.join("\n")).not.toContain("\\x");
    } finally {
      await redis.emulator.close();
    }
  });
});

describeOnLinuxWithRedis("what other users of the machine see", () => {
  test("no command line of redis-cli holds a password", async () => {
    const [server = "", cli = ""] = [findRedisServer(undefined), findRedisCli("redis-server")];
    const seen = join(folder, "seen");
    symlinkSync(server, join(folder, "redis-server"));
    program("redis-cli", `echo "$0 $@" >> ${seen}; exec ${cli} "$@"`);
    const redis = await RedisEmulator.start({ redis: { command: join(folder, "redis-server") } });
    try {
      const instance = await redis.running();
      expect(instance.Status).toBe("RUNNING");
      await redis.backedUp(instance.InstanceUuid);
      const lines = readFileSync(seen, "utf8");
      for (const word of ["PING", "BGSAVE", "INFO persistence"]) expect(lines).toContain(word);
      expect(lines).not.toContain("canary");
    } finally {
      await redis.emulator.close();
    }
  });
});

describeOnLinuxWithRedis("where there is one loopback address", () => {
  let servers: RedisServers;
  let lines: string[];
  let emulator: VirtualEmulator;
  let taken: Server | undefined;
  beforeEach(() => {
    lines = [];
    const server = findRedisServer(undefined) ?? "";
    servers = new RedisServers({
      programs: { server, cli: findRedisCli(server) ?? "" },
      log: (line) => lines.push(line),
      now: Date.now,
      platform: "darwin",
    });
    emulator = new VirtualEmulator({ deliverySeconds: 0 }, { servers });
  });
  afterEach(async () => {
    await servers.close();
    taken?.close();
  });

  test("a port in use makes the delivery fail, and the log tells to order with another", async () => {
    taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken?.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const uuid = emulator.runningInstance({ ServicePort: port } as object);
    await until(() => emulator.store.findInstance(uuid)?.status === "ERROR");
    expect(lines.at(-1)).toContain(
      `could not start: port ${port} of 127.0.0.1 is in use: order with another port, instance ${uuid}`,
    );
  });

  test("an instance is at 127.0.0.1", async () => {
    const uuid = emulator.runningInstance({ ServicePort: 23_457 } as object);
    await until(() => emulator.store.findInstance(uuid)?.status === "RUNNING");
    expect(emulator.store.findInstance(uuid)).toMatchObject({ ip: "127.0.0.1", port: 23_457 });
    expect(servers.pids).toHaveLength(1);
  });

  test("an order without a password, as only the store takes it, gets no open server", () => {
    emulator.runningInstance({ ServicePort: 23_459 } as object);
    const [record] = emulator.store.snapshot().instances;
    const order = { ...record, isCluster: false, port: 23_460 } as unknown as InstanceOrder;
    const [uuid = ""] = emulator.store.createInstances(order, 1);
    expect(emulator.store.findInstance(uuid)?.status).toBe("ERROR");
    expect(lines.at(-1)).toContain("the order has no password");
    expect(servers.pids).toHaveLength(1);
  });

  test("a password that redis-cli can't show gets no server, and is not repeated", () => {
    const uuid = emulator.runningInstance({
      ServicePort: 23_461,
      Password: "canary-with-\0-inside",
    } as object);
    expect(emulator.store.findInstance(uuid)?.status).toBe("ERROR");
    expect(lines.at(-1)).toContain("the password has a NUL character");
    expect(lines.join("\n")).not.toContain("canary");
  });

  test("a deletion behind the API's back ends the server as well", async () => {
    const uuid = emulator.runningInstance({ ServicePort: 23_458 } as object);
    emulator.store.removeInstance(uuid);
    await until(() => servers.pids.length === 0);
  });
});
