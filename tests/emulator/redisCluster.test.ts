import { createCluster } from "@redis/client";
import { existsSync } from "node:fs";
import {
  asClient,
  describeOnLinuxWithRedis,
  isRunning,
  PASSWORD,
  RedisEmulator,
  traces,
  TWO_SHARDS,
  until,
  type Instance,
} from "./redisEmulator";

jest.setTimeout(20_000);

describeOnLinuxWithRedis("a cluster with real servers", () => {
  let redis: RedisEmulator;
  let instance: Instance;
  // It takes seconds to be one, so all tests have the same.
  beforeAll(async () => {
    redis = await RedisEmulator.start();
    instance = await redis.running({ PaasGoodsId: TWO_SHARDS });
  });
  afterAll(async () => {
    await redis.emulator.close();
  });

  test("runs when all of its nodes agree: each has half of the slots and of the memory", async () => {
    expect(instance.Status).toBe("RUNNING");
    expect(redis.pids()).toHaveLength(2);
    const ask = (...words: string[]): Promise<unknown> =>
      asClient(instance, (client) => client.sendCommand(words));
    const info = await ask("CLUSTER", "INFO");
    expect(info).toContain("cluster_state:ok");
    expect(info).toContain("cluster_slots_assigned:16384");
    const slots = (await ask("CLUSTER", "SLOTS")) as [number, number, [string]][];
    expect(slots.map(([first, last]) => [first, last]).sort()).toEqual([
      [0, 8191],
      [8192, 16383],
    ]);
    const memory = await ask("CONFIG", "GET", "maxmemory");
    expect(memory).toEqual({ maxmemory: String((8 * 1024 ** 3) / 2) });
    const seen = traces(redis.pids(), redis.folder()) + redis.lines.join("\n");
    expect(seen).toContain("[cluster]");
    expect(seen).not.toContain(PASSWORD);
    expect(seen).not.toContain(Buffer.from(PASSWORD).toString("latin1"));
  });

  test("a client finds all shards from its address, and keys of all come into one RDB file each", async () => {
    const { IP, Port, InstanceUuid } = instance;
    const cluster = createCluster({
      rootNodes: [{ socket: { host: IP, port: Port } }],
      defaults: { password: PASSWORD },
    });
    await cluster.connect();
    // By Redis's own hash: slot 12182 for foo, 5061 for bar.
    await cluster.set("foo", "second shard");
    await cluster.set("bar", "first shard");
    expect(new Set(cluster.masters.map(({ host }) => host)).size).toBe(2);
    expect(cluster.masters.map(({ port }) => port)).toEqual([Port, Port]);
    expect(await cluster.get("foo")).toBe("second shard");
    cluster.destroy();

    const backups = await redis.backedUp(InstanceUuid);
    expect(backups.map(({ Status }) => Status)).toEqual(["finished", "finished"]);
    const { shardIds } = redis.emulator.store.instances()[0] ?? { shardIds: [] };
    expect(backups.map(({ ShardId }) => ShardId)).toEqual(shardIds);
    const files = await Promise.all(
      backups.map(async (backup) => {
        const answer = await fetch(redis.downloadUrl(InstanceUuid, backup));
        return Buffer.from(await answer.arrayBuffer()).toString("latin1");
      }),
    );
    expect(files.map((file) => /^REDIS\d{4}/.test(file))).toEqual([true, true]);
    expect(files.map((file) => [file.includes("foo"), file.includes("bar")])).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  test("without one of its shards it is no cluster: ERROR, and the other ends; delete clears up", async () => {
    const [first = 0, second = 0] = redis.pids();
    const folder = `${redis.folder()}/${instance.InstanceUuid}`;
    process.kill(second, "SIGKILL");
    await until(() => redis.instance(instance.InstanceUuid).Status === "ERROR");
    await until(() => !isRunning(first));
    redis.call("DeleteDBInstance", { InstanceUuid: instance.InstanceUuid });
    await until(() => !existsSync(folder));
    expect(redis.lines.filter((line) => line.includes(" ended on "))).toHaveLength(1);
  });
});
