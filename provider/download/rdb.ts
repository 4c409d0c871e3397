import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import { BackupDownloadError } from "../vendor/errors";

/** The beginning of a file: REDIS and 4 digits, since version 9 of Valkey VALKEY and 3 digits. */
const HEADER = /^(?:REDIS(\d{4})|VALKEY(\d{3}))/;
/** Files of Redis before 2.6 have no place for a checksum. */
const FIRST_RDB_VERSION = 5;
/** The field behind the header: the length of its name, its name, the length of its value, the value. */
const SERVER_VERSION = /^.{9}\xfa.(?:redis|valkey)-ver(.)([\w.+-]+)/s;
/** So many bytes hold the header and that field. */
const HEAD_BYTES = 85;
const END_MARK = 0xff;
const CHECKSUM_BYTES = 8;
/** The end of a file whose server was told to leave the checksum out. */
const UNCHECKED_END = Buffer.from([END_MARK, 0, 0, 0, 0, 0, 0, 0, 0]);
/** The end is looked for in so many bytes, since padding may follow the checksum. */
const TAIL_BYTES = 64 * 1024;
/** With the tail of what was read before, a piece is 1 MiB. */
const READ_BYTES = 1024 * 1024 - TAIL_BYTES;

/** Bytes are not one whole RDB file. The message holds nothing of them. */
export class RdbError extends BackupDownloadError {}

export interface RdbFacts {
  readonly rdbVersion: number;
  /** The version of the server that wrote the file, if the file's first field tells it. */
  readonly redisVersion?: string | undefined;
  readonly sizeBytes: number;
  /** Bytes behind the end of the data, such as padding. */
  readonly trailingBytes: number;
  /** `not checked`: the file has no checksum, so only its size can tell whether it is whole. */
  readonly checksum: "verified" | "not checked";
  /** Of all bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Checks an RDB file of any version on disk: its beginning, end mark and checksum. The path may name a
 * pipe.
 *
 * @throws RdbError, or the system's error when the file can't be read.
 */
export async function verifyRdbFile(path: string, signal?: AbortSignal): Promise<RdbFacts> {
  return verifyRdb(createReadStream(path, { highWaterMark: READ_BYTES }), signal);
}

/**
 * Checks an RDB file from its first byte to its last, whatever the size of its pieces.
 *
 * @throws RdbError, or the error of the source.
 */
export async function verifyRdb(
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<RdbFacts> {
  const hash = createHash("sha256");
  let [crc, sizeBytes, rdbVersion] = [CRC64_OF_NOTHING, 0, 0];
  let [head, tail] = ["", Buffer.alloc(0)];
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    sizeBytes += piece.length;
    hash.update(piece);
    tail = Buffer.concat([tail, piece]);
    if (head.length < HEAD_BYTES) head = tail.toString("latin1", 0, HEAD_BYTES);
    // Refuse at once: a pipe without an RDB file may never end.
    if (head.length === HEAD_BYTES) rdbVersion ||= versionIn(head);
    const passed = tail.subarray(0, Math.max(0, tail.length - TAIL_BYTES));
    crc = crc64(passed, crc);
    tail = tail.subarray(passed.length);
  }
  rdbVersion ||= versionIn(head);
  const trailingBytes = bytesBehindChecksum(tail, crc);
  if (trailingBytes === undefined && !tail.subarray(-UNCHECKED_END.length).equals(UNCHECKED_END))
    throw new RdbError(
      `cut off or altered: its ${sizeBytes} bytes do not end with an end mark and their checksum`,
    );
  return {
    rdbVersion,
    redisVersion: serverVersionIn(head),
    sizeBytes,
    trailingBytes: trailingBytes ?? 0,
    checksum: trailingBytes === undefined ? "not checked" : "verified",
    sha256: hash.digest("hex"),
  };
}

/** Returns the version of the format. Throws for what is no RDB file. */
function versionIn(head: string): number {
  const [, ofRedis, ofValkey] = HEADER.exec(head) ?? [];
  const rdbVersion = Number(ofRedis ?? ofValkey ?? 0);
  if (rdbVersion >= FIRST_RDB_VERSION) return rdbVersion;
  throw new RdbError(
    `not an RDB file: it begins with neither REDIS nor VALKEY and a version from ${FIRST_RDB_VERSION} on`,
  );
}

/** People are shown the version, so it consists of harmless characters alone. */
function serverVersionIn(head: string): string | undefined {
  const [, size = "", value = ""] = SERVER_VERSION.exec(head) ?? [];
  const length = size.charCodeAt(0);
  return length > 0 && length <= value.length ? value.slice(0, length) : undefined;
}

/** How many bytes follow the first end mark whose checksum is right; undefined if none is. */
function bytesBehindChecksum(last: Buffer, crc: Crc64): number | undefined {
  for (let done = 0; ;) {
    const behindMark = last.indexOf(END_MARK, done) + 1;
    const behindChecksum = behindMark + CHECKSUM_BYTES;
    if (behindMark === 0 || behindChecksum > last.length) return undefined;
    crc = crc64(last.subarray(done, behindMark), crc);
    if (crc.low === last.readInt32LE(behindMark) && crc.high === last.readInt32LE(behindMark + 4))
      return last.length - behindChecksum;
    done = behindMark;
  }
}

/** A CRC-64 in two signed halves of 32 bits, since arithmetic with bigint is slow. */
export interface Crc64 {
  readonly low: number;
  readonly high: number;
}

const CRC64_OF_NOTHING: Crc64 = { low: 0, high: 0 };
/** The polynomial of Jones, 0xad93d23594c935a9, with its bits reversed. */
const POLYNOMIAL = 0x95ac9329ac4bc9b5n;
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc % 2n === 1n ? POLYNOMIAL : 0n);
  return crc;
});
const TABLE_LOW = Int32Array.from(TABLE, (crc) => Number(BigInt.asIntN(32, crc)));
const TABLE_HIGH = Int32Array.from(TABLE, (crc) => Number(crc >> 32n));

/** The CRC-64 of Redis: reflected, from zero, no final xor. Goes on from that of the bytes before. */
export function crc64(bytes: Uint8Array, before = CRC64_OF_NOTHING): Crc64 {
  let { low, high } = before;
  // Twice as fast as for-of.
  for (let index = 0, { length } = bytes; index < length; index++) {
    const slot = (low ^ (bytes[index] ?? 0)) & 255;
    low = ((low >>> 8) | (high << 24)) ^ (TABLE_LOW[slot] ?? 0);
    high = (high >>> 8) ^ (TABLE_HIGH[slot] ?? 0);
  }
  return { low, high };
}
