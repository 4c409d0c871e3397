import type { Credentials } from "../provider/client/signer";
import { ACTIONS } from "./actions";
import type { Action, ActionAnswer } from "./actions/action";
import { ApiError, argMissing, resourceNotFound, unsupportedOperation } from "./apiError";
import { BACKUP_FILE } from "./backupFile";
import { recordedCatalog, type EmulatorCatalog } from "./catalog";
import { DownloadLinks } from "./downloadLinks";
import {
  DEFAULT_ACCESS_KEY_ID,
  DEFAULT_ACCESS_KEY_SECRET,
  editionOf,
  seedOf,
  timingOf,
  windowMsOf,
  type EmulatorApiConnections,
  type EmulatorApiOptions,
} from "./options";
import { parseBody, Parameters } from "./parameters";
import { SeededRandom } from "./random";
import { RequestLog, type EmulatorRequest, type LogEntry } from "./requestLog";
import { EmulatorStore } from "./store";
import { decodeQuery, RequestVerifier } from "./verify";
import { shown } from "./shown";

/** A request as it arrives: `url` is the path with its query, `/redis/?Action=…`. */
export interface EmulatorApiRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface EmulatorApiAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** A backup's file, or the JSON of a refusal. */
export interface EmulatorFileAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const DOWNLOAD_PATH = "/backups/";

/**
 * The vendor's API without a network: text in, text out, at once. Time comes from `options.now` and randomness from
 * `options.seed`, so a test in virtual time can call it directly; `startEmulator` puts it behind HTTP.
 */
export class EmulatorApi {
  readonly credentials: Credentials;
  /** What the emulated account holds; also for acting behind Pulumi's back. */
  readonly store: EmulatorStore;
  readonly #now: () => number;
  readonly #stopwatch: () => number;
  readonly #catalog: EmulatorCatalog;
  readonly #edition: "first" | "newer";
  readonly #random: SeededRandom;
  readonly #verifier: RequestVerifier;
  readonly #links: DownloadLinks;
  readonly #log: RequestLog;

  /** @throws EmulatorStartError when a number is out of its range. */
  constructor(options: EmulatorApiOptions = {}, connections: EmulatorApiConnections = {}) {
    this.credentials = {
      accessKeyId: options.accessKeyId ?? DEFAULT_ACCESS_KEY_ID,
      accessKeySecret: options.accessKeySecret ?? DEFAULT_ACCESS_KEY_SECRET,
    };
    this.#now = options.now ?? Date.now;
    this.#stopwatch = connections.stopwatch ?? this.#now;
    this.#catalog = options.catalog ?? recordedCatalog();
    this.#edition = editionOf(options);
    const seed = seedOf(options);
    // Apart from the ids, so that reads don't change which id comes next.
    this.#random = new SeededRandom(`${seed} answers`);
    this.#verifier = new RequestVerifier(this.credentials, windowMsOf(options));
    this.#links = new DownloadLinks(
      this.credentials.accessKeySecret,
      this.#random,
      connections.baseUrl ?? (() => "http://127.0.0.1"),
    );
    this.#log = new RequestLog(options.log);
    this.store = new EmulatorStore({
      now: this.#now,
      random: new SeededRandom(`${seed} ids`, connections.snapshot?.drawn),
      timing: timingOf(options),
      snapshot: connections.snapshot,
      onChange: connections.onChange,
    });
  }

  /** The requests answered so far, the latest 5,000 at least, oldest first. */
  get requests(): readonly EmulatorRequest[] {
    return this.#log.requests;
  }

  /** Answers one request to the API. */
  handle(request: EmulatorApiRequest): EmulatorApiAnswer {
    const { method } = request;
    const seen: { action: string; parameters?: Parameters } = { action: "" };
    const record = this.#recorder(method);
    try {
      const answer = this.#answer(request, seen);
      record({ ...seen, status: 200, code: "Success", made: answer.made });
      return this.#json(200, {
        Code: "Success",
        Data: answer.data,
        Message: answer.message,
        ...(answer.taskId === undefined ? {} : { TaskId: answer.taskId }),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, code, message } = error;
      record({ ...seen, status, code, message });
      return this.#json(status, { Code: code, Data: {}, Message: message, TaskId: "" });
    }
  }

  /** Whether a URL is one that DownloadBackup gives out, so that {@link download} answers it. */
  isDownload(url: string): boolean {
    return url.startsWith(DOWNLOAD_PATH);
  }

  /** Answers a URL of DownloadBackup with the backup's file. */
  download(request: { readonly method: string; readonly url: string }): EmulatorFileAnswer {
    const record = this.#recorder(request.method);
    const seen = { action: "BackupFile" };
    try {
      const [path, query] = splitUrl(request.url);
      if (!["GET", "HEAD"].includes(request.method)) {
        throw unsupportedOperation("A backup's file can only be read.");
      }
      const backupId = path.slice(DOWNLOAD_PATH.length);
      this.#links.verify(backupId, decodeQuery(query)["token"] ?? "", this.#now());
      if (!this.store.backups().some((backup) => backup.backupId === backupId)) {
        throw resourceNotFound("The backup is gone.");
      }
      record({
        ...seen,
        status: 200,
        code: "Success",
        parameters: new Parameters({ BackupId: backupId }),
      });
      const headers = {
        ...this.#headers("application/octet-stream"),
        "Content-Disposition": `attachment; filename="${backupId}.rdb"`,
      };
      return { status: 200, headers, body: BACKUP_FILE };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, code, message } = error;
      record({ ...seen, status, code, message });
      const answer = this.#json(status, { Code: code, Data: {}, Message: message, TaskId: "" });
      return { ...answer, body: Buffer.from(answer.body) };
    }
  }

  #answer(
    { method, url, body }: EmulatorApiRequest,
    seen: { action: string; parameters?: Parameters },
  ): ActionAnswer {
    const [path, queryText] = splitUrl(url);
    if (path !== "/redis" && path !== "/redis/") {
      throw resourceNotFound("The API answers under /redis/.");
    }
    const query = decodeQuery(queryText);
    seen.action = query["Action"] ?? "";
    if (method === "GET") seen.parameters = new Parameters(query);
    this.#verifier.verify(method, query, this.#now());
    const action = findAction(seen.action, method);
    const parameters = (seen.parameters ??= parseBody(body));
    for (const name of action.required) if (!parameters.has(name)) throw argMissing(name);
    return action.run(parameters, {
      store: this.store,
      catalog: this.#catalog,
      edition: this.#edition,
      newTaskId: () => this.#random.uuid(),
      downloadUrl: (backupId) => this.#links.url(backupId, this.#now()),
    });
  }

  #recorder(method: string): (entry: Omit<LogEntry, "method" | "at" | "milliseconds">) => void {
    const [at, started] = [this.#now(), this.#stopwatch()];
    return (entry) => {
      this.#log.add({ ...entry, method, at, milliseconds: this.#stopwatch() - started });
    };
  }

  #json(status: number, body: object): EmulatorApiAnswer {
    return { status, headers: this.#headers("application/json"), body: JSON.stringify(body) };
  }

  #headers(contentType: string): Record<string, string> {
    // By the emulator's clock, so that a client can tell its own skew from it.
    return { "Content-Type": contentType, Date: new Date(this.#now()).toUTCString() };
  }
}

function findAction(name: string, method: string): Action {
  const action = ACTIONS.get(name);
  if (action === undefined) throw unsupportedOperation(`There is no action ${shown(name)}.`);
  if (action.method !== method) {
    throw unsupportedOperation(`${name} is called with ${action.method}.`);
  }
  return action;
}

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}
