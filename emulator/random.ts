import { createHash } from "node:crypto";

/**
 * Random values that can be repeated and resumed. The n-th value is a hash of the seed and n, so a restart that knows
 * how many values were drawn never gives out an id twice.
 */
export class SeededRandom {
  readonly #seed: string;
  #drawn: number;

  constructor(seed: string, drawn = 0) {
    this.#seed = seed;
    this.#drawn = drawn;
  }

  /** How many values were drawn; kept in the state file. */
  get drawn(): number {
    return this.#drawn;
  }

  /** 64 hexadecimal digits. */
  hex(): string {
    this.#drawn += 1;
    return createHash("sha256").update(`${this.#seed}\n${this.#drawn}`).digest("hex");
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return parseInt(this.hex().slice(0, 12), 16) / 2 ** 48;
  }

  /** In the shape of a version 4 UUID, as the vendor's ids are. */
  uuid(): string {
    const digits = this.hex();
    const variant = "89ab".charAt(parseInt(digits.charAt(16), 16) % 4);
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(13, 16)}`,
      `${variant}${digits.slice(17, 20)}`,
      digits.slice(20, 32),
    ].join("-");
  }

  /** An address of the private network 10.0.0.0/8, never the first or last of its /24. */
  privateIp(): string {
    const bytes = Buffer.from(this.hex().slice(0, 6), "hex");
    return `10.${bytes.readUInt8(0)}.${bytes.readUInt8(1)}.${1 + (bytes.readUInt8(2) % 254)}`;
  }
}
