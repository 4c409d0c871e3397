/** A part of a file. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The range that a Range header names in a file of `size` bytes: `bytes=N-`, `bytes=N-M` or `bytes=-N`. Undefined means
 * the whole file: there is no such header, or the server may ignore it, as with several ranges at once.
 * `unsatisfiable` means that the range begins behind the end.
 */
export function byteRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, length };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, length: end - start + 1 };
}
