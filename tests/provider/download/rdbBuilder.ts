import { crc64 } from "../../../provider/download/rdb";

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

/** A string of at most 16383 bytes as the format writes it. */
export function text(content: string | Uint8Array): Buffer {
  const { length } = content;
  return length < 64 ? bytes(length, content) : bytes(0x40 | (length >> 8), length & 255, content);
}

export interface FileShape {
  /** Default: `REDIS0011`. */
  readonly header?: string;
  /** `none`: the server was told to leave it out, so that it is zero. */
  readonly checksum?: "right" | "none" | "absent";
  /** "" leaves it out. */
  readonly redisVersion?: string;
  /** The name of the field with the version. */
  readonly versionField?: string;
}

/** An RDB file around what stands between its header and its end mark. */
export function rdbFile(body: readonly Piece[], shape: FileShape = {}): Buffer {
  const { header = "REDIS0011", checksum = "right" } = shape;
  const { redisVersion = "7.2.4", versionField = "redis-ver" } = shape;
  const unsummed = bytes(
    header,
    ...(redisVersion === "" ? [] : [0xfa, text(versionField), text(redisVersion)]),
    ...body,
    0xff,
  );
  if (checksum === "absent") return unsummed;
  const sum = Buffer.alloc(8);
  if (checksum === "right") {
    const { low, high } = crc64(unsummed);
    sum.writeInt32LE(low, 0);
    sum.writeInt32LE(high, 4);
  }
  return bytes(unsummed, sum);
}

/** So many bytes of no pattern that a shift would hide. */
export function noise(size: number, seed = 1): Buffer {
  const content = Buffer.alloc(size);
  for (let at = 0; at < size; at++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    content[at] = seed >>> 24;
  }
  return content;
}

/** A file of keys that fill so many bytes and more. */
export function fileOfSize(size: number, shape: FileShape = {}): Buffer {
  const keys: Buffer[] = [];
  for (let filled = 0, index = 0; filled < size; index++) {
    const content = noise(Math.min(5000, size), index + 1);
    keys.push(bytes(0, text(`key:${index}`), text(content)));
    filled += content.length;
  }
  return rdbFile(keys, shape);
}
