import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { RdbError, verifyRdbFile, type RdbFacts } from "../../../provider/download/rdb";
import { bytes, fileOfSize, noise, rdbFile, text, type FileShape } from "./rdbBuilder";

/** What is looked at to find the end, and what is read at once. */
const [TAIL, PIECE] = [64 * 1024, 1024 * 1024];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-rdb-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function check(file: Uint8Array): Promise<RdbFacts> {
  writeFileSync(join(folder, "file.rdb"), file);
  return verifyRdbFile(join(folder, "file.rdb"));
}

async function problem(file: Uint8Array): Promise<RdbError> {
  const failed: unknown = await check(file).catch((error: unknown) => error);
  if (failed instanceof RdbError) return failed;
  throw new Error("it was taken for whole", { cause: failed });
}

const SMALL = rdbFile([0, text("key"), text("value with an end mark \xff in it")]);

describe("a whole file", () => {
  test("tells its version, server, size and hash", async () => {
    expect(await check(SMALL)).toEqual({
      rdbVersion: 11,
      redisVersion: "7.2.4",
      sizeBytes: SMALL.length,
      trailingBytes: 0,
      checksum: "verified",
      sha256: createHash("sha256").update(SMALL).digest("hex"),
    });
  });

  test.each<[string, number]>([
    ["REDIS0005", 5],
    ["REDIS0012", 12],
    ["REDIS0013", 13],
    ["REDIS9999", 9999],
    ["VALKEY080", 80],
    ["VALKEY123", 123],
  ])("may be of any version: %s", async (header, rdbVersion) => {
    const file = rdbFile([243, "an opcode of the future"], { header });
    expect(await check(file)).toMatchObject({ rdbVersion, checksum: "verified" });
  });

  test.each<[string, FileShape, string | undefined]>([
    ["of Redis", { redisVersion: "255.0.1" }, "255.0.1"],
    ["of Valkey 8", { redisVersion: "8.1.0", versionField: "valkey-ver" }, "8.1.0"],
    [
      "of Valkey 9",
      { header: "VALKEY080", redisVersion: "9.0.0-rc1", versionField: "valkey-ver" },
      "9.0.0-rc1",
    ],
    ["of 63 characters", { redisVersion: "1".repeat(63) }, "1".repeat(63)],
    ["that is missing", { redisVersion: "" }, undefined],
    ["of 64 characters", { redisVersion: "1".repeat(64) }, undefined],
    ["that would colour a terminal", { redisVersion: "7.0\u001b[31m" }, undefined],
    ["in another field", { versionField: "other-ver" }, undefined],
  ])("tells the version of its server: %s", async (_, shape, redisVersion) => {
    const file = rdbFile([0xfa, text("redis-bits"), text("64")], shape);
    expect((await check(file)).redisVersion).toBe(redisVersion);
  });

  test.each([TAIL, PIECE + TAIL])("may be of about %i bytes", async (around) => {
    const body = noise(around);
    // The header, end mark and checksum are 18 bytes more.
    for (let size = around - 30; size < around - 6; size++) {
      const file = rdbFile([body.subarray(0, size)], { redisVersion: "" });
      expect(await check(file)).toMatchObject({
        sizeBytes: file.length,
        trailingBytes: 0,
        checksum: "verified",
        sha256: createHash("sha256").update(file).digest("hex"),
      });
    }
  });
});

describe("bytes behind the checksum", () => {
  const large = fileOfSize(300_000);
  test.each<[string, Buffer]>([
    ["a line end", Buffer.from("\n")],
    ["zeros", Buffer.alloc(4096)],
    ["end marks", Buffer.alloc(4096, 0xff)],
    ["the mark of a replication stream", Buffer.from("a1".repeat(20))],
    ["another file", SMALL],
    ["as many as are looked at", noise(TAIL - 9)],
  ])("are counted where the checksum agrees: %s", async (_, padding) => {
    for (const file of [SMALL, large])
      expect(await check(bytes(file, padding))).toMatchObject({
        checksum: "verified",
        sizeBytes: file.length + padding.length,
        trailingBytes: padding.length,
      });
  });

  test("are refused where they are too many, or where the checksum does not agree", async () => {
    expect((await problem(bytes(large, noise(3 * TAIL)))).message).toMatch("cut off or altered");
    expect((await problem(bytes(large.subarray(0, -1), Buffer.alloc(100)))).message).toMatch(
      "cut off",
    );
  });
});

describe("a file without a checksum is not checked", () => {
  test("since the server was told to leave it out", async () => {
    const file = rdbFile([0, text("key"), text("value")], { checksum: "none" });
    expect(await check(file)).toMatchObject({ checksum: "not checked", trailingBytes: 0 });
  });

  test("and refused without its end, or with more behind it", async () => {
    const file = rdbFile([0, text("key"), text("value")], { checksum: "none" });
    for (let size = 0; size < file.length; size++)
      expect(await problem(file.subarray(0, size))).toBeInstanceOf(RdbError);
    for (const more of [0, 1, 0xff])
      expect(await problem(bytes(file, more))).toBeInstanceOf(RdbError);
  });
});

describe("a file that is not whole is refused", () => {
  test("cut off at any byte", async () => {
    for (let size = 9; size < SMALL.length; size++)
      expect((await problem(SMALL.subarray(0, size))).message).toBe(
        `cut off or altered: its ${size} bytes do not end with an end mark and their checksum`,
      );
  });

  test("with any byte altered", async () => {
    for (let at = 0; at < SMALL.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const file = Buffer.from(SMALL);
        file[at] = (file[at] ?? 0) ^ mask;
        expect(await problem(file)).toBeInstanceOf(RdbError);
      }
    }
  });

  test("with a byte altered far from its end", async () => {
    const file = fileOfSize(PIECE + 2 * TAIL);
    for (const at of [1000, PIECE, PIECE + TAIL]) {
      const altered = Buffer.from(file);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect((await problem(altered)).message).toMatch("altered");
    }
  });

  test.each([
    "<html>Not here</html>",
    "RE<",
    "REDIS00x1",
    "REDIS0000",
    "REDIS0004\xff",
    "VALKEY000",
    "VALKEY08x",
    "REDIS",
    "",
  ])("%j", async (file) => {
    expect((await problem(Buffer.from(file, "latin1"))).message).toBe(
      "not an RDB file: it begins with neither REDIS nor VALKEY and a version from 5 on",
    );
  });

  test("of another size while it is read", async () => {
    const path = join(folder, "shrinking.rdb");
    writeFileSync(path, Buffer.concat([SMALL, Buffer.alloc(3 * PIECE)]));
    const checked = verifyRdbFile(path);
    writeFileSync(path, "REDIS0011");
    await expect(checked).rejects.toBeInstanceOf(RdbError);
  });
});

test("a check ends when it is cancelled", async () => {
  const path = join(folder, "cancelled.rdb");
  writeFileSync(path, Buffer.concat([SMALL, Buffer.alloc(2 * PIECE)]));
  await expect(verifyRdbFile(path, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

test("a large file is read in small pieces", async () => {
  const path = join(folder, "large.rdb");
  writeFileSync(path, "REDIS0011");
  truncateSync(path, 8 * PIECE);
  const read = jest.spyOn(Buffer, "allocUnsafe");
  await expect(verifyRdbFile(path)).rejects.toThrow("cut off");
  expect(Math.max(...read.mock.calls.map(([size]) => size))).toBeLessThanOrEqual(PIECE);
  jest.restoreAllMocks();
});
