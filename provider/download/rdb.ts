import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

import { Crc64 } from "./crc64";

/** Redis writes REDIS and 4 digits, Valkey since version 9 VALKEY and 3 digits. */
const MAGIC_WORDS = ["REDIS", "VALKEY"];
const HEADER = /^(?:REDIS(\d{4})|VALKEY(\d{3}))/;
const HEADER_BYTES = 9;
/** The field behind the header: the length of its name, its name, the length of its value, the value. */
const VERSION_FIELD = /^.{9}\xfa.(?:redis|valkey)-ver(.)([\w.+-]+)/s;
const HEAD_BYTES = 85;
const END_MARK = 0xff;
const CHECKSUM_BYTES = 8;
/** How a file ends whose server was told to leave the checksum out. */
const UNCHECKED_END = Buffer.from([END_MARK, 0, 0, 0, 0, 0, 0, 0, 0]);
const FIRST_WITH_CHECKSUM = 5;
/** Padding behind the checksum is tolerated up to this size at least. */
const PADDING_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;

/** A file is not a whole RDB file. The message holds nothing of its content. */
export class RdbError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RdbError";
  }
}

/** What an RDB file with a beginning and an end tells of itself. */
export interface RdbFacts {
  readonly rdbVersion: number;
  /** The version of the server that wrote the file, if the file's first field tells it. */
  readonly redisVersion?: string;
  readonly sizeBytes: number;
  /** Bytes behind the end of the data, such as padding. */
  readonly trailingBytes: number;
  /** `not checked`: the file has no checksum, so only its size can tell whether it is whole. */
  readonly checksum: "verified" | "not checked";
  /** Of all bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** Checks an RDB file of any version while its bytes come: its beginning, end mark and checksum. */
export class RdbCheck {
  readonly #hash = createHash("sha256");
  /** Of the bytes before `#last`. */
  readonly #crc = new Crc64();
  /** The latest bytes, among which the end is looked for. */
  readonly #last = Buffer.allocUnsafe(2 * PADDING_BYTES);
  #lastSize = 0;
  #size = 0;
  #head = "";

  /** @throws RdbError as soon as the bytes can't be the beginning of an RDB file. */
  write(bytes: Uint8Array): void {
    if (this.#head.length < HEAD_BYTES) {
      const missing = bytes.subarray(0, HEAD_BYTES - this.#head.length);
      this.#head += Buffer.from(missing).toString("latin1");
      requireHeader(this.#head);
    }
    this.#hash.update(bytes);
    this.#size += bytes.byteLength;
    for (let done = 0; done < bytes.byteLength;) {
      if (this.#lastSize === this.#last.length) {
        this.#crc.update(this.#last.subarray(0, PADDING_BYTES));
        this.#last.copyWithin(0, PADDING_BYTES);
        this.#lastSize -= PADDING_BYTES;
      }
      const piece = bytes.subarray(done, done + this.#last.length - this.#lastSize);
      this.#last.set(piece, this.#lastSize);
      this.#lastSize += piece.byteLength;
      done += piece.byteLength;
    }
  }

  /**
   * The facts, if the bytes so far are a file with its end.
   *
   * @throws RdbError
   */
  facts(): RdbFacts {
    const [, redis, valkey] = HEADER.exec(this.#head) ?? [];
    const rdbVersion = Number(redis ?? valkey);
    const hasChecksum = rdbVersion >= FIRST_WITH_CHECKSUM;
    const last = this.#last.subarray(0, this.#lastSize);
    const trailingBytes = hasChecksum ? bytesBehindChecksum(last, this.#crc.copy()) : undefined;
    const hasBareEnd = hasChecksum
      ? last.subarray(-UNCHECKED_END.length).equals(UNCHECKED_END)
      : last.at(-1) === END_MARK;
    if (this.#size < HEADER_BYTES || (trailingBytes === undefined && !hasBareEnd))
      throw new RdbError(
        `cut off or altered: its ${this.#size} bytes do not end with an end mark and their checksum`,
      );
    const redisVersion = redisVersionIn(this.#head);
    return {
      rdbVersion,
      ...(redisVersion === undefined ? {} : { redisVersion }),
      sizeBytes: this.#size,
      trailingBytes: trailingBytes ?? 0,
      checksum: trailingBytes === undefined ? "not checked" : "verified",
      sha256: this.#hash.copy().digest("hex"),
    };
  }
}

function requireHeader(head: string): void {
  if (!MAGIC_WORDS.some((word) => word.startsWith(head.slice(0, word.length))))
    throw new RdbError("not an RDB file: it begins with neither REDIS nor VALKEY");
  const [, redis, valkey] = HEADER.exec(head) ?? [];
  if (head.length >= HEADER_BYTES && !(Number(redis ?? valkey) > 0))
    throw new RdbError("not an RDB file: it has no version");
}

/** People are shown the version, so it consists of harmless characters alone. */
function redisVersionIn(head: string): string | undefined {
  const [, size = "", value = ""] = VERSION_FIELD.exec(head) ?? [];
  const length = size.charCodeAt(0);
  return length > 0 && length <= value.length ? value.slice(0, length) : undefined;
}

/** How many bytes follow the first end mark whose checksum is right; undefined if none is. */
function bytesBehindChecksum(last: Buffer, crc: Crc64): number | undefined {
  for (let done = 0; ;) {
    const behindMark = last.indexOf(END_MARK, done) + 1;
    const behindChecksum = behindMark + CHECKSUM_BYTES;
    if (behindMark === 0 || behindChecksum > last.length) return undefined;
    crc.update(last.subarray(done, behindMark));
    const [low, high] = [last.readUInt32LE(behindMark), last.readUInt32LE(behindMark + 4)];
    if (crc.low === low && crc.high === high) return last.length - behindChecksum;
    done = behindMark;
  }
}

/**
 * Checks an RDB file on disk.
 *
 * @throws RdbError, or the system's error when the file can't be read.
 */
export async function verifyRdbFile(path: string, signal?: AbortSignal): Promise<RdbFacts> {
  const file = await open(path, "r");
  try {
    const check = new RdbCheck();
    await readInto(check, file, signal);
    return check.facts();
  } finally {
    await file.close();
  }
}

/** Feeds the check with a file from its start. Returns the number of bytes. */
export async function readInto(
  check: RdbCheck,
  file: FileHandle,
  signal?: AbortSignal,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let size = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, size);
    if (bytesRead === 0) return size;
    signal?.throwIfAborted();
    check.write(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
}
