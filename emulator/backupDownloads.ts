import { lengthOf, partOf } from "./answerBody";
import { resourceNotFound, unsupportedOperation } from "./apiError";
import { byteRange } from "./byteRange";
import type { DownloadLinks } from "./downloadLinks";
import { BACKUP_FILE_ACTION } from "./faults/faultKinds";
import { answeredOrRefused, splitUrl, type Outcome, type Seen } from "./outcome";
import { Parameters } from "./parameters";
import type { EmulatorStore } from "./store";
import { decodeQuery } from "./verify";

/** A request for a backup's file: `url` is the path with its query. */
export interface DownloadRequest {
  readonly method: string;
  readonly url: string;
  /** The header Range. */
  readonly range?: string | undefined;
  /** The header If-Range. */
  readonly ifRange?: string | undefined;
}

const DOWNLOAD_PATH = "/backups/";

/** Whether a URL is one that DownloadBackup gives out. */
export function isDownload(url: string): boolean {
  return url.startsWith(DOWNLOAD_PATH);
}

/** Answers the URLs of DownloadBackup with a backup's file, or the part of it that is asked for. */
export class BackupDownloads {
  readonly #links: DownloadLinks;
  readonly #store: EmulatorStore;
  readonly #now: () => number;

  constructor(links: DownloadLinks, store: EmulatorStore, now: () => number) {
    this.#links = links;
    this.#store = store;
    this.#now = now;
  }

  answer(request: DownloadRequest): Outcome {
    const seen: Seen = { action: BACKUP_FILE_ACTION };
    return answeredOrRefused(seen, () => {
      const backupId = this.#verified(request);
      return fileOutcome(seen, backupId, this.#store.backupFile(backupId), request);
    });
  }

  /** The id of the backup. @throws ApiError when the request must not get the file. */
  #verified({ method, url }: DownloadRequest): string {
    const [path, query] = splitUrl(url);
    if (!["GET", "HEAD"].includes(method)) {
      throw unsupportedOperation("A backup's file can only be read.");
    }
    const backupId = path.slice(DOWNLOAD_PATH.length);
    this.#links.verify(backupId, decodeQuery(query)["token"] ?? "", this.#now());
    const backup = this.#store.backups().find((entry) => entry.backupId === backupId);
    if (backup === undefined) throw resourceNotFound("The backup is gone.");
    return backupId;
  }
}

function fileOutcome(
  seen: Seen,
  backupId: string,
  file: ReturnType<EmulatorStore["backupFile"]>,
  { method, range, ifRange }: DownloadRequest,
): Outcome {
  const size = lengthOf(file);
  // The file of a backup never changes, so the id of the backup is its ETag.
  const etag = `"${backupId}"`;
  const parameters = new Parameters({ BackupId: backupId });
  const headers = {
    "Content-Disposition": `attachment; filename="${backupId}.rdb"`,
    "Accept-Ranges": "bytes",
    ETag: etag,
  };
  const contentType = "application/octet-stream";
  // Only GET has ranges, and If-Range must name the file that the client has begun.
  const isRangeMeant = method === "GET" && (ifRange === undefined || ifRange.trim() === etag);
  const part = isRangeMeant ? byteRange(range, size) : undefined;
  if (part === "unsatisfiable") {
    return {
      entry: { ...seen, status: 416, code: "InvalidRange", parameters },
      contentType,
      headers: { ...headers, "Content-Range": `bytes */${size}` },
      body: "",
    };
  }
  const entry = { ...seen, status: 200, code: "Success", parameters };
  if (part === undefined) return { entry, contentType, headers, body: file };
  const { start, length } = part;
  return {
    entry: { ...entry, status: 206 },
    contentType,
    headers: { ...headers, "Content-Range": `bytes ${start}-${start + length - 1}/${size}` },
    body: partOf(file, start, length),
  };
}
