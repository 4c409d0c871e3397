import { RdbCheck, type RdbFacts } from "../../../../provider/download/rdb/rdbCheck";
import { RdbError } from "../../../../provider/download/rdb/rdbError";
import { bytes, key, len, rdbFile, text, time, type Piece } from "./rdbBuilder";

function check(file: Uint8Array, pieceSize = file.byteLength): RdbFacts {
  const rdb = new RdbCheck();
  // The same memory again and again, as a reader of files does it.
  const memory = Buffer.alloc(Math.max(1, pieceSize));
  for (let at = 0; at < file.byteLength; at += pieceSize) {
    const piece = file.subarray(at, at + pieceSize);
    memory.set(piece);
    rdb.write(memory.subarray(0, piece.byteLength));
    memory.fill(0xee);
  }
  return rdb.end();
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

const id = Buffer.alloc(16, 7);
const lzf = bytes(0xc3, len(5), len(20), "ABCDE");
const strings = bytes(
  text("plain"),
  text(""),
  bytes(0xc0, 1),
  bytes(0xc1, 1, 2),
  bytes(0xc2, 1, 2, 3, 4),
  lzf,
);
const STRING_COUNT = 6;
const score = Buffer.alloc(8, 9);
const blob = text("packed \xff\xfe bytes");
const pending = bytes(len(2), id, time(), len(1), id, time(), len(70));
const consumer = (version: number): Buffer =>
  bytes(text("consumer"), time(), ...(version === 3 ? [time()] : []), len(2), id, id);
const stream = (version: 1 | 2 | 3): Buffer =>
  bytes(
    ...[len(2), bytes(len(16), id), text("listpack"), bytes(len(16), id), lzf],
    ...[len(3), len(1_700_000_000_000), len(5)],
    ...(version === 1 ? [] : [len(1_600_000_000_000), len(0), len(0), len(0), len(9)]),
    ...[len(2)],
    ...[text("group"), len(1), len(2), ...(version === 1 ? [] : [len(3)]), pending],
    ...[len(2), consumer(version), consumer(version)],
    ...[text("idle group"), len(1), len(2), ...(version === 1 ? [] : [len(3)]), len(0), len(0)],
  );
const moduleData = bytes(
  ...[len(1), len(12345)],
  ...[len(2), len(1, 64)],
  ...[len(3), Buffer.alloc(4, 1)],
  ...[len(4), Buffer.alloc(8, 2)],
  ...[len(5), text("text of a module")],
  len(0),
);

const VALUES: readonly (readonly [string, number, ...Piece[]])[] = [
  ["string", 0, text("hello")],
  ["string as integer", 0, 0xc1, 1, 2],
  ["string, compressed", 0, lzf],
  ["string with a length of 14 bits", 0, text("x".repeat(300))],
  ["string with a length of 32 bits", 0, len(5, 32), "hello"],
  ["string with a length of 64 bits", 0, len(5, 64), "hello"],
  ["list", 1, len(STRING_COUNT), strings],
  ["set", 2, len(STRING_COUNT), strings],
  [
    "sorted set with scores as text",
    3,
    ...[len(4), text("a"), text("1.5"), text("b"), 253, text("c"), 254, text("d"), 255],
  ],
  ["hash", 4, len(STRING_COUNT / 2), strings],
  ["sorted set with binary scores", 5, len(2), text("a"), score, lzf, score],
  ["module", 7, len(2 ** 60), moduleData],
  ["hash as zipmap", 9, blob],
  ["list as ziplist", 10, blob],
  ["set as intset", 11, blob],
  ["sorted set as ziplist", 12, blob],
  ["hash as ziplist", 13, blob],
  ["quicklist of ziplists", 14, len(2), blob, lzf],
  ["stream of Redis 5", 15, stream(1)],
  ["hash as listpack", 16, blob],
  ["sorted set as listpack", 17, blob],
  ["quicklist of listpacks", 18, len(2), len(2), blob, len(1), text("plain node")],
  ["stream of Redis 7.0", 19, stream(2)],
  ["set as listpack", 20, blob],
  ["stream of Redis 7.2", 21, stream(3)],
  [
    "hash with times before 7.4",
    22,
    len(2),
    len(0),
    text("f"),
    text("v"),
    len(1_700_000_000_000),
    text("g"),
    lzf,
  ],
  ["hash as listpack with times before 7.4", 23, blob],
  ["hash with times", 24, time(), len(2), len(0), text("f"), text("v"), len(1), text("g"), lzf],
  ["hash as listpack with times", 25, time(), blob],
];

const OPCODES: readonly (readonly [string, ...Piece[]])[] = [
  ["an expiry in seconds", 0xfd, 1, 2, 3, 4],
  ["an expiry in milliseconds", 0xfc, time()],
  ["an idle time", 0xf8, len(100_000)],
  ["a frequency", 0xf9, 200],
  ["a slot of a cluster", 0xf4, len(16383), len(1), len(0)],
  ["functions", 0xf5, text("#!lua name=mylib")],
  [
    "functions before 7.0 with a description",
    0xf6,
    text("lib"),
    text("LUA"),
    len(1),
    text("about"),
    text("code"),
  ],
  ["functions before 7.0 without one", 0xf6, text("lib"), text("LUA"), len(0), text("code")],
  ["what a module keeps", 0xf7, len(2 ** 61), len(2), len(1), moduleData],
  ["a field of a number", 0xfa, text("ctime"), 0xc2, 1, 2, 3, 4],
  ["a long field", 0xfa, text("x".repeat(100)), lzf],
  ["another database", 0xfe, len(3)],
];

const EVERYTHING = rdbFile(
  [
    ...VALUES.map(([, type, ...value]) => key(type, ...value)),
    ...OPCODES.map(([, ...pieces]) => bytes(...pieces)),
    key(0, text("last")),
  ],
  { version: 12, announced: VALUES.length + 1 },
);

describe("a whole file", () => {
  const values = VALUES.map(([name, type, ...value]) => ({ name, type, value }));
  test.each(values)("with a $name (type $type)", ({ type, value }) => {
    const file = rdbFile([key(type, ...value), key(0, text("last"))]);
    const facts = { rdbVersion: 11, redisVersion: "7.2.4", keys: 2, checksum: "verified" };
    expect(check(file)).toEqual({ ...facts, sizeBytes: file.length });
    expect(check(file, 1)).toEqual({ ...facts, sizeBytes: file.length });
  });

  test.each(OPCODES)("with %s", (_, ...pieces) => {
    const file = rdbFile([...pieces, key(0, text("last"))]);
    expect(check(file)).toMatchObject({ keys: 1, checksum: "verified" });
    expect(check(file, 1)).toEqual(check(file));
  });

  test("comes in pieces of any size", () => {
    const whole = check(EVERYTHING);
    expect(whole).toMatchObject({ rdbVersion: 12, keys: VALUES.length + 1, checksum: "verified" });
    for (let size = 1; size < 120; size++) expect(check(EVERYTHING, size)).toEqual(whole);
  });

  test.each([1, 2, 3, 4])("of version %i has no checksum", (version) => {
    const file = rdbFile([key(0, text("value"))], { version, checksum: "absent" });
    expect(check(file)).toMatchObject({ rdbVersion: version, checksum: "not checked" });
  });

  test("whose checksum was left out is not checked", () => {
    const file = rdbFile([key(0, text("value"))], { checksum: "none" });
    expect(check(file)).toMatchObject({ checksum: "not checked", keys: 1 });
  });

  test("adds up what it announces for its databases", () => {
    const database = bytes(0xfe, len(5), 0xfb, len(70_000), len(3));
    expect(check(rdbFile([key(0, text("a")), database], { announced: 1 }))).toMatchObject({
      keys: 70_001,
    });
  });

  test.each(["", "7.0\u001b[31m", "x".repeat(64)])(
    "tells no version of the server from %j",
    (redisVersion) => {
      expect(check(rdbFile([], { redisVersion }))).not.toHaveProperty("redisVersion");
    },
  );
});

describe("a file that is not whole is refused", () => {
  test("cut off at any byte", () => {
    for (let size = 0; size < EVERYTHING.length; size++) {
      const { problem: what, offset, message } = problem(EVERYTHING.subarray(0, size));
      expect([what, offset, message]).toEqual(["cut off", size, `cut off at byte ${size}`]);
    }
  });

  test("with any byte altered", () => {
    for (let at = 0; at < EVERYTHING.length; at++) {
      for (const mask of [0x01, 0xff]) {
        const file = Buffer.from(EVERYTHING);
        file[at] = (file[at] ?? 0) ^ mask;
        expect(problem(file)).toBeInstanceOf(RdbError);
      }
    }
  });

  test("with bytes behind its end, in the same piece or later", () => {
    const { length } = EVERYTHING;
    for (const pieceSize of [length + 1, length, 1]) {
      const { problem: what, offset } = problem(bytes(EVERYTHING, 0), pieceSize);
      expect([what, offset]).toEqual(["trailing bytes", length]);
    }
  });

  test.each([
    ["<html>Not here</html>", "not an RDB file: it doesn't begin with REDIS"],
    ["REDIS00x1", "not an RDB file: it has no version"],
    ["REDIS0000", "not an RDB file: it has no version"],
    ["REDIS0013", "unknown RDB version 13: this package knows versions up to 12: update it"],
  ])("%j", (file, message) => {
    expect(problem(Buffer.from(file)).message).toBe(message);
  });

  test.each([6, 8, 26, 64, 243])("with a value of the unknown type %i", (type) => {
    const {
      problem: what,
      offset,
      message,
    } = problem(rdbFile([type, text("k"), text("v")], { redisVersion: "" }));
    expect([what, offset]).toEqual(["unknown type", 9]);
    expect(message).toMatch(`unknown value type ${type} at byte 9`);
  });

  test.each<[string, readonly Piece[]]>([
    ["a length of no known form", [key(0, 0x82)]],
    ["a string of no known encoding", [key(0, 0xc4)]],
    ["an encoded string where a length belongs", [key(1, 0xc0)]],
    ["an encoded string where a length belongs", [key(0, 0xc3, 0xc0, 1, 1)]],
    ["a part of a list of no known kind", [key(18, len(1), len(3), text("x"))]],
    ["module data of no known kind", [key(7, len(1), len(6))]],
    ["module data that doesn't say when it is for", [0xf7, len(1), len(3), len(1), len(0)]],
  ])("with %s", (what, body) => {
    const file = rdbFile(body);
    expect(problem(file).problem).toBe("altered");
    expect(problem(file, 1).message).toMatch(what);
  });

  test.each([0, 1, 4, 5, 14, 15, 18, 24])(
    "with an absurd length in type %i, without taking memory for it",
    (type) => {
      const absurd = bytes(0x81, Buffer.alloc(8, 0xff));
      const before = process.memoryUsage().rss;
      const file = rdbFile([key(type, ...(type === 24 ? [time()] : []), absurd)]);
      expect(["cut off", "altered"]).toContain(problem(file).problem);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    },
  );
});

test("memory stays small with a string of 64 MiB", () => {
  const rdb = new RdbCheck();
  const size = 64 * 1024 * 1024;
  rdb.write(bytes("REDIS0011", 0, text("k"), len(size)));
  const piece = Buffer.alloc(1024 * 1024);
  const before = process.memoryUsage();
  for (let at = 0; at < size; at += piece.length) rdb.write(piece);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * 1024 * 1024);
  expect(() => rdb.end()).toThrow("cut off");
});
