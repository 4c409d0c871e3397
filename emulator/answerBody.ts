import { createReadStream } from "node:fs";
import type { FilePart } from "./instanceServers";

/** The body of an answer: text, bytes, or a file, which is never in memory as a whole. */
export type AnswerBody = string | Buffer | FilePart;

export function isFilePart(body: AnswerBody): body is FilePart {
  return typeof body === "object" && "path" in body;
}

/** In bytes. */
export function lengthOf(body: AnswerBody): number {
  return isFilePart(body) ? body.length : Buffer.byteLength(body);
}

/** A part of a body, which must lie within it. Text counts in characters. */
export function partOf<T extends AnswerBody>(body: T, start: number, length: number): T;
export function partOf(body: AnswerBody, start: number, length: number): AnswerBody {
  if (isFilePart(body)) return { path: body.path, start: body.start + start, length };
  return typeof body === "string"
    ? body.slice(start, start + length)
    : body.subarray(start, start + length);
}

export function firstHalf(body: AnswerBody): AnswerBody {
  return partOf(body, 0, Math.floor(body.length / 2));
}

/** @throws Error when the file of a part can't be read. */
export async function* chunksOf(body: AnswerBody): AsyncGenerator<string | Buffer> {
  if (!isFilePart(body)) {
    yield body;
    return;
  }
  const { path, start, length } = body;
  if (length === 0) return;
  for await (const chunk of createReadStream(path, { start, end: start + length - 1 })) {
    yield chunk as Buffer;
  }
}
