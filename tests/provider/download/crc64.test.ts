import { crc64, type Crc64 } from "../../../provider/download/rdb";

function slowly(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc.toString(16).padStart(16, "0");
}

function hex({ high, low }: Crc64): string {
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

test("the known value of 123456789", () => {
  expect(hex(crc64(Buffer.from("123456789")))).toBe("e9c6d914c4b8d9ca");
});

test("is that of the definition for any length, split anywhere", () => {
  const all = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 151 + 7) & 255));
  for (let size = 0; size <= all.length; size++) {
    const bytes = all.subarray(0, size);
    const expected = slowly(bytes);
    for (const split of [0, 1, 7, 8, 9, size])
      expect(hex(crc64(bytes.subarray(split), crc64(bytes.subarray(0, split))))).toBe(expected);
  }
});
