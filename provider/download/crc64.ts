/** The Jones polynomial 0xad93d23594c935a9, bits reversed, as two halves. */
const POLY_HIGH = 0x95ac9329;
const POLY_LOW = 0xac4bc9b5;
/** Bytes taken at once. */
const SLICES = 8;

/** For slice s and byte b the low and the high half of a value, at `s * 256 + b`. */
const [LOW, HIGH] = tablesOfSlices();

function tablesOfSlices(): [Int32Array, Int32Array] {
  const lows = new Int32Array(SLICES * 256);
  const highs = new Int32Array(SLICES * 256);
  for (let slot = 0; slot < lows.length; slot++) {
    // The first slice takes a byte through 8 steps; each further slice continues from the one before.
    let low = slot < 256 ? slot : at(lows, slot - 256);
    let high = slot < 256 ? 0 : at(highs, slot - 256);
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) [low, high] = [low ^ POLY_LOW, high ^ POLY_HIGH];
    }
    [lows[slot], highs[slot]] = [low, high];
  }
  return [lows, highs];
}

function at(table: Int32Array, slot: number): number {
  return table[slot] ?? 0;
}

/** The farther a byte is from the end of the eight, the more steps its slice holds. */
function xorOfEight(table: Int32Array, a: number, b: number): number {
  return (
    at(table, 1792 + (a & 255)) ^
    at(table, 1536 + ((a >>> 8) & 255)) ^
    at(table, 1280 + ((a >>> 16) & 255)) ^
    at(table, 1024 + (a >>> 24)) ^
    at(table, 768 + (b & 255)) ^
    at(table, 512 + ((b >>> 8) & 255)) ^
    at(table, 256 + ((b >>> 16) & 255)) ^
    at(table, b >>> 24)
  );
}

/** The CRC-64 of Redis (Jones), fed piece by piece: reflected, from zero, no final xor. */
export class Crc64 {
  #low = 0;
  #high = 0;

  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.byteLength;
    let [low, high, done] = [this.#low, this.#high, 0];
    for (; done + SLICES <= size; done += SLICES) {
      const a = low ^ view.getInt32(done, true);
      const b = high ^ view.getInt32(done + 4, true);
      low = xorOfEight(LOW, a, b);
      high = xorOfEight(HIGH, a, b);
    }
    for (; done < size; done++) {
      const slot = (low ^ view.getUint8(done)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ at(LOW, slot);
      high = (high >>> 8) ^ at(HIGH, slot);
    }
    [this.#low, this.#high] = [low, high];
  }

  copy(): Crc64 {
    const copy = new Crc64();
    [copy.#low, copy.#high] = [this.#low, this.#high];
    return copy;
  }

  /** The upper 32 bits. */
  get high(): number {
    return this.#high >>> 0;
  }

  /** The lower 32 bits. */
  get low(): number {
    return this.#low >>> 0;
  }
}
