import { on } from "node:events";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";

import axios, { type AxiosResponse } from "axios";

import { now } from "../time";
import type { BackupTarget } from "./backupUrl";
import { BackupDownloadError, codeOf, DroppedError } from "./errors";

/** What a URL is refused with when it has expired or its file has moved. */
const URL_REFUSED = new Set([400, 401, 403, 404, 410]);
const MAY_PASS = new Set([408, 425, 429]);
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** More pieces, of about 64 KiB each, wait in the connection. */
const MOST_WAITING_PIECES = 16;

export interface FileRequest {
  readonly target: BackupTarget;
  /** Bytes of the file that are there already. */
  readonly from: number;
  /** Of those bytes. */
  readonly etag: string | undefined;
  /** How long no byte may come. */
  readonly stallMs: number;
  /** On the clock of `now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** The answer of a server to a request for a file, or for its rest. */
export interface FileAnswer {
  /** Where the bytes that come belong; undefined when there are none behind `from`. */
  readonly start: number | undefined;
  /** Of the whole file; undefined when the server doesn't say. */
  readonly totalBytes: number | undefined;
  /** A strong one. */
  readonly etag: string | undefined;
}

/** Takes an answer: first its head, then its bytes. An error of the receiver ends the request. */
export interface FileReceiver {
  readonly onAnswer: (answer: FileAnswer) => Promise<void>;
  readonly onPiece: (piece: Uint8Array) => Promise<void>;
}

/**
 * Asks for a file once.
 *
 * @throws DroppedError when it may go better later, BackupDownloadError when not; neither holds the URL.
 */
export async function requestFile(request: FileRequest, receiver: FileReceiver): Promise<void> {
  const { from, stallMs, deadline } = request;
  const stalled = new AbortController();
  const timer = setTimeout(() => {
    stalled.abort(new DroppedError(`no byte for ${stallMs / 1000} s`));
  }, stallMs);
  const leftMs = Math.min(Math.max(1, Math.ceil(deadline - now())), LONGEST_TIMER_MS);
  const signals = [stalled.signal, AbortSignal.timeout(leftMs), request.signal];
  const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
  let body: Readable | undefined;
  try {
    const response = await send(request, signal);
    body = response.data;
    const pieces = piecesOf(listenTo(body, signal), signal);
    await receiver.onAnswer(answerOf(response, from));
    for await (const piece of pieces) {
      await receiver.onPiece(piece);
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    body?.destroy();
  }
}

async function send(
  { target, from, etag }: FileRequest,
  signal: AbortSignal,
): Promise<AxiosResponse<Readable>> {
  try {
    return await axios.request<Readable>({
      url: target.url,
      method: "GET",
      headers: {
        "User-Agent": "pulumi-cds-redis",
        // A length and a range are of the file only when it is not packed.
        "Accept-Encoding": "identity",
        ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
        ...(from > 0 && etag !== undefined ? { "If-Range": etag } : {}),
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
  } catch (error) {
    // The look-up refused the address.
    if (error instanceof Error && error.cause instanceof BackupDownloadError) throw error.cause;
    throw dropped("no answer: CODE", error, signal);
  }
}

/** Collects pieces from now on, so that those which came before the stream broke off are not lost. */
function listenTo(body: Readable, signal: AbortSignal): AsyncIterable<[Uint8Array]> {
  body.on("error", () => undefined);
  const options = { signal, close: ["close"], highWaterMark: MOST_WAITING_PIECES };
  return on(body, "data", options) as AsyncIterable<[Uint8Array]>;
}

async function* piecesOf(
  events: AsyncIterable<[Uint8Array]>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const [piece] of events) yield piece;
  } catch (error) {
    throw dropped("the connection broke off (CODE)", error, signal);
  }
}

/** The error of a request that ended early. It holds nothing of the cause but its code: the cause has the URL. */
function dropped(what: string, error: unknown, { aborted, reason }: AbortSignal): DroppedError {
  if (aborted)
    return reason instanceof DroppedError ? reason : new DroppedError("the time is over");
  return new DroppedError(what.replace("CODE", codeOf(error) ?? "failed"));
}

function answerOf({ status, headers }: AxiosResponse<Readable>, from: number): FileAnswer {
  const header = (name: string): string => String(headers[name] ?? "");
  requireFile(status, header("content-encoding"));
  const etag = /^"[^"]*"$/.exec(header("etag"))?.[0];
  if (status === 416) return { start: undefined, totalBytes: undefined, etag: undefined };
  const length = /^\d+$/.test(header("content-length"))
    ? Number(header("content-length"))
    : undefined;
  if (status === 200) return { start: 0, totalBytes: length, etag };
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header("content-range"));
  if (range === null)
    throw new BackupDownloadError("the server doesn't say which part of the file it sends.");
  const [, start = "", , total = ""] = range;
  const rest = length === undefined ? undefined : from + length;
  return { start: Number(start), totalBytes: total === "*" ? rest : Number(total), etag };
}

/** @throws DroppedError or BackupDownloadError unless the file, or a part of it, comes as it is. */
function requireFile(status: number, encoding: string): void {
  if (status >= 300 && status < 400 && status !== 304)
    throw new BackupDownloadError(
      `the server answers with a redirect (HTTP ${status}), which is not followed: where it leads is not the vendor's word. Ask the vendor for a URL of the file itself.`,
    );
  if (URL_REFUSED.has(status)) throw new DroppedError(`the URL is refused (HTTP ${status})`, true);
  if (status >= 500 || MAY_PASS.has(status)) throw new DroppedError(`HTTP ${status}`);
  if (![200, 206, 416].includes(status))
    throw new BackupDownloadError(`the server answers with HTTP ${status} instead of the file.`);
  if (status !== 416 && !["", "identity"].includes(encoding))
    throw new BackupDownloadError(
      "the server packs the file on the way although it was asked not to.",
    );
}
