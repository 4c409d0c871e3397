import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CdsClient } from "../../../provider/vendor/client";
import {
  fetchBackupFiles,
  type FetchedFile,
  type FetchOptions,
} from "../../../provider/download/download";
import type { BackupProgress } from "../../../provider/download/fetch";
import { SETTING_NAMES } from "../../settingNames";

/** In every URL that the vendor gives; no output may hold it. */
export const CANARY = "canary-token";
export const ID = "backup-1";

/** One request for a file, and what went out with it. */
export interface SeenRequest {
  readonly url: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export type FileHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A vendor on this machine: DownloadBackup, and the server of files behind its URLs. */
export class FileVendor {
  /** What a backup's file holds. */
  file: Buffer = Buffer.alloc(0);
  etag: string | undefined = '"v1"';
  /** What DownloadBackup answers, where it isn't the URL of the server. */
  answer: Readonly<Record<string, unknown>> = {};
  /** One for each request to come; then files are served as they should be. */
  readonly script: FileHandler[] = [];
  readonly requests: SeenRequest[] = [];
  readonly progress: BackupProgress[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "cds-redis-download-"));
  urlsGiven = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      if (request.url?.startsWith("/redis/") === true) this.#api(request, response);
      else this.#serve(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return this;
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  names(): string[] {
    return readdirSync(this.folder).sort();
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Downloads with delays of a millisecond; fails when the canary is in anything that comes out. */
  async fetch(options: Partial<FetchOptions> = {}): Promise<FetchedFile[]> {
    const all: FetchOptions = {
      client: this.client(),
      instanceId: "instance-1",
      entries: [{ backupId: ID, shardId: "", sizeBytes: this.file.length }],
      folder: this.folder,
      onProgress: (progress) => this.progress.push(progress),
      signal: new AbortController().signal,
      stallMs: 1500,
      firstDelayMs: 1,
      ...options,
    };
    try {
      return await fetchBackupFiles(all);
    } catch (error) {
      expect(wholeText(error)).not.toContain(CANARY);
      throw error;
    } finally {
      expect(JSON.stringify(this.progress)).not.toContain(CANARY);
      for (const entry of readdirSync(this.folder, { withFileTypes: true, recursive: true })) {
        expect(entry.name).not.toContain(CANARY);
        if (entry.isFile())
          expect(readFileSync(join(entry.parentPath, entry.name)).includes(CANARY)).toBe(false);
      }
    }
  }

  async failure(options: Partial<FetchOptions> = {}): Promise<Error> {
    const failed: unknown = await this.fetch(options).catch((error: unknown) => error);
    if (failed instanceof Error) return failed;
    throw new Error("it was downloaded");
  }

  client(endpoint = this.url): CdsClient {
    return new CdsClient({
      settingNames: SETTING_NAMES,
      endpoint,
      credentials: { accessKeyId: "id", accessKeySecret: "secret" },
      adapter: async (config) => {
        const { url = "" } = config;
        const answer = await fetch(url.replace(endpoint, this.url));
        return {
          data: await answer.text(),
          status: answer.status,
          statusText: "",
          headers: {},
          config,
        };
      },
    });
  }

  #api(request: IncomingMessage, response: ServerResponse): void {
    const backupId = new URL(request.url ?? "", this.url).searchParams.get("BackupId") ?? "";
    this.urlsGiven++;
    const url = `${this.url}/files/${backupId}?token=${CANARY}-${this.urlsGiven}`;
    const data = {
      BackupId: backupId,
      BackupDownloadUrl: url,
      BackupIntranetDownloadUrl: `${url}-intranet`,
      ...this.answer,
    };
    response.end(JSON.stringify({ Code: "Success", Message: "", Data: data }));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { range, "if-range": ifRange } = request.headers;
    this.requests.push({ url: request.url ?? "", range, ifRange: ifRange as string | undefined });
    const handler = this.script.shift() ?? this.whole;
    handler(request, response);
  }

  /** As a good server does it: with ranges, and the whole when the file is another by now. */
  readonly whole: FileHandler = (request, response) => {
    this.send(request, response, (body) => response.end(body));
  };

  /** The whole file, whose length is seen only when it has come. */
  readonly withoutLength: FileHandler = (_, response) => {
    response.write(this.file);
    response.end();
  };

  /** Sends so many bytes of the answer's body, then ends the connection. */
  dropAfter(count: number): FileHandler {
    return (request, response) => {
      this.send(request, response, (body) => {
        response.write(body.subarray(0, count));
        // Not destroyed: a reset overtakes bytes that are still to be read.
        response.socket?.end();
      });
    };
  }

  /** Sends so many bytes of the answer's body, then nothing. */
  stallAfter(count: number): FileHandler {
    return (request, response) => {
      this.send(request, response, (body) => {
        response.write(body.subarray(0, count));
      });
    };
  }

  send(request: IncomingMessage, response: ServerResponse, end: (body: Buffer) => void): void {
    const { range, "if-range": ifRange } = request.headers;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const { length } = this.file;
    if (this.etag !== undefined) response.setHeader("ETag", this.etag);
    if (from === 0 || (ifRange !== undefined && ifRange !== this.etag)) {
      response.writeHead(200, { "Content-Length": length });
      end(this.file);
    } else if (from >= length) {
      response.writeHead(416, { "Content-Range": `bytes */${length}` }).end();
    } else {
      const headers = {
        "Content-Range": `bytes ${from}-${length - 1}/${length}`,
        "Content-Length": length - from,
      };
      response.writeHead(206, headers);
      end(this.file.subarray(from));
    }
  }
}

/** All that an error tells, down to its causes. */
function wholeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? ""} ${JSON.stringify(error)} ${JSON.stringify(Object.entries(error))} ${wholeText(error.cause)}`;
}

/** Answers with a status and no file. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): FileHandler {
  return (_, response) => {
    response.writeHead(code, headers).end("no file");
  };
}
