import { Crc64 } from "./crc64";
import { altered } from "./rdbError";

const NOTHING = new Uint8Array(0);
const TWO_TO_32 = 0x1_0000_0000;
/** How strings that are not plain are kept; a length of this kind is given as -1 - kind. */
const INT8 = -1;
const INT16 = -2;
const INT32 = -3;
const LZF = -4;

/** A step of the walk: it yields when it needs more bytes than there are. */
export type Walk<T = void> = Generator<undefined, T>;

/**
 * The bytes of an RDB file as they come, and the checksum of those that were taken. What is called
 * `take…` takes only what is there; the generators beside wait for the rest.
 */
export class RdbBytes {
  #chunk: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #at = 0;
  /** Of the file, where the chunk begins. */
  #base = 0;
  /** Up to where the chunk is in the checksum. */
  #summed = 0;
  readonly #crc = new Crc64();
  #isSealed = false;

  /** Of the file, where the next byte to take is. */
  get offset(): number {
    return this.#base + this.#at;
  }

  get left(): number {
    return this.#chunk.byteLength - this.#at;
  }

  /** Adds bytes. The memory may be used again once the walk has stopped for more: then only a few are left, and copied. */
  feed(chunk: Uint8Array): void {
    const { left } = this;
    const joined = left === 0 ? chunk : new Uint8Array(left + chunk.byteLength);
    if (left > 0) {
      joined.set(this.#chunk.subarray(this.#at));
      joined.set(chunk, left);
    }
    this.#base += this.#at;
    this.#chunk = joined;
    this.#view = new DataView(joined.buffer, joined.byteOffset, joined.byteLength);
    this.#at = 0;
    this.#summed = 0;
  }

  /** To be called when the walk waits, before the chunk's memory is used again. */
  settle(): void {
    this.#sum();
    if (this.left === 0) return;
    this.#base += this.#at;
    // Not slice: that of a Buffer would not copy.
    this.#chunk = new Uint8Array(this.#chunk.subarray(this.#at));
    this.#view = new DataView(this.#chunk.buffer);
    this.#at = 0;
    this.#summed = 0;
  }

  /** Ends the checksum here, and gives it. */
  seal(): Crc64 {
    this.#sum();
    this.#isSealed = true;
    return this.#crc;
  }

  #sum(): void {
    if (!this.#isSealed && this.#summed < this.#at)
      this.#crc.update(this.#chunk.subarray(this.#summed, this.#at));
    this.#summed = this.#at;
  }

  has(count: number): boolean {
    return this.#chunk.byteLength - this.#at >= count;
  }

  /** The next byte, which stays. Only after {@link has}. */
  peek(): number {
    return this.#view.getUint8(this.#at);
  }

  /** Only after {@link has}. */
  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  /** Only after {@link has}. */
  uint32LittleEndian(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  /** Only after {@link has}. */
  text(count: number): string {
    const text = Buffer.from(this.#chunk.subarray(this.#at, this.#at + count)).toString("latin1");
    this.#at += count;
    return text;
  }

  /** Takes up to so many bytes. Answers how many. */
  takeUpTo(count: number): number {
    const taken = Math.min(count, this.left);
    this.#at += taken;
    return taken;
  }

  /** A length, -1 - kind for a specially encoded string, NaN when its bytes are not all there yet. */
  takeLength(): number {
    const { left } = this;
    if (left < 1) return NaN;
    const first = this.#view.getUint8(this.#at);
    if (first < 0x40) {
      this.#at += 1;
      return first;
    }
    if (first >= 0xc0) {
      this.#at += 1;
      return -1 - (first & 0x3f);
    }
    if (first < 0x80) {
      if (left < 2) return NaN;
      this.#at += 2;
      return ((first & 0x3f) << 8) | this.#view.getUint8(this.#at - 1);
    }
    if (first === 0x80) {
      if (left < 5) return NaN;
      this.#at += 5;
      return this.#view.getUint32(this.#at - 4);
    }
    if (first !== 0x81) throw altered("a length of no known form", this.offset);
    if (left < 9) return NaN;
    this.#at += 9;
    // Not exact above 2^53, which no real length reaches.
    return this.#view.getUint32(this.#at - 8) * TWO_TO_32 + this.#view.getUint32(this.#at - 4);
  }

  /** Takes a whole string if all of it is there. */
  takeString(): boolean {
    const before = this.#at;
    const length = this.takeLength();
    const size = length >= 0 ? length : this.#encodedSize(length, before);
    if (size <= this.left) {
      this.#at += size;
      return true;
    }
    this.#at = before;
    return false;
  }

  /** Bytes behind the length of an encoded string, NaN when that is not all there yet. */
  #encodedSize(length: number, start: number): number {
    if (length === INT8) return 1;
    if (length === INT16) return 2;
    if (length === INT32) return 4;
    if (Number.isNaN(length)) return NaN;
    if (length !== LZF) throw altered("a string of no known encoding", this.#base + start);
    const compressed = this.takeLength();
    const plain = this.takeLength();
    if (compressed < 0 || plain < 0)
      throw altered("an encoded string where a length belongs", this.#base + start);
    return Number.isNaN(plain) ? NaN : compressed;
  }
}

/** Waits until so many bytes are there: a few, as they are kept. */
export function* need(bytes: RdbBytes, count: number): Walk {
  while (!bytes.has(count)) yield;
}

/** Passes over so many bytes, without keeping them. */
export function* skip(bytes: RdbBytes, count: number): Walk {
  let left = count - bytes.takeUpTo(count);
  while (left > 0) {
    yield;
    left -= bytes.takeUpTo(left);
  }
}

/** A number in the form of a length. */
export function* length(bytes: RdbBytes): Walk<number> {
  const value = yield* anyLength(bytes);
  if (value < 0) throw altered("an encoded string where a length belongs", bytes.offset - 1);
  return value;
}

function* anyLength(bytes: RdbBytes): Walk<number> {
  for (;;) {
    const value = bytes.takeLength();
    if (!Number.isNaN(value)) return value;
    yield;
  }
}

/** Passes over a string of any encoding. */
export function* string(bytes: RdbBytes): Walk {
  if (bytes.takeString()) return;
  const { offset } = bytes;
  const size = yield* anyLength(bytes);
  if (size >= 0) yield* skip(bytes, size);
  else if (size === INT8) yield* skip(bytes, 1);
  else if (size === INT16) yield* skip(bytes, 2);
  else if (size === INT32) yield* skip(bytes, 4);
  else if (size === LZF) {
    const compressed = yield* length(bytes);
    yield* length(bytes);
    yield* skip(bytes, compressed);
  } else throw altered("a string of no known encoding", offset);
}

/** The text of a short plain string; undefined for any other, which is passed over. */
export function* shortText(bytes: RdbBytes, longest: number): Walk<string | undefined> {
  while (!bytes.has(1)) yield;
  const before = bytes.peek();
  if (before > longest || before >= 0x40) {
    yield* string(bytes);
    return undefined;
  }
  yield* need(bytes, 1 + before);
  bytes.byte();
  return bytes.text(before);
}
