import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EmulatorApi } from "./api";
import { breakConnection } from "./faults/brokenConnection";
import { readCatalogFile, recordedCatalog, parseCatalog, type EmulatorCatalog } from "./catalog";
import { answerControl, FAULTS_PATH } from "./faults/faultControl";
import type { TransportFaultKind } from "./faults/faultKinds";
import type { FaultInjector } from "./faults/faults";
import { systemCode } from "./jsonFile";
import { isLoopback } from "./loopback";
import type { EmulatorOptions } from "./options";
import { redisOf } from "./redis/redisOption";
import type { EmulatorRequest } from "./requestLog";
import { sendAnswer, sendError, type SentAnswer } from "./sendAnswer";
import { EmulatorStartError } from "./startError";
import { readStateFile, writeStateFile } from "./stateFile";
import type { EmulatorStore } from "./store";

/** An emulator that listens. */
export interface Emulator {
  /** Where it listens, such as `http://127.0.0.1:43017`: the value for `cds:endpoint`. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** What the emulated account holds; also for acting behind Pulumi's back. */
  readonly store: EmulatorStore;
  /** The API behind the server, to be called without the network. */
  readonly api: EmulatorApi;
  /** What makes calls go wrong; none do until it is told to. */
  readonly faults: FaultInjector;
  /**
   * The same over HTTP, without a signature: GET lists, POST adds, DELETE clears. It answers loopback addresses alone;
   * where the emulator listens on no loopback address, nothing reaches it.
   */
  readonly faultsUrl: string;
  /** The requests so far, the latest 5,000 at least, oldest first; also those that a fault kept from the vendor. */
  readonly requests: readonly EmulatorRequest[];
  /** The program that real instances run; undefined without the option `redis`, and where there is none to run. */
  readonly redisCommand: string | undefined;
  /** Stops listening, ends open connections and the Redis servers. Calling it again does nothing more. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 1024 * 1024;
/** How soon a server ends after its instance is gone, though nobody asks for it. */
const SWEEP_MS = 100;

/**
 * Starts the vendor's API on this machine.
 *
 * @throws EmulatorStartError when the host is not loopback and `allowRemote` is not set, the port is in use, the
 * state file or catalogue can't be used, or `redis` names no program or comes with a state file.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = "127.0.0.1", port = 0, stateFile } = options;
  if (!isLoopback(host) && options.allowRemote !== true) {
    throw new EmulatorStartError(
      `The host ${host} is not loopback: other machines could reach the emulator. Set allowRemote (--allow-remote) to let them.`,
    );
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new EmulatorStartError("The port must be a whole number, 0 to 65535.");
  }
  const redis = redisOf(options);
  let url = "";
  const api = new EmulatorApi(
    { ...options, catalog: catalogOf(options.catalog) },
    {
      baseUrl: () => url,
      snapshot: stateFile === undefined ? undefined : readStateFile(stateFile),
      onChange:
        stateFile === undefined
          ? undefined
          : (snapshot) => {
              writeStateFile(stateFile, snapshot);
            },
      servers: redis?.servers,
      hasServer: true,
      stopwatch: () => performance.now(),
    },
  );
  const server = createServer((request, response) => {
    receive(request, response, (body) => {
      if (request.url === FAULTS_PATH) control(api.faults, request, response, body);
      else respond(api, options.log, request, response, body);
    });
  });
  url = urlOf(await listen(server, host, port));
  if (stateFile !== undefined) await claimStateFile(stateFile, api, server);
  // What is gone is found when someone looks.
  const sweep = redis && setInterval(() => api.store.instances(), SWEEP_MS).unref();
  const { accessKeyId, accessKeySecret } = api.credentials;
  return {
    url,
    accessKeyId,
    accessKeySecret,
    store: api.store,
    api,
    faults: api.faults,
    faultsUrl: `${urlOnThisMachine(url)}${FAULTS_PATH}`,
    requests: api.requests,
    redisCommand: redis?.command,
    close: async () => {
      clearInterval(sweep);
      // Both at once: Ctrl-C reaches the servers as well, and that they end is no failure then.
      await Promise.all([redis?.servers.close(), close(server)]);
    },
  };
}

/** Writes the state once at the start: a file that can't be written is found now, not at the first order. */
async function claimStateFile(file: string, api: EmulatorApi, server: Server): Promise<void> {
  try {
    writeStateFile(file, api.store.snapshot());
  } catch (error) {
    await close(server);
    throw new EmulatorStartError(`The state file ${file} can't be written: ${String(error)}.`, {
      cause: error,
    });
  }
}

function catalogOf(catalog: EmulatorOptions["catalog"]): EmulatorCatalog {
  if (catalog === undefined) return recordedCatalog();
  return typeof catalog === "string"
    ? readCatalogFile(catalog)
    : parseCatalog(catalog, "The option catalog");
}

/** Collects a body, up to the most that is taken. */
function receive(
  request: IncomingMessage,
  response: ServerResponse,
  done: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MOST_BODY_BYTES) chunks.push(chunk);
  });
  request.on("end", () => {
    if (length <= MOST_BODY_BYTES) {
      done(Buffer.concat(chunks).toString("utf8"));
      return;
    }
    sendError(response, 413, "InvalidParameter", "The body is larger than 1 MiB.");
  });
}

function respond(
  api: EmulatorApi,
  log: ((line: string) => void) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): void {
  const { method = "GET", url = "/", headers } = request;
  let answer: SentAnswer & { readonly transport?: TransportFaultKind };
  try {
    if (api.isDownload(url)) {
      const range = { range: headers.range, ifRange: headers["if-range"]?.toString() };
      const { file, ...download } = api.download({ method, url, ...range });
      answer = file === undefined ? download : { ...download, body: file };
    } else {
      answer = api.handle({ method, url, body });
    }
  } catch (error) {
    // One request that fails (a full disk under the state file, say) must not end the server.
    log?.(`InternalError: ${error instanceof Error ? error.message : String(error)}`);
    sendError(response, 500, "InternalError", "The emulator failed; its log says why.");
    return;
  }
  if (answer.transport === undefined) sendAnswer(response, answer);
  else breakConnection(answer.transport, answer, response);
}

function control(
  faults: FaultInjector,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): void {
  const { method = "GET", headers, socket } = request;
  const answer = answerControl(faults, {
    method,
    remoteAddress: socket.remoteAddress,
    host: headers.host,
    contentType: headers["content-type"],
    body,
  });
  sendAnswer(response, answer);
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const reason =
        systemCode(error) === "EADDRINUSE"
          ? `port ${port} is in use; name another, or 0 for a free one`
          : error.message;
      reject(new EmulatorStartError(`Can't listen on ${host}: ${reason}.`, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
    });
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** An address to listen on for all is none to call. */
function urlOnThisMachine(url: string): string {
  return url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]");
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // It calls back with an error when it is closed already: what was asked for.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
