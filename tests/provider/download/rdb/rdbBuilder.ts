import { Crc64 } from "../../../../provider/download/rdb/crc64";

/** Numbers are bytes, text is text. */
export type Piece = number | string | Uint8Array;

export function bytes(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === "number"
        ? Buffer.from([piece])
        : typeof piece === "string"
          ? Buffer.from(piece, "latin1")
          : piece,
    ),
  );
}

/** A length in the shortest form, or in the one of 32 or 64 bits. */
export function len(value: number, form: "short" | 32 | 64 = "short"): Buffer {
  if (form === 64 || value > 0xffff_ffff) {
    const long = Buffer.alloc(9, 0x81);
    long.writeBigUInt64BE(BigInt(value), 1);
    return long;
  }
  if (form === "short" && value < 64) return Buffer.from([value]);
  if (form === "short" && value < 16384) return Buffer.from([0x40 | (value >> 8), value & 255]);
  const word = Buffer.alloc(5, 0x80);
  word.writeUInt32BE(value, 1);
  return word;
}

/** A plain string. */
export function text(content: string): Buffer {
  return bytes(len(content.length), content);
}

export const time = (): Buffer => Buffer.from([1, 2, 3, 4, 5, 6, 0, 0]);

export interface FileShape {
  readonly version?: number;
  /** `none`: the server was told to leave it out, so that it is zero. */
  readonly checksum?: "right" | "none" | "absent";
  /** "" leaves it out. */
  readonly redisVersion?: string;
  /** undefined leaves the announcement out. */
  readonly announced?: number | undefined;
}

/** An RDB file around what stands between its header and its end mark. */
export function rdbFile(body: readonly Piece[], shape: FileShape = {}): Buffer {
  const { version = 11, checksum = "right", redisVersion = "7.2.4", announced } = shape;
  const unsummed = bytes(
    `REDIS${String(version).padStart(4, "0")}`,
    ...(redisVersion === "" ? [] : [0xfa, text("redis-ver"), text(redisVersion)]),
    ...(announced === undefined ? [] : [0xfe, len(0), 0xfb, len(announced), len(0)]),
    ...body,
    0xff,
  );
  if (checksum === "absent") return unsummed;
  const sum = Buffer.alloc(8);
  if (checksum === "right") {
    const crc = new Crc64();
    crc.update(unsummed);
    sum.writeUInt32LE(crc.low, 0);
    sum.writeUInt32LE(crc.high, 4);
  }
  return bytes(unsummed, sum);
}

/** One key with its value. */
export function key(type: number, ...value: readonly Piece[]): Buffer {
  return bytes(type, text(`key:${type}`), ...value);
}

/** A file of keys that fill so many bytes and more; of no pattern that a shift would hide. */
export function fileOfSize(size: number, shape: FileShape = {}): Buffer {
  const keys: Buffer[] = [];
  let seed = 1;
  for (let filled = 0, index = 0; filled < size; index++) {
    const content = Buffer.alloc(Math.min(5000, size));
    for (let at = 0; at < content.length; at++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      content[at] = seed >>> 24;
    }
    keys.push(bytes(0, text(`key:${index}`), len(content.length), content));
    filled += content.length;
  }
  return rdbFile(keys, { announced: keys.length, ...shape });
}
