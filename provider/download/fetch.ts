import { on, once } from "node:events";
import { rename, rm, type FileHandle } from "node:fs/promises";
import { Agent, type IncomingMessage } from "node:http";
import { dirname } from "node:path";

import axios, { type AxiosRequestConfig, type AxiosResponse } from "axios";

import { codeOf, openForAppend } from "../disk";
import { sleep } from "../time";
import { downloadBackup } from "../vendor/actions/backups";
import { agentFor, ProxyError } from "../vendor/agent";
import { logged } from "../vendor/callLog";
import type { CdsClient } from "../vendor/client";
import { BackupDownloadError, CdsConfigError, CdsError } from "../vendor/errors";
import { stageOf, type HttpFailure } from "../vendor/failure";
import { backupTarget, type BackupTarget } from "./backupUrl";
import { RdbError, verifyRdbFile, type RdbFacts } from "./rdb";
import type { BackupEntry } from "../vendor/types";

/** Tries in a row that bring no new byte. */
const MOST_TRIES = 5;
/** A file may be twice as large as the vendor tells, and so much larger. */
const ALLOWANCE_BYTES = 64 * 1024 * 1024;
/** After these and after 5xx another try, which has a fresh URL, may succeed. */
const MAY_PASS = new Set([400, 401, 403, 404, 408, 410, 425, 429]);
/** At most so many pieces, of about 64 KiB each, wait in memory. The connection holds the rest back. */
const MOST_WAITING_PIECES = 16;

/** The part of a backup that is in one file. Its size is 0 when the vendor tells none. */
export type FileEntry = Pick<BackupEntry, "backupId" | "shardId" | "sizeBytes">;

export interface BackupProgress extends Omit<FileEntry, "sizeBytes"> {
  readonly receivedBytes: number;
  /** 0 when neither the vendor nor the server tells it. */
  readonly totalBytes: number;
}

export interface FileOptions {
  readonly client: CdsClient;
  readonly instanceId: string;
  /** Takes the URL in the vendor's network. Default: the public one. */
  readonly intranet?: boolean;
  /** Whether a later run into the same folder continues what a failure leaves. Default: true. */
  readonly isResumable?: boolean;
  /** Ends the download at once. It comes too late when the reason is a `TimeoutError`. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** How long no byte may come. Default: 60 s. */
  readonly stallMs?: number;
  /** Before the second try. Default: 500 ms. */
  readonly firstDelayMs?: number;
}

/** The bytes of a file that are there, at `<path of the file>.part`. */
interface Part extends FileEntry {
  readonly path: string;
  readonly file: FileHandle;
  size: number;
  /** How often the server was asked for it so far. */
  attempts: number;
  /** The size of the whole file, if the server tells it. */
  totalBytes?: number | undefined;
  /** The ETag of the server's file that the bytes are of, if it is known. */
  etag?: string | undefined;
  /** Whether all bytes came in one answer, or in several with the same ETag. */
  isOneFile: boolean;
}

/** One try ended early. The next try may succeed. */
class DroppedError extends BackupDownloadError {}

/** The sentence that a later run continues; "" where none does. */
export function resumeAdvice({ isResumable = true }: FileOptions): string {
  return isResumable ? " Run the same command again: it goes on where it stopped." : "";
}

/** Settles as the work on a file or folder does. Throws a {@link BackupDownloadError} instead of the system's error. */
export async function explainDiskErrors<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    const code = codeOf(error);
    if (code === undefined) throw error;
    let reason = `can't be used: ${code}. Check the folder and its rights`;
    if (code === "ENOSPC" || code === "EDQUOT")
      reason = "can't be written: the disk is full. Make room there";
    if (code === "EEXIST" || code === "ENOTDIR")
      reason = "is a file where a folder is needed. Name another folder";
    throw new BackupDownloadError(`${path} ${reason}, then run the same command again.`);
  });
}

/**
 * Fetches a file, proves it whole and gives it its path. Continues what an earlier run left there.
 *
 * @throws BackupDownloadError, or CdsError when the vendor gives no URL; any error when the signal is aborted.
 */
export async function fetchFile(
  options: FileOptions,
  entry: FileEntry,
  path: string,
): Promise<RdbFacts> {
  const partPath = `${path}.part`;
  const file = await explainDiskErrors(partPath, openForAppend(partPath));
  const { size } = await file.stat();
  const part: Part = { ...entry, path: partPath, file, size, attempts: 0, isOneFile: false };
  try {
    const facts = await receive(options, part);
    await explainDiskErrors(partPath, file.sync());
    await file.close();
    await explainDiskErrors(partPath, rename(partPath, path));
    return facts;
  } catch (error) {
    await file.close();
    const isUseless = error instanceof RdbError || options.isResumable === false;
    if (isUseless) await rm(partPath, { force: true });
    throw failure(error, options, part);
  }
}

/** Says which backup was not downloaded, why, and what to do. Other errors say that themselves. */
function failure(error: unknown, options: FileOptions, { backupId, path }: Part): unknown {
  if (!(error instanceof BackupDownloadError)) return error;
  let reason = error.message;
  if (error instanceof RdbError)
    reason = `what the server sent is no whole backup: ${reason}. Nothing is kept of it. Run the same command again, or take another backup.`;
  if (error instanceof DroppedError)
    reason = `${MOST_TRIES} tries in a row brought no new byte; the last one: ${reason}.${resumeAdvice(options)}`;
  const what = `backup ${backupId} was not downloaded to ${dirname(path)}`;
  return new BackupDownloadError(`${what}: ${reason}`);
}

/** Receives what the part lacks of its file, in as many tries as bring new bytes, and proves it whole. */
async function receive(options: FileOptions, part: Part): Promise<RdbFacts> {
  const { firstDelayMs = 500, signal } = options;
  let best = part.size;
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      const target = await Promise.race([failAt(signal), askTarget(options, part)]);
      await receiveRest(options, part, target);
      return await proveWhole(part, signal);
    } catch (error) {
      // A server without ranges starts anew each time, so only bytes beyond the best try are progress.
      failures = part.size > best ? 0 : failures + 1;
      best = Math.max(best, part.size);
      const mayPass =
        error instanceof DroppedError || (error instanceof CdsError && error.transient);
      if (!mayPass || failures === MOST_TRIES) throw error;
    }
    await sleep(firstDelayMs * 2 ** failures, signal);
  }
}

/** Asks the vendor for a URL of the file: each lasts for a while only. */
async function askTarget(options: FileOptions, { backupId }: Part): Promise<BackupTarget> {
  const { client, instanceId, intranet: isIntranet = false } = options;
  const answer = await downloadBackup(client, instanceId, backupId);
  if (answer.backupId !== backupId)
    throw new BackupDownloadError(`the vendor answers about another backup than ${backupId}.`);
  const url = isIntranet ? answer.intranetDownloadUrl : answer.downloadUrl;
  return backupTarget(url, { endpoint: client.endpoint, isIntranet });
}

/** Rejects when the signal is aborted: nobody waits for the vendor's answer then. */
async function failAt(signal: AbortSignal): Promise<never> {
  await once(signal, "abort");
  throw new DroppedError("cancelled");
}

async function receiveRest(options: FileOptions, part: Part, target: BackupTarget): Promise<void> {
  const { backupId, shardId, sizeBytes: told } = part;
  const { signal, stallMs = 60_000, onProgress } = options;
  const most = told === 0 ? Number.POSITIVE_INFINITY : 2 * told + ALLOWANCE_BYTES;
  let body: IncomingMessage | undefined;
  try {
    const response = await send(part, target, { signal, timeout: stallMs });
    body = response.data;
    // Listens before anything else: pieces that come before the connection breaks off are not lost.
    const limits = { signal, close: ["close"], highWaterMark: MOST_WAITING_PIECES };
    const pieces = on(body, "data", limits) as AsyncIterable<[Uint8Array]>;
    body.on("error", () => undefined);
    const stalled = new DroppedError(`no byte for ${stallMs / 1000} s`);
    body.setTimeout(stallMs, () => body?.destroy(stalled));
    // The part has all bytes, or more.
    if (response.status === 416) return;
    await prepare(part, response);
    for await (const [piece] of pieces) {
      await explainDiskErrors(part.path, part.file.appendFile(piece));
      part.size += piece.byteLength;
      const { size: receivedBytes, totalBytes = told } = part;
      onProgress?.({ backupId, shardId, receivedBytes, totalBytes });
      if (receivedBytes > most)
        throw new RdbError(`it has more than ${most} bytes, where the vendor tells ${told}`);
    }
    if (part.size < (part.totalBytes ?? 0))
      throw new DroppedError(`the connection ended after byte ${part.size}`);
  } catch (error) {
    throw requestError(error, stallMs);
  } finally {
    body?.destroy();
  }
}

/** What an error of a request means, in words without the URL, which the error may hold. */
function requestError(error: unknown, stallMs: number): Error {
  const { cause, request } = error as HttpFailure;
  // The look-up's refusal of an address comes as a cause.
  const isOwn = (one: unknown): one is Error =>
    one instanceof BackupDownloadError || one instanceof CdsConfigError;
  const own = [error, cause].find(isOwn);
  if (own !== undefined) return own;
  if (cause instanceof ProxyError) {
    const { message, remedy } = cause;
    if (remedy !== undefined) return new BackupDownloadError(`${message}. ${remedy}`);
    return new DroppedError(message);
  }
  const code = codeOf(error) ?? "failed";
  // Without a cause it is the time that axios counts.
  if (code !== "ETIMEDOUT" || cause !== undefined)
    return new DroppedError(`no connection (${code})`);
  return new DroppedError(`timed out after ${stallMs / 1000} s${stageOf(request)}`);
}

async function send(
  part: Part,
  { url, lookup, mayUseProxy }: BackupTarget,
  limits: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<AxiosResponse<IncomingMessage>> {
  const { size, etag } = part;
  part.attempts += 1;
  const request: AxiosRequestConfig = {
    ...limits,
    url,
    headers: {
      "User-Agent": "pulumi-cds-redis",
      // A length and a range are of the file only when it is not packed.
      "Accept-Encoding": "identity",
      ...(size > 0 ? { Range: `bytes=${size}-` } : {}),
      ...(size > 0 && etag !== undefined ? { "If-Range": etag } : {}),
    },
    lookup,
    responseType: "stream",
    decompress: false,
    maxRedirects: 0,
    validateStatus: () => true,
    transitional: { clarifyTimeoutError: true },
    // Agents of this request alone: a connection that is kept was not looked up for this target.
    httpAgent: new Agent({ keepAlive: false }),
    httpsAgent: agentFor(url, mayUseProxy, { keepAlive: false }),
    // The agent knows the proxy.
    proxy: false,
  };
  const attempt = { action: "BackupFile", attempt: part.attempts, secrets: [] };
  return logged(attempt, () => axios.request<IncomingMessage>(request));
}

/**
 * Gets the part ready for the bytes of an answer, and refuses any other answer. A server without
 * ranges sends the whole file, which replaces the part.
 */
async function prepare(part: Part, response: AxiosResponse<IncomingMessage>): Promise<void> {
  const { status, headers } = response;
  const answer = `the server answers with HTTP ${status}`;
  const header = (name: string): string => String(headers[name] ?? "");
  // Only a strong ETag tells that bytes are the same.
  const etag = /^"[^"]*"$/.exec(header("etag"))?.[0];
  if (status === 200) {
    await explainDiskErrors(part.path, part.file.truncate(0));
    const totalBytes = Number(header("content-length")) || undefined;
    Object.assign(part, { size: 0, totalBytes, etag, isOneFile: true });
    return;
  }
  if (status >= 500 || MAY_PASS.has(status)) throw new DroppedError(answer);
  if (status !== 206)
    throw new BackupDownloadError(
      `${answer} instead of the file. Redirects are not followed. Ask the vendor's support for a URL of the file itself.`,
    );
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header("content-range")) ?? [];
  if (Number(start) !== part.size)
    throw new RdbError("the server sends another part than asked for");
  const isKnown = etag !== undefined && part.etag !== undefined;
  if (isKnown && etag !== part.etag) throw new RdbError("the file changed at the server");
  const totalBytes = Number(total) || undefined;
  Object.assign(part, { totalBytes, etag, isOneFile: part.isOneFile && isKnown });
}

/** Proves the part whole: by its checksum or, without one, by its size and the certainty that all bytes are of one file. */
async function proveWhole(part: Part, signal: AbortSignal): Promise<RdbFacts> {
  const { path, size, isOneFile } = part;
  const facts = await explainDiskErrors(path, verifyRdbFile(path, signal));
  if (facts.checksum === "verified") return facts;
  const told = part.sizeBytes || part.totalBytes;
  if (size !== told)
    throw new RdbError(
      `it has no checksum to prove it, and its size is ${size} bytes where the vendor tells ${told ?? "none"}`,
    );
  if (!isOneFile) throw new RdbError("it has no checksum to prove that its parts belong together");
  return facts;
}
