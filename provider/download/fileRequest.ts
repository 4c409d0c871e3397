import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";

import axios, { type AxiosResponse } from "axios";

import { AddressRefusedError, type BackupTarget } from "./backupUrl";
import { BackupDownloadError, codeOf, DroppedError } from "./downloadErrors";
import { ReceivedBody } from "./receivedBody";

/** What a URL is refused with when it has expired or its file has moved. */
const URL_REFUSED = new Set([400, 401, 403, 404, 410]);
const MAY_PASS = new Set([408, 425, 429]);

export interface FileRequest {
  /** Bytes of the file that are there already. */
  readonly from: number;
  /** Of those bytes. */
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

/** The answer of a server to a request for a file, or for its rest. */
export interface FileAnswer {
  /** Where the bytes that come belong; undefined when there are none behind `from`. */
  readonly start: number | undefined;
  /** Of the whole file; undefined when the server doesn't say. */
  readonly totalBytes: number | undefined;
  /** A strong one. */
  readonly etag: string | undefined;
  readonly body: ReceivedBody;
}

/**
 * Asks for a file once.
 *
 * @throws DroppedError when it may go better later, BackupDownloadError when not; neither holds the URL.
 */
export async function requestFile(
  target: BackupTarget,
  { from, etag, signal }: FileRequest,
): Promise<FileAnswer> {
  const response = await send(target, signal, {
    "User-Agent": "pulumi-cds-redis",
    // A length and a range are of the file only when it is not packed.
    "Accept-Encoding": "identity",
    ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
    ...(from > 0 && etag !== undefined ? { "If-Range": etag } : {}),
  });
  const body = new ReceivedBody(response.data);
  try {
    return answerOf(response, body, from);
  } catch (error) {
    body.destroy();
    throw error;
  }
}

async function send(
  target: BackupTarget,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<AxiosResponse<Readable>> {
  try {
    return await axios.request<Readable>({
      url: target.url,
      method: "GET",
      headers,
      signal,
      lookup: target.lookup,
      responseType: "stream",
      decompress: false,
      maxRedirects: 0,
      validateStatus: () => true,
      // Of their own: a connection that is kept was not looked up for this target.
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false }),
      ...(target.mayUseProxy ? {} : { proxy: false as const }),
    });
  } catch (error) {
    // Nothing else of the axios error is kept: its config holds the URL.
    if (codeOf(error) === "ADDRESS_REFUSED") throw addressRefused(error);
    throw new DroppedError(`no answer: ${codeOf(error) ?? "failed"}`);
  }
}

function addressRefused(error: unknown): BackupDownloadError {
  const cause = error instanceof Error ? error.cause : undefined;
  const message = cause instanceof AddressRefusedError ? cause.message : "the address is refused";
  return new BackupDownloadError(message);
}

function answerOf(response: AxiosResponse<Readable>, body: ReceivedBody, from: number): FileAnswer {
  const { status } = response;
  const header = (name: string): string => String(response.headers[name] ?? "");
  if (status >= 300 && status < 400 && status !== 304)
    throw new BackupDownloadError(
      `the server answers with a redirect (HTTP ${status}), which is not followed: where it leads is not the vendor's word. Ask the vendor for a URL of the file itself.`,
    );
  if (URL_REFUSED.has(status)) throw new DroppedError(`the URL is refused (HTTP ${status})`, true);
  if (status >= 500 || MAY_PASS.has(status)) throw new DroppedError(`HTTP ${status}`);
  const strongEtag = /^"[^"]*"$/.exec(header("etag"))?.[0];
  if (status === 416) {
    body.destroy();
    return { start: undefined, totalBytes: undefined, etag: undefined, body };
  }
  if (status !== 200 && status !== 206)
    throw new BackupDownloadError(`the server answers with HTTP ${status} instead of the file.`);
  if (!["", "identity"].includes(header("content-encoding")))
    throw new BackupDownloadError(
      "the server packs the file on the way although it was asked not to.",
    );
  const length = /^\d+$/.test(header("content-length"))
    ? Number(header("content-length"))
    : undefined;
  if (status === 200) return { start: 0, totalBytes: length, etag: strongEtag, body };
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header("content-range"));
  if (range === null)
    throw new BackupDownloadError("the server doesn't say which part of the file it sends.");
  const [, start = "", , total = ""] = range;
  const totalBytes =
    total === "*" ? (length === undefined ? undefined : from + length) : Number(total);
  return { start: Number(start), totalBytes, etag: strongEtag, body };
}
