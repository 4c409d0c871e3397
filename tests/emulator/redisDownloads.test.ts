import { randomBytes } from "node:crypto";
import { get } from "node:http";
import type { FaultKind } from "../../emulator";
import { asClient, describeOnLinuxWithRedis, RedisEmulator } from "./redisEmulator";

jest.setTimeout(20_000);

interface Got {
  readonly status: number;
  readonly body: Buffer;
  readonly isWhole: boolean;
}

describeOnLinuxWithRedis("the file that BGSAVE wrote", () => {
  let redis: RedisEmulator;
  let url: string;
  let uuid: string;
  let size: number;
  beforeAll(async () => {
    redis = await RedisEmulator.start();
    const instance = await redis.running();
    uuid = instance.InstanceUuid;
    const values = Array.from({ length: 40 }, () => randomBytes(50_000).toString("hex"));
    await asClient(instance, async (client) => {
      for (const [index, value] of values.entries()) await client.set(`key-${index}`, value);
    });
    const [backup] = await redis.backedUp(uuid);
    size = Number(backup?.["BackupSize"]);
    url = redis.downloadUrl(uuid, backup);
  });
  afterAll(async () => {
    await redis.emulator.close();
  });

  const download = (headers: Record<string, string> = {}): Promise<Got> =>
    new Promise((resolve, reject) => {
      get(url, { headers }, (answer) => {
        const chunks: Buffer[] = [];
        const end = (isWhole: boolean) => (): void => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks), isWhole });
        };
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", end(false));
        answer.on("end", end(true));
      }).on("error", reject);
    });

  test("comes whole, in the size that was told", async () => {
    const { status, body, isWhole } = await download();
    expect([status, body.length, isWhole]).toEqual([200, size, true]);
    expect(size).toBeGreaterThan(2_000_000);
    expect(body.subarray(0, 5).toString()).toBe("REDIS");
  });

  test("comes in parts that make the whole", async () => {
    const [first, second] = await Promise.all([
      download({ Range: "bytes=0-999999" }),
      download({ Range: "bytes=1000000-" }),
    ]);
    expect([first.status, second.status]).toEqual([206, 206]);
    expect(Buffer.concat([first.body, second.body]).equals((await download()).body)).toBe(true);
  });

  test("a cut download can be gone on with", async () => {
    redis.emulator.faults.add({ kind: "truncated", action: "BackupFile" });
    const cut = await download();
    expect([cut.status, cut.body.length, cut.isWhole]).toEqual([200, Math.floor(size / 2), false]);
    const rest = await download({ Range: `bytes=${cut.body.length}-` });
    expect(Buffer.concat([cut.body, rest.body]).equals((await download()).body)).toBe(true);
  });

  test("huge: spaces, then the file", async () => {
    redis.emulator.faults.add({ kind: "huge", action: "BackupFile" });
    const { body } = await download();
    expect(body.length).toBe(9 * 1024 * 1024 + size);
    expect(body.subarray(9 * 1024 * 1024, 9 * 1024 * 1024 + 5).toString()).toBe("REDIS");
  });

  test.each<[FaultKind, number]>([
    ["http-503", 503],
    ["empty-body", 200],
  ])("%s", async (kind, status) => {
    redis.emulator.faults.add({ kind, action: "BackupFile", when: "after" });
    const got = await download();
    expect(got.status).toBe(status);
    expect(got.body.length).toBeLessThan(200);
    expect((await download()).body.length).toBe(size);
  });

  test("slow: one byte of it", async () => {
    redis.emulator.faults.add({ kind: "slow", action: "BackupFile" });
    const byte = await new Promise<Buffer>((resolve) => {
      const call = get(url, (answer) => {
        answer.on("error", () => undefined);
        answer.on("data", (chunk: Buffer) => {
          resolve(chunk);
          call.destroy();
        });
      });
    });
    expect(byte.toString()).toBe("R");
  });

  test("HEAD tells the size alone", async () => {
    const answer = await fetch(url, { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-length")]).toEqual([200, String(size)]);
    expect(await answer.text()).toBe("");
  });

  test("a backup that takes longer than its time ends when its file is there", async () => {
    // With a time of 0 s, BGSAVE is always late.
    const [backup] = await redis.backedUp(uuid);
    const { startedAt, finishedAt } = redis.emulator.store.backups(uuid)[0] ?? {};
    expect(backup?.["Status"]).toBe("finished");
    expect((finishedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThan(5);
  });

  test("a later backup leaves an earlier one as it was", async () => {
    const before = (await download()).body;
    await asClient(redis.instance(uuid), (client) => client.flushAll());
    const later = (await redis.backedUp(uuid)).at(-1);
    expect(Number(later?.["BackupSize"])).toBeLessThan(1000);
    expect((await download()).body.equals(before)).toBe(true);
  });
});
