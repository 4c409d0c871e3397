import * as promises from "node:fs/promises";

import { BackupDownloadError } from "../../../provider/vendor/errors";
import { now, signalAt } from "../../../provider/time";
import { CANARY, FileVendor, ID, status } from "./fileVendor";
import { fileOfSize } from "./rdbBuilder";

const NAME = `${ID}.rdb`;
const PART = `${ID}.rdb.part`;
let vendor: FileVendor;
beforeEach(async () => {
  vendor = await new FileVendor().start();
  vendor.file = fileOfSize(200_000);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await vendor.close();
});

describe("what passes is waited for", () => {
  test("connections that break, as long as each brings a byte", async () => {
    for (let count = 0; count < 12; count++) vendor.script.push(vendor.dropAfter(1000));
    await vendor.fetch();
    expect(vendor.requests).toHaveLength(13);
  });

  test("a server that says nothing, or stops in the middle", async () => {
    vendor.script.push(() => undefined, vendor.stallAfter(90_000), vendor.stallAfter(0));
    await vendor.fetch({ stallMs: 500 });
    expect(vendor.requests.map(({ range }) => range)).toEqual([
      ...[undefined, undefined, "bytes=90000-", "bytes=90000-"],
    ]);
  });

  test.each([500, 502, 503, 408, 429])("HTTP %i, four times", async (code) => {
    vendor.script.push(...Array.from({ length: 4 }, () => status(code)));
    await vendor.fetch();
    expect(vendor.requests).toHaveLength(5);
  });

  test.each([403, 404, 410, 401, 400])(
    "an expired URL (HTTP %i), with a fresh one",
    async (code) => {
      vendor.script.push(vendor.dropAfter(50_000), status(code), status(code));
      await vendor.fetch();
      expect(vendor.requests.map(({ url }) => url.at(-1))).toEqual(["1", "2", "3", "4"]);
      expect(vendor.requests.at(-1)?.range).toBe("bytes=50000-");
    },
  );
});

test("the debug log has a line for each try, without the URL", async () => {
  let printed = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  process.env["CDS_LOG"] = "debug";
  try {
    vendor.script.push(status(503));
    await vendor.fetch();
  } finally {
    delete process.env["CDS_LOG"];
  }
  const tries = printed.split("\n").filter((line) => line.includes("action=BackupFile"));
  expect(tries).toEqual([
    expect.stringMatching(/ status=503 code=- taskId=- ms=\d+ attempt=1$/),
    expect.stringMatching(/ status=200 code=- taskId=- ms=\d+ attempt=2$/),
  ]);
  expect(printed).not.toMatch(/https?:/);
  expect(printed).not.toContain(CANARY);
});

describe("what doesn't pass is an error that says how to go on", () => {
  test("five tries in a row without a new byte", async () => {
    vendor.script.push(
      vendor.dropAfter(60_000),
      ...Array.from({ length: 9 }, () => vendor.dropAfter(0)),
    );
    const { message } = await vendor.failure();
    expect(message).toMatch(
      `backup backup-1 was not downloaded to ${vendor.folder}: 5 tries in a row`,
    );
    expect(message).toMatch("Run the same command again: it goes on where it stopped.");
    expect(vendor.requests).toHaveLength(6);
    expect(vendor.names()).toEqual([PART]);
    vendor.script.length = 0;
    await vendor.fetch();
    expect(vendor.requests.at(-1)?.range).toBe("bytes=60000-");
  });

  test.each([
    ["that says nothing", () => undefined, "timed out after 0.5 s while waiting for the answer"],
    ["that stops in the middle", () => vendor.stallAfter(0), "no byte for 0.5 s"],
  ])("a server %s, five times", async (_, handler, words) => {
    vendor.script.push(...Array.from({ length: 5 }, () => handler() ?? (() => undefined)));
    expect((await vendor.failure({ stallMs: 500 })).message).toMatch(`the last one: ${words}`);
    expect(vendor.requests).toHaveLength(5);
  });

  test("a server without ranges that always breaks at the same byte", async () => {
    const { length } = vendor.file;
    for (let count = 0; count < 20; count++)
      vendor.script.push((_, response) => {
        response.writeHead(200, { "Content-Length": length });
        response.write(vendor.file.subarray(0, 5000), () =>
          setTimeout(() => response.destroy(), 3),
        );
      });
    expect((await vendor.failure()).message).toMatch("5 tries in a row");
    expect(vendor.requests).toHaveLength(6);
  });

  test("a URL that stays refused, after five fresh ones", async () => {
    vendor.script.push(...Array.from({ length: 20 }, () => status(403)));
    expect((await vendor.failure()).message).toMatch(
      "the last one: the server answers with HTTP 403.",
    );
    expect([vendor.requests.length, vendor.urlsGiven]).toEqual([5, 5]);
  });

  test.each([301, 302, 303, 307, 308])(
    "a redirect (HTTP %i), which is not followed",
    async (code) => {
      vendor.script.push(
        status(code, { Location: `${vendor.url}/files/elsewhere?token=${CANARY}` }),
      );
      const error = await vendor.failure();
      expect(error).toBeInstanceOf(BackupDownloadError);
      expect(error.message).toMatch(
        `the server answers with HTTP ${code} instead of the file. Redirects are not followed.`,
      );
      expect(vendor.requests).toHaveLength(1);
    },
  );

  test.each([
    [204, {}, "HTTP 204"],
    [200, { "Content-Encoding": "gzip" }, "not an RDB file"],
    [206, {}, "sends another part"],
    [418, {}, "HTTP 418"],
  ])("HTTP %i with %j", async (code, headers, words) => {
    vendor.script.push(status(code, headers));
    expect((await vendor.failure()).message).toMatch(words);
    expect([vendor.requests.length, vendor.names().includes(NAME)]).toEqual([1, false]);
  });

  test("a file that is whole but not the same twice proves nothing", async () => {
    const altered = Buffer.from(vendor.file);
    altered[100_000] = (altered[100_000] ?? 0) ^ 1;
    vendor.file = altered;
    vendor.script.push(vendor.dropAfter(70_000));
    expect((await vendor.failure()).message).toMatch(/no whole backup: .*Nothing is kept of it/);
    expect(vendor.requests.map(({ range }) => range)).toEqual([undefined, "bytes=70000-"]);
    expect(vendor.names()).toEqual([]);
  });

  test("an endless file without a length", async () => {
    const entries = [{ backupId: ID, shardId: "", sizeBytes: 1 }];
    const key = Buffer.concat([
      Buffer.from([0, 1, 107, 0x80, 0, 0x10, 0, 0]),
      Buffer.alloc(1024 * 1024),
    ]);
    vendor.script.push((_, response) => {
      response.write("REDIS0011");
      const more = (): void => {
        while (!response.destroyed && response.write(key));
      };
      response.on("drain", more);
      more();
    });
    const error = await vendor.failure({ entries });
    expect(error.message).toMatch(
      `more than ${64 * 1024 * 1024 + 2} bytes, where the vendor tells 1`,
    );
    expect(vendor.names()).toEqual([]);
  });

  test("a full disk in the middle, and what was received is kept", async () => {
    const { open } = promises;
    jest
      .spyOn(jest.requireActual<typeof promises>("node:fs/promises"), "open")
      .mockImplementation(async (...given) => {
        const file = await open(...given);
        if (!String(given[0]).endsWith(".part")) return file;
        let writes = 0;
        const append = file.appendFile.bind(file);
        Object.assign(file, {
          appendFile: (bytes: Uint8Array) =>
            writes++ < 1
              ? append(bytes)
              : Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
        });
        return file;
      });
    expect((await vendor.failure()).message).toMatch(
      /\.part can't be written: the disk is full\. Make room there/,
    );
    expect(vendor.names()).toEqual([PART]);
    expect(vendor.read(PART).length).toBeGreaterThan(0);
  });

  test("a time that is over: in the middle, in a pause, and before it begins", async () => {
    for (const [handler, left] of [
      [vendor.stallAfter(50_000), 100],
      [status(500), 100],
      [status(500), -1],
    ] as const) {
      vendor.script.push(handler);
      const options = { signal: signalAt(now() + left), stallMs: 60_000, firstDelayMs: 60_000 };
      const error = await vendor.failure(options);
      expect(error.message).toMatch("took longer than the time given. Run the same command again");
      expect(error).toMatchObject({ isLate: true });
    }
    expect(vendor.read(PART)).toHaveLength(50_000);
    expect(vendor.requests).toHaveLength(2);
  });

  test("an answer about another backup, or without a URL", async () => {
    vendor.answer = { BackupId: "another" };
    expect((await vendor.failure()).message).toMatch("about another backup than backup-1");
    vendor.answer = { BackupDownloadUrl: "" };
    expect((await vendor.failure()).message).toMatch(
      `backup backup-1 was not downloaded to ${vendor.folder}: the vendor gives no download URL`,
    );
    vendor.answer = { BackupIntranetDownloadUrl: null };
    expect((await vendor.failure({ intranet: true })).message).toMatch(
      "gives no intranet download URL",
    );
  });

  test("a server that is not there", async () => {
    vendor.answer = { BackupDownloadUrl: `http://127.0.0.1:1/?token=${CANARY}` };
    expect((await vendor.failure()).message).toMatch("no connection (ECONNREFUSED)");
  });
});
