import { ACTIONS } from "./actions";
import type { Action, ActionAnswer } from "./actions/action";
import { isFilePart, type AnswerBody } from "./answerBody";
import { argMissing, resourceNotFound, tooManyRequests, unsupportedOperation } from "./apiError";
import { BackupDownloads, isDownload, type DownloadRequest } from "./backupDownloads";
import { recordedCatalog, type EmulatorCatalog } from "./catalog";
import { DownloadLinks } from "./downloadLinks";
import { beginsAnAnswer, faultAnswer } from "./faults/faultAnswers";
import type { CheckedFault } from "./faults/faultCheck";
import { alteredAnswer, alteredOutcome } from "./faults/faultContent";
import {
  BACKUP_FILE_ACTION,
  isContentKind,
  isOutcomeKind,
  type TransportFaultKind,
} from "./faults/faultKinds";
import { FaultInjector, type MetCall } from "./faults/faults";
import type { FilePart } from "./instanceServers";
import {
  DEFAULT_ACCESS_KEY_ID,
  DEFAULT_ACCESS_KEY_SECRET,
  callsPerSecondOf,
  editionOf,
  listLagSecondsOf,
  seedOf,
  timingOf,
  vdcsOf,
  windowMsOf,
  type EmulatorApiConnections,
  type EmulatorApiOptions,
} from "./options";
import { answeredOrRefused, splitUrl, type Outcome, type Seen } from "./outcome";
import type { EmulatorVdc } from "./networks";
import { parseBody, Parameters } from "./parameters";
import { SeededRandom } from "./random";
import { RequestLog, type EmulatorRequest } from "./requestLog";
import { viewOf, type EmulatorView } from "./page/view";
import type { AccessKey } from "./signature";
import { EmulatorStore, type ListView } from "./store";
import { decodeQuery, RequestVerifier } from "./verify";
import { shown } from "./shown";

/** A request as it arrives: `url` is the path with its query, `/redis/?Action=…`. */
export interface EmulatorApiRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface EmulatorApiAnswer {
  /** HTTP status; 0 when a fault lets no status through. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or the body of a fault. */
  readonly body: string;
  /** The fault that the caller must do to the connection, instead of sending this answer. */
  readonly transport?: TransportFaultKind;
}

/** A backup's file, or the JSON of a refusal. */
export interface EmulatorFileAnswer extends Omit<EmulatorApiAnswer, "body"> {
  readonly body: Buffer;
  /** A file that a Redis server wrote; `body` is empty then. */
  readonly file?: FilePart;
}

const API_PATH = /^\/(redis|network)\/?$/;

/**
 * The vendor's API without a network: text in, text out, at once. Time comes from `options.now` and randomness from
 * `options.seed`, so a test in virtual time can call it directly; `startEmulator` puts it behind HTTP.
 */
export class EmulatorApi {
  readonly credentials: AccessKey;
  /** What the emulated account holds; also for acting behind Pulumi's back. */
  readonly store: EmulatorStore;
  /** Faults that are injected into calls; none by default. */
  readonly faults: FaultInjector;
  readonly #now: () => number;
  readonly #stopwatch: () => number;
  readonly #catalog: EmulatorCatalog;
  readonly #vdcs: readonly EmulatorVdc[] | undefined;
  readonly #edition: "first" | "newer";
  readonly #random: SeededRandom;
  readonly #verifier: RequestVerifier;
  readonly #links: DownloadLinks;
  readonly #downloads: BackupDownloads;
  readonly #log: RequestLog;
  readonly #callsPerSecond: number;
  readonly #listLagSeconds: number;

  /** @throws EmulatorStartError when a number is out of its range. */
  constructor(options: EmulatorApiOptions = {}, connections: EmulatorApiConnections = {}) {
    this.credentials = {
      accessKeyId: options.accessKeyId ?? DEFAULT_ACCESS_KEY_ID,
      accessKeySecret: options.accessKeySecret ?? DEFAULT_ACCESS_KEY_SECRET,
    };
    this.#now = options.now ?? Date.now;
    this.#stopwatch = connections.stopwatch ?? this.#now;
    this.#edition = editionOf(options);
    this.#catalog = options.catalog ?? recordedCatalog(this.#edition);
    this.#vdcs = vdcsOf(options);
    const seed = seedOf(options);
    // Drawn apart from the ids, so that reads don't change the next id.
    this.#random = new SeededRandom(`${seed} answers`);
    this.#verifier = new RequestVerifier(this.credentials, windowMsOf(options));
    this.#links = new DownloadLinks(
      this.credentials.accessKeySecret,
      this.#random,
      connections.baseUrl ?? (() => "http://127.0.0.1"),
    );
    this.#log = new RequestLog(options.log);
    this.#callsPerSecond = callsPerSecondOf(options);
    this.#listLagSeconds = listLagSecondsOf(options);
    this.faults = new FaultInjector(connections.hasServer);
    this.store = new EmulatorStore({
      now: this.#now,
      random: new SeededRandom(`${seed} ids`, connections.snapshot?.drawn),
      timing: timingOf(options),
      snapshot: connections.snapshot,
      onChange: connections.onChange,
      servers: connections.servers,
    });
    this.#downloads = new BackupDownloads(this.#links, this.store, this.#now);
  }

  /** The latest requests, at least 5,000, oldest first. Requests that a fault kept from the vendor are among them. */
  get requests(): readonly EmulatorRequest[] {
    return this.#log.requests;
  }

  /** What the account holds and what was called, for a person who looks. It holds no secret. */
  view(): EmulatorView {
    return viewOf(this.store, this.faults, this.#log, this.#now());
  }

  /** Answers one request to the API. */
  handle(request: EmulatorApiRequest): EmulatorApiAnswer {
    const answer = this.#loggedAnswer(request, callOf(request.url), (fault) =>
      this.#outcomeWithFault(request, fault),
    );
    return { ...answer, body: isFilePart(answer.body) ? "" : answer.body.toString() };
  }

  /** Whether a URL is one that DownloadBackup gives out, so that {@link download} answers it. */
  isDownload(url: string): boolean {
    return isDownload(url);
  }

  /** Answers a URL of DownloadBackup with the backup's file. */
  download(request: DownloadRequest): EmulatorFileAnswer {
    const call = { action: BACKUP_FILE_ACTION, isById: false };
    const { body, ...answer } = this.#loggedAnswer({ ...request, body: "" }, call, () =>
      this.#downloads.answer(request),
    );
    if (isFilePart(body)) return { ...answer, body: Buffer.alloc(0), file: body };
    return { ...answer, body: typeof body === "string" ? Buffer.from(body) : body };
  }

  /** Carries out a call with the fault that hits it, and logs the answer that the client gets. */
  #loggedAnswer(
    request: EmulatorApiRequest,
    call: MetCall,
    carryOut: (fault?: CheckedFault) => Outcome,
  ): Omit<EmulatorApiAnswer, "body"> & { readonly body: AnswerBody } {
    const [at, started] = [this.#now(), this.#stopwatch()];
    const record = (entry: Outcome["entry"]): void => {
      const milliseconds = this.#stopwatch() - started;
      this.#log.add({ ...entry, method: request.method, at, milliseconds });
    };
    const fault = this.faults.meet(call, at);
    const { kind, when } = fault ?? {};
    if (kind === undefined || isContentKind(kind)) {
      const { entry, contentType, headers, body } = carryOut(fault);
      record({ ...entry, ...(kind === undefined ? {} : { fault: kind }) });
      return { status: entry.status, headers: this.#headers(contentType, headers), body };
    }
    // Reading a file changes nothing, so a cut answer is always a part of the real file.
    const isCutFile = call.action === BACKUP_FILE_ACTION && beginsAnAnswer(kind);
    const real = when === "after" || isCutFile ? carryOut() : undefined;
    const answer = faultAnswer(kind, request, real && { ...real, status: real.entry.status });
    const { code, contentType, headers, ...rest } = answer;
    const status = answer.transport === undefined ? answer.status : 0;
    const seen = { ...(real?.entry ?? { action: call.action }), message: undefined };
    const replaced = when === "after" ? real?.entry.code : undefined;
    record({ ...seen, status, code, fault: kind, replaced });
    return { ...rest, headers: this.#headers(contentType, headers) };
  }

  #outcomeWithFault(request: EmulatorApiRequest, fault?: CheckedFault): Outcome {
    const outcome = this.#outcomeOf(request, fault);
    if (fault === undefined || !isOutcomeKind(fault.kind)) return outcome;
    return alteredOutcome(fault.kind, outcome, () => this.#outcomeOf(request));
  }

  #outcomeOf(request: EmulatorApiRequest, fault?: CheckedFault): Outcome {
    const seen: Seen = { action: "" };
    return answeredOrRefused(seen, () => {
      const { data, message, taskId, made } = this.#runAction(request, seen, fault);
      const body = { Code: "Success", Data: data, Message: message };
      return {
        entry: { ...seen, status: 200, code: "Success", made },
        contentType: "application/json",
        body: JSON.stringify({ ...body, ...(taskId === undefined ? {} : { TaskId: taskId }) }),
      };
    });
  }

  #runAction(
    { method, url, body }: EmulatorApiRequest,
    seen: Seen,
    fault: CheckedFault | undefined,
  ): ActionAnswer {
    const [path, queryText] = splitUrl(url);
    const service = API_PATH.exec(path)?.[1];
    if (service === undefined)
      throw resourceNotFound("The API answers under /redis/ and /network/.");
    if (this.#log.inSecondBefore(this.#now()) >= this.#callsPerSecond) throw tooManyRequests();
    const query = decodeQuery(queryText);
    seen.action = query["Action"] ?? "";
    if (method === "GET") seen.parameters = new Parameters(query);
    this.#verifier.verify(method, query, this.#now());
    const action = findAction(seen.action, method, service);
    const parameters = (seen.parameters ??= parseBody(body));
    for (const name of action.required) if (!parameters.has(name)) throw argMissing(name);
    const run = (view: ListView): ActionAnswer =>
      action.run(parameters, {
        store: this.store,
        catalog: this.#catalog,
        vdcs: this.#vdcs,
        edition: this.#edition,
        view,
        newTaskId: () => this.#random.uuid(),
        downloadUrl: (backupId) => this.#links.url(backupId, this.#now()),
      });
    const { isById } = callOf(url);
    const view = { lagSeconds: isById ? 0 : this.#listLagSeconds, isById };
    return fault === undefined ? run(view) : alteredAnswer(fault, { store: this.store, view, run });
  }

  #headers(
    contentType: string | undefined,
    others: Readonly<Record<string, string>> = {},
  ): Record<string, string> {
    return {
      ...(contentType === undefined ? {} : { "Content-Type": contentType }),
      // From the emulator's clock, so that a client can measure its own skew.
      Date: new Date(this.#now()).toUTCString(),
      ...others,
    };
  }
}

/** The action that an unverified request names: a fault may hit before the verification. */
function callOf(url: string): MetCall {
  const [path, text] = splitUrl(url);
  const query = new URLSearchParams(API_PATH.test(path) ? text : "");
  const action = query.get("Action") ?? "";
  return { action, isById: action === "DescribeDBInstances" && Boolean(query.get("InstanceUuid")) };
}

function findAction(name: string, method: string, service: string): Action {
  const action = ACTIONS.get(name);
  if (action === undefined || (action.service ?? "redis") !== service)
    throw unsupportedOperation(`There is no action ${shown(name)} under /${service}/.`);
  if (action.method !== method) {
    throw unsupportedOperation(`${name} is called with ${action.method}.`);
  }
  return action;
}
