/** The Jones polynomial 0xad93d23594c935a9, bits reversed, as two halves. */
const POLY_HIGH = 0x95ac9329;
const POLY_LOW = 0xac4bc9b5;
/** Bytes taken at once. */
const SLICES = 8;

/** For slice s and byte b: the low half at `(s * 256 + b) * 2`, the high half behind it. */
const TABLE = tableOfSlices();

function tableOfSlices(): Int32Array {
  const table = new Int32Array(SLICES * 256 * 2);
  for (let byte = 0; byte < 256; byte++) {
    let [low, high] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) [low, high] = [low ^ POLY_LOW, high ^ POLY_HIGH];
    }
    table[byte * 2] = low;
    table[byte * 2 + 1] = high;
  }
  for (let slot = 256; slot < SLICES * 256; slot++) {
    const low = table[(slot - 256) * 2] ?? 0;
    const high = table[(slot - 256) * 2 + 1] ?? 0;
    const first = (low & 255) * 2;
    table[slot * 2] = ((low >>> 8) | (high << 24)) ^ (table[first] ?? 0);
    table[slot * 2 + 1] = (high >>> 8) ^ (table[first + 1] ?? 0);
  }
  return table;
}

/** The CRC-64 of Redis (Jones), fed piece by piece: reflected, from zero, no final xor. */
export class Crc64 {
  #low = 0;
  #high = 0;

  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.byteLength;
    const table = TABLE;
    let low = this.#low;
    let high = this.#high;
    let at = 0;
    for (; at + SLICES <= size; at += SLICES) {
      const a = low ^ view.getInt32(at, true);
      const b = high ^ view.getInt32(at + 4, true);
      // The farther a byte is from the end of the eight, the more steps its table holds.
      const s7 = (1792 + (a & 255)) << 1;
      const s6 = (1536 + ((a >>> 8) & 255)) << 1;
      const s5 = (1280 + ((a >>> 16) & 255)) << 1;
      const s4 = (1024 + (a >>> 24)) << 1;
      const s3 = (768 + (b & 255)) << 1;
      const s2 = (512 + ((b >>> 8) & 255)) << 1;
      const s1 = (256 + ((b >>> 16) & 255)) << 1;
      const s0 = (b >>> 24) << 1;
      low =
        (table[s7] ?? 0) ^
        (table[s6] ?? 0) ^
        (table[s5] ?? 0) ^
        (table[s4] ?? 0) ^
        (table[s3] ?? 0) ^
        (table[s2] ?? 0) ^
        (table[s1] ?? 0) ^
        (table[s0] ?? 0);
      high =
        (table[s7 + 1] ?? 0) ^
        (table[s6 + 1] ?? 0) ^
        (table[s5 + 1] ?? 0) ^
        (table[s4 + 1] ?? 0) ^
        (table[s3 + 1] ?? 0) ^
        (table[s2 + 1] ?? 0) ^
        (table[s1 + 1] ?? 0) ^
        (table[s0 + 1] ?? 0);
    }
    for (; at < size; at++) {
      const slot = ((low ^ view.getUint8(at)) & 255) << 1;
      low = ((low >>> 8) | (high << 24)) ^ (table[slot] ?? 0);
      high = (high >>> 8) ^ (table[slot + 1] ?? 0);
    }
    this.#low = low;
    this.#high = high;
  }

  /** The upper 32 bits. */
  get high(): number {
    return this.#high >>> 0;
  }

  /** The lower 32 bits. */
  get low(): number {
    return this.#low >>> 0;
  }

  /** As 16 hexadecimal digits. */
  get hex(): string {
    return [this.high, this.low].map((half) => half.toString(16).padStart(8, "0")).join("");
  }
}
