import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@redis/client";
import type { EmulatorOptions } from "../../emulator";
import {
  describeOnLinuxWithRedis,
  isRunning,
  PASSWORD,
  RedisEmulator,
  traces,
  until,
  type Instance,
} from "./redisEmulator";

jest.setTimeout(20_000);

let redis: RedisEmulator;
const start = async (options?: EmulatorOptions): Promise<RedisEmulator> =>
  (redis = await RedisEmulator.start(options));
/** Runs commands against an instance as its own user would. */
async function as<T>(
  { IP, Port }: Instance,
  password: string,
  use: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({
    socket: { host: IP, port: Port, reconnectStrategy: false },
    password,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

describeOnLinuxWithRedis("an instance with a real server", () => {
  afterEach(async () => {
    await redis.emulator.close();
  });

  test("order, connect, write, back up, download, delete", async () => {
    await start({ deliverySeconds: 0.3 });
    const uuid = redis.order();
    expect(redis.instance(uuid)).toMatchObject({ Status: "CREATING", IP: "" });
    await until(() => redis.instance(uuid).Status === "RUNNING");
    const instance = redis.instance(uuid);
    expect(instance).toMatchObject({ IP: expect.stringMatching(/^127\./) as string, Port: 9736 });
    await as(instance, PASSWORD, async (client) => {
      expect(await client.ping()).toBe("PONG");
      expect(await client.configGet("maxmemory")).toEqual({ maxmemory: String(1024 ** 3) });
      await client.set("canary-key", "kept");
    });
    const [backup] = await redis.backedUp(uuid);
    expect(backup).toMatchObject({ Status: "finished" });
    const url = redis.downloadUrl(uuid, backup);
    const file = Buffer.from(await (await fetch(url)).arrayBuffer()).toString("latin1");
    expect(file).toMatch(/^REDIS\d{4}/);
    expect(file).toContain("canary-key");
    expect(backup?.["BackupSize"]).toBe(String(file.length));
    const [pid = 0] = redis.pids(uuid);
    expect(isRunning(pid)).toBe(true);
    const folder = redis.folder();
    expect(redis.call("DeleteDBInstance", { InstanceUuid: uuid }).Code).toBe("Success");
    // Nobody asks the API in between.
    await until(() => !isRunning(pid));
    expect((await fetch(url)).status).toBe(404);
    expect(readdirSync(`${folder}/backups`)).toEqual([]);
    await until(() => !existsSync(`${folder}/${uuid}`));
    expect(redis.lines.join("\n")).toMatch(/redis-server ended on 127\.[\d.]+:9736, instance/);
  });

  test("RUNNING waits for the delivery time too", async () => {
    await start({ deliverySeconds: 0.6 });
    const uuid = redis.order();
    await until(() => redis.lines.some((line) => line.includes("started on")));
    await pause(300);
    expect(redis.instance(uuid).Status).toBe("CREATING");
    await until(() => redis.instance(uuid).Status === "RUNNING");
  });

  test("refuses another password, and none", async () => {
    const instance = await (await start()).running();
    await expect(as(instance, "wrong", (client) => client.ping())).rejects.toThrow(/WRONGPASS/);
    await expect(as(instance, "", (client) => client.ping())).rejects.toThrow(/NOAUTH/);
  });

  test("two instances have the same port and their own data", async () => {
    await start();
    const uuids = [redis.order({ ServicePort: 7777 }), redis.order({ ServicePort: 7777 })];
    await until(() => uuids.every((uuid) => redis.instance(uuid).Status === "RUNNING"));
    const [one, other] = uuids.map((uuid) => redis.instance(uuid)) as [Instance, Instance];
    expect([one.Port, other.Port]).toEqual([7777, 7777]);
    expect(one.IP).not.toBe(other.IP);
    await as(one, PASSWORD, (client) => client.set("key", "one"));
    expect(await as(other, PASSWORD, (client) => client.get("key"))).toBeNull();
  });

  test("a server that is killed shows as ERROR, is told in the log, and can be deleted", async () => {
    const instance = await (await start()).running();
    const uuid = instance.InstanceUuid;
    process.kill(redis.pids()[0] ?? 0, "SIGKILL");
    await until(() => redis.instance(uuid).Status !== "RUNNING");
    expect(redis.instance(uuid)).toMatchObject({ Status: "ERROR", StatusStr: "异常" });
    expect(redis.lines.join("\n")).toMatch(/is gone: it ended by SIGKILL, instance/);
    expect(redis.call("CreateBackup", { InstanceUuid: uuid }).Code).toBe("ResourceInUse");
    expect(redis.call("DeleteDBInstance", { InstanceUuid: uuid }).Code).toBe("Success");
  });

  test("a BGSAVE that fails shows as failed, and the backup can be deleted", async () => {
    const { InstanceUuid } = await (await start()).running();
    // What is no folder can't be written to, also not by root.
    const folder = `${redis.folder()}/${InstanceUuid}/0`;
    rmSync(folder, { recursive: true });
    const [backup] = await redis.backedUp(InstanceUuid);
    expect(backup).toMatchObject({ Status: "failed", BackupSize: "0", EndTime: "" });
    expect(redis.lines.join("\n")).toMatch(/redis-server: no backup .*: BGSAVE failed/);
    const BackupId = backup?.["BackupId"];
    expect(redis.call("DownloadBackup", { InstanceUuid, BackupId }).Code).toBe("ResourceInUse");
    expect(redis.call("DeleteBackup", { InstanceUuid, BackupId }).Code).toBe("Success");
    mkdirSync(folder);
  });

  test("a deleted backup's file goes, and the instance stays", async () => {
    const { InstanceUuid } = await (await start()).running();
    const [backup] = await redis.backedUp(InstanceUuid);
    const files = `${redis.folder()}/backups`;
    expect(readdirSync(files)).toEqual([`${backup?.["BackupId"] ?? ""}.rdb`]);
    redis.call("DeleteBackup", { InstanceUuid, BackupId: backup?.["BackupId"] });
    await until(() => readdirSync(files).length === 0);
    expect(redis.instance(InstanceUuid).Status).toBe("RUNNING");
  });

  test("close() ends all servers, also those that start, and removes their folder", async () => {
    await start();
    await redis.running({ Amount: 2 });
    const folder = redis.folder();
    redis.order();
    const pids = redis.pids();
    expect(pids).toHaveLength(3);
    expect(pids.every(isRunning)).toBe(true);
    await redis.emulator.close();
    expect(pids.some(isRunning)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  test("the password is in no log, no argument, no environment and no file", async () => {
    const Password = "canary-password-2";
    const { InstanceUuid } = await (await start()).running({ Password });
    await redis.backedUp(InstanceUuid);
    const seen = [
      traces(redis.pids(), redis.folder()),
      redis.lines.join("\n"),
      JSON.stringify([redis.emulator.store.snapshot(), redis.emulator.requests]),
    ];
    const encoded = Buffer.from(Password).toString("hex").replace(/../g, "\\x$&");
    expect(seen.filter((text) => text.length < 20)).toEqual([]);
    for (const text of seen) {
      expect(text).not.toContain(Password);
      expect(text).not.toContain(encoded);
    }
  });

  test("a server sees nothing of this process's environment", async () => {
    process.env["CANARY_OF_TEST"] = "canary-environment";
    await (await start()).running();
    delete process.env["CANARY_OF_TEST"];
    expect(traces(redis.pids(), redis.folder())).not.toContain("canary-environment");
  });
});
