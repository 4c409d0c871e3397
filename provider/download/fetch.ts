import { on } from "node:events";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";

import axios, { type AxiosResponse } from "axios";

import type { BackupTarget } from "./backupUrl";
import { BackupDownloadError, CleanError, codeOf, DroppedError } from "./errors";
import type { PartFile } from "./folder";
import { RdbError } from "./rdb";

/** After these and after 5xx another try, which has a fresh URL, may succeed. */
const MAY_PASS = new Set([400, 401, 403, 404, 408, 410, 425, 429]);
/** More pieces, of about 64 KiB each, wait in the connection. */
const MOST_WAITING_PIECES = 16;

export interface FileRequest {
  readonly target: BackupTarget;
  readonly part: PartFile;
  /** How long no byte may come. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Called after each piece. An RdbError that it throws ends the request. */
  readonly onPiece: (totalBytes: number | undefined) => void;
}

/**
 * Asks a server once for what the part lacks of its file, and appends it. A server without ranges sends
 * the whole file, which replaces the part.
 *
 * @returns the size of the whole file, if the server tells it.
 * @throws DroppedError when another try may succeed, RdbError when the bytes are of no use,
 * BackupDownloadError else. None holds the URL.
 */
export async function requestRest(request: FileRequest): Promise<number | undefined> {
  const { part, stallMs, onPiece } = request;
  const stalled = new AbortController();
  const timer = setTimeout(() => {
    stalled.abort(new DroppedError(`no byte for ${stallMs / 1000} s`));
  }, stallMs);
  const signal = AbortSignal.any([stalled.signal, request.signal]);
  let body: Readable | undefined;
  try {
    const response = await send(request, signal);
    body = response.data;
    // Listens before anything else: pieces that come before the connection breaks off are not lost.
    const options = { signal, close: ["close"], highWaterMark: MOST_WAITING_PIECES };
    const pieces = on(body, "data", options) as AsyncIterable<[Uint8Array]>;
    body.on("error", () => undefined);
    // The part has all bytes, or more.
    if (response.status === 416) return undefined;
    const totalBytes = await startPart(part, response);
    for await (const [piece] of pieces) {
      await part.append(piece);
      onPiece(totalBytes);
      timer.refresh();
    }
    if (part.size < (totalBytes ?? 0))
      throw new DroppedError(`the connection ended after byte ${part.size}`);
    return totalBytes;
  } catch (error) {
    throw withoutUrl(error, signal);
  } finally {
    clearTimeout(timer);
    body?.destroy();
  }
}

async function send(
  { target, part }: FileRequest,
  signal: AbortSignal,
): Promise<AxiosResponse<Readable>> {
  return axios.request<Readable>({
    url: target.url,
    headers: {
      "User-Agent": "pulumi-cds-redis",
      // A length and a range are of the file only when it is not packed.
      "Accept-Encoding": "identity",
      ...(part.size > 0 ? { Range: `bytes=${part.size}-` } : {}),
      ...(part.size > 0 && part.etag !== undefined ? { "If-Range": part.etag } : {}),
    },
    signal,
    lookup: target.lookup,
    responseType: "stream",
    decompress: false,
    maxRedirects: 0,
    validateStatus: () => true,
    // Agents of this request alone: a connection that is kept was not looked up for this target.
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
    ...(target.mayUseProxy ? {} : { proxy: false as const }),
  });
}

/**
 * Gets the part ready for the bytes of an answer, and refuses any other answer.
 *
 * @returns the size of the whole file, if the answer tells it.
 */
async function startPart(
  part: PartFile,
  { status, headers }: AxiosResponse<Readable>,
): Promise<number | undefined> {
  const answer = `the server answers with HTTP ${status}`;
  const header = (name: string): string => String(headers[name] ?? "");
  // Only a strong ETag tells that bytes are the same.
  const etag = /^"[^"]*"$/.exec(header("etag"))?.[0];
  if (status === 200) {
    await part.startAnew(etag);
    return Number(header("content-length")) || undefined;
  }
  if (status >= 500 || MAY_PASS.has(status)) throw new DroppedError(answer);
  if (status !== 206)
    throw new BackupDownloadError(
      `${answer} instead of the file. Redirects are not followed. Ask the vendor's support for a URL of the file itself.`,
    );
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header("content-range")) ?? [];
  if (Number(start) !== part.size)
    throw new RdbError("the server sends another part than asked for");
  part.continueWith(etag);
  return Number(total) || undefined;
}

/** An error that may hold the URL leaves nothing but its code. */
function withoutUrl(error: unknown, { reason }: AbortSignal): Error {
  // The look-up's refusal of an address comes as a cause.
  const errors: unknown[] = [error, error instanceof Error ? error.cause : undefined, reason];
  const clean = errors.find((each) => each instanceof CleanError);
  return clean ?? new DroppedError(`no connection (${codeOf(error) ?? "failed"})`);
}
