import { request } from "node:http";
import { startEmulator, type Emulator } from "../../emulator";
import { BACKUP_FILE } from "../../emulator/backupFile";
import { byteRange } from "../../emulator/byteRange";
import { DownloadLinks } from "../../emulator/downloadLinks";
import { SeededRandom } from "../../emulator/random";

describe("what a Range header asks for", () => {
  test.each([
    ["bytes=0-", { start: 0, length: 100 }],
    ["bytes=30-", { start: 30, length: 70 }],
    ["bytes=99-", { start: 99, length: 1 }],
    ["bytes=30-39", { start: 30, length: 10 }],
    ["bytes=30-30", { start: 30, length: 1 }],
    ["bytes=30-5000", { start: 30, length: 70 }],
    ["bytes=-10", { start: 90, length: 10 }],
    ["bytes=-5000", { start: 0, length: 100 }],
    ["Bytes=1-2 ", { start: 1, length: 2 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=100-200", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=40-30", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1,5-6", undefined],
    ["lines=0-1", undefined],
    ["bytes=a-b", undefined],
    [undefined, undefined],
  ])("%j of 100 bytes", (header, expected) => {
    expect(byteRange(header, 100)).toEqual(expected);
  });

  test("an empty file has no part", () => {
    expect(byteRange("bytes=0-", 0)).toBe("unsatisfiable");
  });
});

describe("a download", () => {
  let emulator: Emulator;
  let url: string;
  let backupId: string;
  beforeEach(async () => {
    emulator = await startEmulator({ deliverySeconds: 0 });
    const [uuid = ""] = emulator.store.createInstances(
      {
        ...{ instanceName: "cache", regionId: "r", displayName: "r", vdcId: "v", vdcName: "v" },
        ...{ basePipeId: "p", paasGoodsId: 1, ramGb: 1, version: "5.0", subProductName: "s" },
        ...{ isCluster: false, linkType: "l", linkName: "l", port: 6379 },
      },
      1,
    );
    backupId = emulator.store.createBackup(uuid, "")[0] ?? "";
    const { accessKeySecret } = emulator;
    const links = new DownloadLinks(accessKeySecret, new SeededRandom("links"), () => emulator.url);
    url = links.url(backupId, Date.now());
  });
  afterEach(async () => {
    await emulator.close();
  });

  const get = async (
    headers: Record<string, string> = {},
    method = "GET",
  ): Promise<{ status: number; headers: Headers; body: Buffer }> => {
    const answer = await fetch(url, { headers, method });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, body };
  };

  test("tells its length, its ETag and that it takes ranges", async () => {
    const { status, headers, body } = await get();
    expect([status, headers.get("content-length")]).toEqual([200, "18"]);
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("etag")).toBe(`"${backupId}"`);
    expect(headers.get("content-range")).toBeNull();
    expect(body).toEqual(BACKUP_FILE);
  });

  test("goes on where another one ended", async () => {
    const { status, headers, body } = await get({ Range: "bytes=5-" });
    expect([status, headers.get("content-length")]).toEqual([206, "13"]);
    expect(headers.get("content-range")).toBe("bytes 5-17/18");
    expect(body).toEqual(BACKUP_FILE.subarray(5));
    expect((await get({ Range: "bytes=5-8" })).body).toEqual(BACKUP_FILE.subarray(5, 9));
    expect(emulator.requests.at(-1)).toMatchObject({ action: "BackupFile", status: 206 });
  });

  test("behind the end is 416, with the size", async () => {
    const { status, headers, body } = await get({ Range: "bytes=18-" });
    expect([status, headers.get("content-range"), body.length]).toEqual([416, "bytes */18", 0]);
  });

  test("If-Range with the ETag goes on, with anything else it starts again", async () => {
    const status = async (ifRange: string): Promise<number> =>
      (await get({ Range: "bytes=5-", "If-Range": ifRange })).status;
    expect(await status(`"${backupId}"`)).toBe(206);
    for (const other of ['"another"', `W/"${backupId}"`, new Date().toUTCString()]) {
      expect(await status(other)).toBe(200);
    }
  });

  test("HEAD tells the length without a body, whatever range it names", async () => {
    const { status, headers, body } = await get({ Range: "bytes=5-" }, "HEAD");
    expect([status, headers.get("content-length"), body.length]).toEqual([200, "18", 0]);
    expect(headers.get("etag")).toBe(`"${backupId}"`);
  });

  test("a refusal has no range", async () => {
    url = url.slice(0, -1);
    const { status, headers } = await get({ Range: "bytes=5-" });
    expect([status, headers.get("accept-ranges")]).toEqual([403, null]);
  });

  test.each(["before", "after"] as const)(
    "truncated %s: half of the file, and half of a part is a part",
    async (when) => {
      const bytes = (headers: Record<string, string>): Promise<[number, Buffer]> =>
        new Promise((resolve) => {
          request(url, { headers }, (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("error", () => {
              resolve([answer.statusCode ?? 0, Buffer.concat(chunks)]);
            });
          }).end();
        });
      emulator.faults.add({ kind: "truncated", action: "BackupFile", times: 2, when });
      expect(await bytes({})).toEqual([200, BACKUP_FILE.subarray(0, 9)]);
      expect(await bytes({ Range: "bytes=9-" })).toEqual([206, BACKUP_FILE.subarray(9, 13)]);
      expect((await get({ Range: "bytes=13-" })).body).toEqual(BACKUP_FILE.subarray(13));
    },
  );
});
