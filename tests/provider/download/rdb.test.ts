import { createHash } from "node:crypto";

import { RdbCheck, RdbError, type RdbFacts } from "../../../provider/download/rdb";
import { bytes, fileOfSize, noise, rdbFile, text, type FileShape } from "./rdbBuilder";

const PADDING = 64 * 1024;

function check(file: Uint8Array, pieceSize = file.byteLength): RdbFacts {
  const rdb = new RdbCheck();
  // The same memory again and again, as a reader of files uses it.
  const memory = Buffer.alloc(Math.max(1, pieceSize));
  for (let at = 0; at < file.byteLength; at += pieceSize) {
    const piece = file.subarray(at, at + pieceSize);
    memory.set(piece);
    rdb.write(memory.subarray(0, piece.byteLength));
    memory.fill(0xee);
  }
  return rdb.facts();
}

function problem(file: Uint8Array, pieceSize?: number): RdbError {
  try {
    check(file, pieceSize);
  } catch (error) {
    if (error instanceof RdbError) return error;
    throw error;
  }
  throw new Error("it was taken for whole");
}

const SMALL = rdbFile([0, text("key"), text("value with an end mark \xff in it")]);

describe("a whole file", () => {
  test("tells its version, server, size and hash", () => {
    expect(check(SMALL)).toEqual({
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
  ])("may be of any version: %s", (header, rdbVersion) => {
    const file = rdbFile([243, "an opcode of the future"], { header });
    expect(check(file)).toMatchObject({ rdbVersion, checksum: "verified" });
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
  ])("tells the version of its server: %s", (_, shape, redisVersion) => {
    const file = rdbFile([0xfa, text("redis-bits"), text("64")], shape);
    expect(check(file).redisVersion).toBe(redisVersion);
    expect(check(file, 1)).toEqual(check(file));
  });

  test("comes in pieces of any size", () => {
    const large = fileOfSize(300_000);
    const whole = check(large);
    expect(whole).toMatchObject({ sizeBytes: large.length, checksum: "verified" });
    for (const size of [1, 7, 4096, PADDING - 1, PADDING, PADDING + 1, 2 * PADDING, 200_000])
      expect(check(large, size)).toEqual(whole);
    for (let size = 1; size < SMALL.length; size++)
      expect(check(SMALL, size)).toEqual(check(SMALL));
  });

  test("may end anywhere in what is kept to look for the end", () => {
    const body = noise(3 * PADDING + 20);
    for (const around of [PADDING, 2 * PADDING, 3 * PADDING])
      for (let size = around - 20; size < around + 20; size++) {
        const file = rdbFile([body.subarray(0, size)], { redisVersion: "" });
        expect(check(file, 10_000)).toMatchObject({ trailingBytes: 0, checksum: "verified" });
      }
  });

  test("may be asked for its facts before more bytes come", () => {
    const rdb = new RdbCheck();
    rdb.write(SMALL.subarray(0, 30));
    expect(() => rdb.facts()).toThrow("cut off");
    rdb.write(SMALL.subarray(30));
    expect(rdb.facts()).toEqual(rdb.facts());
    rdb.write(Buffer.from("more"));
    expect(rdb.facts()).toMatchObject({ trailingBytes: 4, sizeBytes: SMALL.length + 4 });
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
    ["as many as are looked at", noise(PADDING - 9)],
  ])("are counted where the checksum agrees: %s", (_, padding) => {
    for (const file of [SMALL, large])
      expect(check(bytes(file, padding), 50_000)).toMatchObject({
        checksum: "verified",
        sizeBytes: file.length + padding.length,
        trailingBytes: padding.length,
      });
  });

  test("are refused where they are too many, or where the checksum does not agree", () => {
    expect(problem(bytes(large, noise(3 * PADDING))).message).toMatch("cut off or altered");
    expect(problem(bytes(large.subarray(0, -1), Buffer.alloc(100))).message).toMatch("cut off");
  });
});

describe("a file without a checksum is not checked", () => {
  test.each(["REDIS0001", "REDIS0002", "REDIS0003", "REDIS0004"])("%s", (header) => {
    const file = rdbFile([0, text("key"), text("value")], { header, checksum: "absent" });
    expect(check(file)).toMatchObject({ checksum: "not checked", trailingBytes: 0 });
    expect(problem(file.subarray(0, -1)).message).toMatch("cut off");
  });

  test("since the server was told to leave it out", () => {
    const file = rdbFile([0, text("key"), text("value")], { checksum: "none" });
    expect(check(file)).toMatchObject({ checksum: "not checked", trailingBytes: 0 });
    expect(check(file, 1)).toEqual(check(file));
  });

  test("and refused without its end, or with more behind it", () => {
    const file = rdbFile([0, text("key"), text("value")], { checksum: "none" });
    for (let size = 0; size < file.length; size++)
      expect(problem(file.subarray(0, size))).toBeInstanceOf(RdbError);
    for (const more of [0, 1, 0xff]) expect(problem(bytes(file, more))).toBeInstanceOf(RdbError);
  });
});

describe("a file that is not whole is refused", () => {
  test("cut off at any byte", () => {
    for (let size = 0; size < SMALL.length; size++)
      expect(problem(SMALL.subarray(0, size)).message).toMatch(
        `cut off or altered: its ${size} bytes do not end`,
      );
  });

  test("with any byte altered", () => {
    for (let at = 0; at < SMALL.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const file = Buffer.from(SMALL);
        file[at] = (file[at] ?? 0) ^ mask;
        expect(problem(file)).toBeInstanceOf(RdbError);
      }
    }
  });

  test("with a byte altered far from its end", () => {
    const file = fileOfSize(300_000);
    file[1000] = (file[1000] ?? 0) ^ 1;
    expect(problem(file).message).toMatch("altered");
  });

  test.each([
    ["<html>Not here</html>", "not an RDB file: it begins with neither REDIS nor VALKEY"],
    ["RE<", "not an RDB file: it begins with neither REDIS nor VALKEY"],
    ["REDIS00x1", "not an RDB file: it has no version"],
    ["REDIS0000", "not an RDB file: it has no version"],
    ["VALKEY000", "not an RDB file: it has no version"],
    ["VALKEY08x", "not an RDB file: it has no version"],
    ["REDIS", "cut off or altered: its 5 bytes do not end with an end mark and their checksum"],
    ["", "cut off or altered: its 0 bytes do not end with an end mark and their checksum"],
  ])("%j", (file, message) => {
    expect(problem(Buffer.from(file)).message).toBe(message);
    expect(problem(Buffer.from(file), 1).message).toBe(message);
  });

  test("as soon as its beginning shows that", () => {
    const rdb = new RdbCheck();
    rdb.write(Buffer.from("RED"));
    expect(() => {
      rdb.write(Buffer.from("<"));
    }).toThrow("not an RDB file");
  });
});

test("memory stays small with 64 MiB", () => {
  const rdb = new RdbCheck();
  rdb.write(Buffer.from("REDIS0011"));
  const piece = Buffer.alloc(1024 * 1024);
  const before = process.memoryUsage();
  for (let count = 0; count < 64; count++) rdb.write(piece);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * 1024 * 1024);
  expect(() => rdb.facts()).toThrow("cut off");
});
