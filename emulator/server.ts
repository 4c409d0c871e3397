import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EmulatorApi } from "./api";
import { readCatalogFile, parseCatalog, type EmulatorCatalog } from "./catalog";
import { FAULTS_PATH } from "./faults/faultControl";
import type { FaultInjector } from "./faults/faults";
import { systemCode } from "./jsonFile";
import { isLoopback } from "./loopback";
import { publicUrlOf, type EmulatorOptions } from "./options";
import { redisOf, type RedisOfEmulator } from "./redis/redisOption";
import { requestListener } from "./requestListener";
import type { EmulatorRequest } from "./requestLog";
import { EmulatorStartError } from "./startError";
import type { StoreSnapshot } from "./records";
import { readStateFile, writeStateFile } from "./stateFile";
import type { EmulatorStore } from "./store";

/** An emulator that listens. */
export interface Emulator {
  /**
   * Where it listens, such as `http://127.0.0.1:43017`. Unless that is a wildcard address, the value for
   * `cds:endpoint`.
   */
  readonly url: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** What the emulated account holds; also for acting behind Pulumi's back. */
  readonly store: EmulatorStore;
  /** The API behind the server, to be called without the network. */
  readonly api: EmulatorApi;
  /** Faults that are injected into calls; none by default. */
  readonly faults: FaultInjector;
  /**
   * The URL that controls the faults, without a signature: GET lists, POST adds, DELETE clears. Only loopback addresses
   * are answered, so nothing reaches it where the emulator listens on another address.
   */
  readonly faultsUrl: string;
  /** The page that shows and changes the emulated account, for a browser on this machine alone. */
  readonly pageUrl: string;
  /** The latest requests, at least 5,000, oldest first. Requests that a fault kept from the vendor are among them. */
  readonly requests: readonly EmulatorRequest[];
  /** The program that real instances run; undefined without the option `redis`, and where a program is missing. */
  readonly redisCommand: string | undefined;
  /** Stops listening, ends open connections and the Redis servers. Calling it again does nothing more. */
  close(): Promise<void>;
}

/** How soon the server of a deleted instance ends, even if no call looks. */
const SWEEP_MS = 100;

/**
 * Starts the vendor's API on this machine.
 *
 * @throws EmulatorStartError when the host is not loopback and `allowRemote` is not set, the port is in use, the
 * state file or catalogue can't be used, or `redis` names a program that is missing, or comes with a state file.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = "127.0.0.1", port = 0, stateFile } = options;
  checkAddress(host, port, options.allowRemote === true);
  const publicUrl = publicUrlOf(options);
  const redis = redisOf(options);
  let url = "";
  const api = apiOf(options, redis, () => publicUrl ?? urlOnThisMachine(url));
  const server = createServer(requestListener(api, options.log));
  url = urlOf(await listen(server, host, port));
  if (stateFile !== undefined) await claimStateFile(stateFile, api, server);
  // The store ends the servers of deleted instances when someone looks.
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
    pageUrl: `${urlOnThisMachine(url)}/`,
    requests: api.requests,
    redisCommand: redis?.command,
    close: async () => {
      clearInterval(sweep);
      // Both at once: Ctrl-C ends the Redis servers as well, which is no failure then.
      await Promise.all([redis?.servers.close(), close(server)]);
    },
  };
}

/** @throws EmulatorStartError when the emulator must not listen there. */
function checkAddress(host: string, port: number, allowRemote: boolean): void {
  if (!isLoopback(host) && !allowRemote) {
    throw new EmulatorStartError(
      `The host ${host} is not loopback: other machines could reach the emulator. Set allowRemote (--allow-remote) to let them.`,
    );
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new EmulatorStartError("The port must be a whole number, 0 to 65535.");
  }
}

function apiOf(
  options: EmulatorOptions,
  redis: RedisOfEmulator | undefined,
  baseUrl: () => string,
): EmulatorApi {
  const { stateFile } = options;
  const kept =
    stateFile === undefined
      ? {}
      : {
          snapshot: readStateFile(stateFile),
          onChange: (snapshot: StoreSnapshot): void => {
            writeStateFile(stateFile, snapshot);
          },
        };
  return new EmulatorApi(
    { ...options, catalog: catalogOf(options.catalog) },
    {
      ...kept,
      baseUrl,
      servers: redis?.servers,
      hasServer: true,
      stopwatch: () => performance.now(),
    },
  );
}

/** Writes the state once at the start, so that a file that can't be written fails now, not at the first order. */
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

function catalogOf(catalog: EmulatorOptions["catalog"]): EmulatorCatalog | undefined {
  if (catalog === undefined) return undefined;
  return typeof catalog === "string"
    ? readCatalogFile(catalog)
    : parseCatalog(catalog, "The option catalog");
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

/** The wildcard addresses can be listened on but not called. */
function urlOnThisMachine(url: string): string {
  return url.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]");
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // An error here means that the server is closed already.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
