import { createHash } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";

import { startEmulator } from "../../../emulator";
import { CdsClient } from "../../../provider/vendor/client";
import { BackupDownloadError } from "../../../provider/vendor/errors";
import { FileVendor, ID } from "./fileVendor";
import { fileOfSize, rdbFile } from "./rdbBuilder";
import { SETTING_NAMES } from "../../settingNames";

const NAME = `${ID}.rdb`;
const PART = `${ID}.rdb.part`;
let vendor: FileVendor;
beforeEach(async () => {
  vendor = await new FileVendor().start();
  vendor.file = fileOfSize(200_000);
});
afterEach(() => {
  jest.restoreAllMocks();
  return vendor.close();
});

describe("a download", () => {
  test("gives the file its name when it is proven, and tells what it is", async () => {
    const files = await vendor.fetch();
    expect(files).toEqual([
      {
        backupId: ID,
        shardId: "",
        path: vendor.path(NAME),
        sizeBytes: vendor.file.length,
        sha256: createHash("sha256").update(vendor.file).digest("hex"),
        rdbVersion: 11,
        redisVersion: "7.2.4",
        trailingBytes: 0,
        checksum: "verified",
      },
    ]);
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
    expect(vendor.names()).toEqual([NAME, "backup.json"]);
    expect(statSync(vendor.path(NAME)).mode & 0o777).toBe(0o600);
    expect(vendor.progress.at(-1)).toEqual({
      ...{ backupId: ID, shardId: "", receivedBytes: vendor.file.length },
      totalBytes: vendor.file.length,
    });
    const [first] = vendor.requests;
    expect([first?.range, first?.ifRange]).toEqual([undefined, undefined]);
  });

  test("of all shards writes a file for each, and what is which", async () => {
    const entries = ["one", "two"].map((name) => ({
      backupId: name,
      shardId: `shard-${name}`,
      sizeBytes: 0,
    }));
    const folder = vendor.path("new/folder");
    const files = await vendor.fetch({ entries, folder });
    expect(files.map(({ path }) => path)).toEqual([`${folder}/one.rdb`, `${folder}/two.rdb`]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const manifest: unknown = JSON.parse(vendor.read("new/folder/backup.json").toString());
    expect(manifest).toEqual({
      instanceId: "instance-1",
      entries: files.map(({ path, ...rest }) => ({ ...rest, file: path.replace(/.*\//, "") })),
    });
  });

  test("makes its folder, also by a path that goes up", async () => {
    const [file] = await vendor.fetch({ folder: `${vendor.folder}/new/../other` });
    expect(file?.path).toBe(vendor.path(`other/${NAME}`));
    expect(vendor.read(`other/${NAME}`).equals(vendor.file)).toBe(true);
  });

  test("takes the intranet URL when it was asked for", async () => {
    await vendor.fetch({ intranet: true });
    expect(vendor.requests.map(({ url }) => url)).toEqual([expect.stringMatching(/-intranet$/)]);
  });

  test("keeps a file that is there and whole, without asking for it", async () => {
    const first = await vendor.fetch();
    expect(await vendor.fetch()).toEqual(first);
    expect([vendor.requests.length, vendor.urlsGiven]).toEqual([1, 1]);
  });

  test.each([
    ["that is not whole", (file: Buffer) => file.subarray(0, -1)],
    ["of another size than the vendor tells", () => fileOfSize(100)],
  ])("fetches a file anew %s", async (_, there) => {
    writeFileSync(vendor.path(NAME), there(vendor.file));
    await vendor.fetch();
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
  });

  test("of another size than the vendor tells is taken when the checksum proves it, and kept later", async () => {
    const entries = [{ backupId: ID, shardId: "", sizeBytes: 12_345 }];
    const [first] = await vendor.fetch({ entries });
    expect(first).toMatchObject({ sizeBytes: vendor.file.length, checksum: "verified" });
    await vendor.fetch({ entries });
    expect(vendor.requests).toHaveLength(1);
  });

  test("without a checksum has to be of the size that the vendor tells", async () => {
    vendor.file = fileOfSize(1000, { checksum: "none" });
    expect(await vendor.fetch()).toMatchObject([{ checksum: "not checked" }]);
    const entries = [{ backupId: ID, shardId: "", sizeBytes: vendor.file.length - 1 }];
    const error = await vendor.failure({ entries, folder: vendor.path("other") });
    expect(error.message).toMatch("no checksum to prove it");
    expect(statSync(vendor.path("other/backup-1.rdb"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("without a checksum is taken by its length when the vendor tells no size, and kept later", async () => {
    vendor.file = fileOfSize(1000, { checksum: "none" });
    const entries = [{ backupId: ID, shardId: "", sizeBytes: 0 }];
    const first = await vendor.fetch({ entries });
    expect(first).toMatchObject([{ checksum: "not checked" }]);
    expect(await vendor.fetch({ entries })).toEqual(first);
    expect(vendor.requests).toHaveLength(1);
    vendor.script.push(vendor.withoutLength);
    const error = await vendor.failure({ entries, folder: vendor.path("other") });
    expect(error.message).toMatch(
      `no checksum to prove it, and its size is ${vendor.file.length} bytes where the vendor tells none`,
    );
  });

  test("may be of a newer Redis, and have bytes behind its checksum, which are counted", async () => {
    const padding = Buffer.alloc(500);
    vendor.file = Buffer.concat([fileOfSize(100_000, { header: "VALKEY099" }), padding]);
    const facts = { rdbVersion: 99, trailingBytes: 500, checksum: "verified" };
    expect(await vendor.fetch()).toMatchObject([facts]);
    const manifest: unknown = JSON.parse(vendor.read("backup.json").toString());
    expect(manifest).toMatchObject({ entries: [facts] });
    await vendor.fetch();
    expect(vendor.requests).toHaveLength(1);
  });

  test("keeps what release 0.1.0 downloaded, by the hash in its manifest", async () => {
    writeFileSync(vendor.path(NAME), vendor.file);
    const sha256 = createHash("sha256").update(vendor.file).digest("hex");
    const old = { file: NAME, backupId: ID, shardId: "", sizeBytes: vendor.file.length, sha256 };
    writeFileSync(
      vendor.path("backup.json"),
      JSON.stringify({
        instanceId: "instance-1",
        entries: [
          { ...old, rdbVersion: 11, redisVersion: "7.2.4", keys: 40, checksum: "verified" },
        ],
      }),
    );
    const entries = [{ backupId: ID, shardId: "", sizeBytes: 12_345 }];
    expect(await vendor.fetch({ entries })).toMatchObject([{ sha256, checksum: "verified" }]);
    expect(vendor.requests).toEqual([]);
    expect(vendor.read("backup.json").toString()).not.toContain("keys");
  });

  test("without a checksum is put together from several answers only if an ETag ties them", async () => {
    vendor.file = fileOfSize(200_000, { checksum: "none" });
    vendor.script.push(vendor.dropAfter(70_000));
    await vendor.fetch();
    expect(vendor.requests.map(({ range }) => range)).toEqual([undefined, "bytes=70000-"]);
    const untied = async (): Promise<void> => {
      const { message } = await vendor.failure();
      expect(message).toMatch("no checksum to prove that its parts belong together");
      expect(vendor.names()).toEqual(["backup.json"]);
      vendor.requests.length = 0;
      expect(await vendor.fetch()).toMatchObject([{ checksum: "not checked" }]);
      expect(vendor.requests.map(({ range }) => range)).toEqual([undefined]);
      expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
    };
    for (const left of [vendor.file.subarray(0, 150_000), vendor.file]) {
      rmSync(vendor.path(NAME));
      writeFileSync(vendor.path(PART), left);
      await untied();
    }
    rmSync(vendor.path(NAME));
    vendor.etag = undefined;
    vendor.script.push(vendor.dropAfter(70_000));
    await untied();
  });

  test("without a length is taken when the file itself is at its end", async () => {
    vendor.script.push(vendor.withoutLength);
    expect(await vendor.fetch()).toMatchObject([{ checksum: "verified" }]);
  });

  test("works against the emulator", async () => {
    const emulator = await startEmulator({
      deliverySeconds: 0,
      backupSeconds: 0,
      deleteSeconds: 0,
    });
    try {
      const client = new CdsClient({
        settingNames: SETTING_NAMES,
        endpoint: emulator.url,
        credentials: {
          accessKeyId: emulator.accessKeyId,
          accessKeySecret: emulator.accessKeySecret,
        },
      });
      const { instanceId, backupId } = await backupInEmulator(client);
      const entries = [{ backupId, shardId: "", sizeBytes: 0 }];
      expect(await vendor.fetch({ client, instanceId, entries })).toMatchObject([{ backupId }]);
    } finally {
      await emulator.close();
    }
  });
});

async function backupInEmulator(
  client: CdsClient,
): Promise<{ instanceId: string; backupId: string }> {
  const { createInstance } = await import("../../../provider/vendor/actions/instances.js");
  const { createBackup, describeBackups } =
    await import("../../../provider/vendor/actions/backups.js");
  const request = {
    ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", instanceName: "cache" },
    ...{ paasGoodsId: 8063, password: "Canary_1234" },
  };
  const [instanceId = ""] = await createInstance(client, request, 30_000);
  await createBackup(client, instanceId, "", 30_000);
  const [entry] = await describeBackups(client, instanceId);
  return { instanceId, backupId: entry?.backupId ?? "" };
}

test("a download that isn't gone on with later leaves nothing when it fails", async () => {
  for (let tries = 0; tries < 20; tries += 1)
    vendor.script.push((_request, response) => {
      response.writeHead(200, { "Content-Length": vendor.file.length });
      response.end(vendor.file.subarray(0, 5_000));
    });
  const folder = vendor.path("final");
  const failed = await vendor
    .fetch({ folder, isResumable: false })
    .catch((error: unknown) => String(error));
  expect(failed).toContain("was not downloaded");
  expect(failed).not.toContain("it goes on where it stopped");
  expect(vendor.names()).toEqual([]);
});

describe("a download goes on where it stopped", () => {
  test("within a run, with the rest of the same file only", async () => {
    vendor.script.push(vendor.dropAfter(70_000), vendor.dropAfter(50_000));
    await vendor.fetch();
    expect(vendor.requests.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      ["bytes=70000-", '"v1"'],
      ["bytes=120000-", '"v1"'],
    ]);
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
  });

  test("in a later run", async () => {
    writeFileSync(vendor.path(PART), vendor.file.subarray(0, 150_000));
    await vendor.fetch();
    expect(vendor.requests).toMatchObject([{ range: "bytes=150000-" }]);
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
  });

  test("when only the name was missing", async () => {
    writeFileSync(vendor.path(PART), vendor.file);
    await vendor.fetch();
    expect(vendor.requests).toMatchObject([{ range: `bytes=${vendor.file.length}-` }]);
    expect(vendor.names()).toEqual([NAME, "backup.json"]);
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
  });

  test("from the start when the server knows no ranges", async () => {
    writeFileSync(vendor.path(PART), vendor.file.subarray(0, 150_000));
    vendor.script.push((_, response) =>
      response.writeHead(200, { "Content-Length": vendor.file.length }).end(vendor.file),
    );
    await vendor.fetch();
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
  });

  test("from the start when the file is another one by now", async () => {
    const other = fileOfSize(150_000, { redisVersion: "7.2.5" });
    vendor.script.push(vendor.dropAfter(70_000), (request, response) => {
      [vendor.file, vendor.etag] = [other, '"v2"'];
      vendor.whole(request, response);
    });
    await vendor.fetch();
    expect(vendor.read(NAME).equals(other)).toBe(true);
  });

  test.each([
    [
      "is of another file",
      () => fileOfSize(100_000, { redisVersion: "7.0.0" }).subarray(0, 60_000),
    ],
    ["is no RDB file", () => Buffer.from("<html>")],
    [
      "is longer than the file",
      (file: Buffer) => Buffer.concat([file.subarray(0, -9), Buffer.alloc(500)]),
    ],
    [
      "was altered",
      (file: Buffer) =>
        Buffer.concat([file.subarray(0, 9000), Buffer.from("x"), file.subarray(9001, 50_000)]),
    ],
  ])(
    "never, when what was there %s: it is removed, and the next run starts anew",
    async (_, there) => {
      writeFileSync(vendor.path(PART), there(vendor.file));
      const { message } = await vendor.failure();
      expect(message).toMatch(
        /no whole backup: .*Nothing is kept of it. Run the same command again/,
      );
      expect(vendor.names()).toEqual([]);
      await vendor.fetch();
      expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
      expect(vendor.requests.map(({ range }) => range)).toEqual([expect.any(String), undefined]);
    },
  );

  test.each([
    [5, "sends another part than asked for"],
    [0, "sends another part than asked for"],
    [100_001, "sends another part than asked for"],
  ])("never with the part from byte %i, which was not asked for", async (start, words) => {
    writeFileSync(vendor.path(PART), vendor.file.subarray(0, 100_000));
    vendor.script.push((_, response) => {
      const { length } = vendor.file;
      response
        .writeHead(206, { "Content-Range": `bytes ${start}-${length - 1}/${length}` })
        .end(vendor.file.subarray(start));
    });
    expect((await vendor.failure()).message).toMatch(words);
    expect(vendor.names()).toEqual([]);
  });

  test("never with the rest of a file that changed", async () => {
    vendor.script.push(vendor.dropAfter(70_000), (_, response) => {
      const { length } = vendor.file;
      response
        .writeHead(206, { "Content-Range": `bytes 70000-${length - 1}/${length}`, ETag: '"v2"' })
        .end(vendor.file.subarray(70_000));
    });
    expect((await vendor.failure()).message).toMatch("the file changed at the server");
    expect([vendor.requests.length, vendor.names()]).toEqual([2, []]);
  });

  test("and bytes behind the checksum may be among what is there", async () => {
    writeFileSync(vendor.path(PART), Buffer.concat([vendor.file, Buffer.from("x")]));
    expect(await vendor.fetch()).toMatchObject([{ checksum: "verified", trailingBytes: 1 }]);
  });
});

describe("nothing is downloaded, and no URL asked for", () => {
  test.each(["../evil", ".hidden", "a/b", "", "a\\b", "a b", "x".repeat(201)])(
    "for the BackupId %j",
    async (backupId) => {
      const error = await vendor.failure({ entries: [{ backupId, shardId: "", sizeBytes: 1 }] });
      expect(error).toBeInstanceOf(BackupDownloadError);
      expect(error.message).toMatch(`the BackupId ${JSON.stringify(backupId)} can't name a file`);
      expect([vendor.urlsGiven, vendor.names()]).toEqual([0, []]);
    },
  );

  test("for two entries of one name, which is told as the vendor writes it", async () => {
    const entries = ["Backup-A", "BACKUP-a"].map((backupId) => ({
      ...{ backupId, shardId: "", sizeBytes: 1 },
    }));
    expect((await vendor.failure({ entries })).message).toBe(
      'the BackupId "BACKUP-a" names two files of the backup: nothing was downloaded. Ask the vendor\'s support.',
    );
  });

  test("for the same BackupId twice, or nothing", async () => {
    const entry = { backupId: "a", shardId: "", sizeBytes: 1 };
    for (const entries of [[entry, { ...entry, backupId: "A" }], []])
      expect(await vendor.failure({ entries })).toBeInstanceOf(BackupDownloadError);
    expect(vendor.urlsGiven).toBe(0);
  });

  test("into the folder of another backup, or of something else", async () => {
    await vendor.fetch();
    const entries = [{ backupId: "another", shardId: "", sizeBytes: 0 }];
    expect((await vendor.failure({ entries })).message).toMatch(
      "is of another backup: name another folder",
    );
    writeFileSync(vendor.path("backup.json"), "[]");
    expect((await vendor.failure()).message).toMatch("is of something else");
  });

  test("into what is no folder, or over a folder", async () => {
    writeFileSync(vendor.path("file"), "");
    expect((await vendor.failure({ folder: vendor.path("file") })).message).toMatch(
      "is a file where a folder is needed",
    );
    mkdirSync(vendor.path(NAME));
    expect((await vendor.failure()).message).toMatch("EISDIR");
  });
});

describe("a cancelled download ends at once", () => {
  const controller = (): AbortController & { fetch: (more?: object) => Promise<Error> } => {
    const abort = new AbortController();
    const fetch = (more: object = {}): Promise<Error> =>
      vendor.failure({ signal: abort.signal, stallMs: 60_000, ...more });
    return Object.assign(abort, { fetch });
  };
  const CANCELLED = /^the download into .* was cancelled\./;

  test("in the middle of the file, which a later run continues", async () => {
    const abort = controller();
    vendor.script.push(vendor.stallAfter(90_000));
    const error = await abort.fetch({
      onProgress: ({ receivedBytes }: { receivedBytes: number }) => {
        if (receivedBytes === 90_000) abort.abort();
      },
    });
    expect(error).toBeInstanceOf(BackupDownloadError);
    expect(error.message).toMatch(CANCELLED);
    expect(error.message).toMatch("Run the same command again: it goes on where it stopped.");
    expect(vendor.names()).toEqual([PART]);
    await vendor.fetch();
    expect(vendor.requests.map(({ range }) => range)).toEqual([undefined, "bytes=90000-"]);
  });

  test("before the server answers, and before the vendor gives a URL", async () => {
    const abort = controller();
    vendor.script.push(() => {
      abort.abort();
    });
    expect((await abort.fetch()).message).toMatch(CANCELLED);
    const another = controller();
    const client = vendor.client();
    jest.spyOn(client, "read").mockImplementation(() => {
      another.abort();
      return new Promise(() => undefined);
    });
    expect((await another.fetch({ client })).message).toMatch(CANCELLED);
  });

  test("in the pause between two tries", async () => {
    const abort = controller();
    vendor.script.push((request, response) => {
      request.socket.on("close", () => {
        abort.abort();
      });
      response.writeHead(500).end();
    });
    expect((await abort.fetch({ firstDelayMs: 600_000 })).message).toMatch(CANCELLED);
    expect(vendor.requests).toHaveLength(1);
  });

  test("before it begins", async () => {
    writeFileSync(vendor.path(PART), vendor.file.subarray(0, 1000));
    const abort = controller();
    abort.abort();
    expect((await abort.fetch()).message).toMatch(CANCELLED);
    expect([vendor.urlsGiven, vendor.requests]).toEqual([0, []]);
    expect(vendor.read(PART)).toHaveLength(1000);
  });

  test("and leaves nothing when no later run continues it", async () => {
    const abort = controller();
    vendor.script.push(vendor.stallAfter(90_000));
    const error = await abort.fetch({
      folder: vendor.path("final"),
      isResumable: false,
      onProgress: () => {
        abort.abort();
      },
    });
    expect(error.message).toMatch(/was cancelled\.$/);
    expect(vendor.names()).toEqual([]);
  });
});

test("an error of the disk names the file and leaves what was received", async () => {
  vendor.script.push(vendor.dropAfter(70_000), (request, response) => {
    // The rename is what fails.
    mkdirSync(vendor.path(NAME));
    vendor.whole(request, response);
  });
  const error = await vendor.failure();
  expect(error.message).toMatch(`${PART} can't be used: EISDIR`);
  expect(vendor.read(PART).equals(vendor.file)).toBe(true);
});

test("an empty file, a page, or a file cut off at the server is refused, and nothing kept of it", async () => {
  for (const [file, words] of [
    [Buffer.alloc(0), "not an RDB file"],
    [Buffer.from("<html>not here</html>"), "not an RDB file"],
    [vendor.file.subarray(0, 100_000), "cut off or altered: its 100000 bytes"],
    [
      Buffer.concat([rdbFile([], { checksum: "none" }), Buffer.from("\n")]),
      "do not end with an end mark",
    ],
  ] as const) {
    vendor.file = file;
    expect((await vendor.failure()).message).toMatch(words);
    expect(vendor.names()).toEqual([]);
  }
});
