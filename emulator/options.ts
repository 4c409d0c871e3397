import { randomBytes } from "node:crypto";
import type { EmulatorCatalog } from "./catalog";
import type { InstanceServers } from "./instanceServers";
import { MOST_LAG_SECONDS } from "./recordHistory";
import type { StoreSnapshot } from "./records";
import { EmulatorStartError } from "./startError";
import type { Timing } from "./store";

export const DEFAULT_ACCESS_KEY_ID = "EMULATOR-ACCESS-KEY-ID";
export const DEFAULT_ACCESS_KEY_SECRET = "emulator-access-key-secret-not-a-real-one";

/** How the emulated vendor behaves. All of it has a default. */
export interface EmulatorApiOptions {
  /** The AccessKeyId that is let in. Default: `EMULATOR-ACCESS-KEY-ID`, visibly not a real one. */
  readonly accessKeyId?: string | undefined;
  /** The secret that requests are signed with. Default: `emulator-access-key-secret-not-a-real-one`. */
  readonly accessKeySecret?: string | undefined;
  /** The clock: milliseconds since 1970. Everything that takes time goes by it. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Ids, addresses and jitter follow from it. Default: a random one, so that two emulators share no ids. */
  readonly seed?: string | number | undefined;
  /** From CreateDBInstance to `RUNNING`, in seconds. Default: 2. */
  readonly deliverySeconds?: number | undefined;
  /** 0 to 1: each delivery takes up to this fraction longer or shorter, by the seed. Default: 0. */
  readonly deliveryJitter?: number | undefined;
  /** From CreateBackup to `finished`, in seconds. Default: half of `deliverySeconds`. */
  readonly backupSeconds?: number | undefined;
  /** From a delete call to the absence of the instance or backup, in seconds. Default: half of `deliverySeconds`. */
  readonly deleteSeconds?: number | undefined;
  /**
   * Which edition of the vendor's documents CreateDBInstance answers by: `newer` gives `{"InstancesUuid": [...]}`,
   * `first` gives `{}`, so that a client has to look for what it made. Default: `newer`.
   */
  readonly edition?: "first" | "newer" | undefined;
  /**
   * Lists of instances and backups show the state of so many seconds ago, at most 600: new things are missing, deleted
   * ones are still there. A list that is asked for one InstanceUuid shows the present. Default: 0.
   */
  readonly listLagSeconds?: number | undefined;
  /** Regions and products for sale. Default: those recorded from the vendor's documents. */
  readonly catalog?: EmulatorCatalog | undefined;
  /** How far a request's Timestamp may be from the clock, before or after, in seconds. Default: 900. */
  readonly timestampWindowSeconds?: number | undefined;
  /**
   * Refuses what is more in any second with HTTP 429; refused calls count, too. What the vendor's own limit is isn't
   * documented. Default: no limit.
   */
  readonly callsPerSecond?: number | undefined;
  /**
   * Gets one line for each request, which also tells the calls of the last second, and for each Redis server that starts or ends; no line holds a key, signature,
   * nonce, password or download token. Default: none.
   */
  readonly log?: ((line: string) => void) | undefined;
}

/** What `startEmulator` takes: the vendor's behaviour, and where it listens and what it keeps. */
export interface EmulatorOptions extends Omit<EmulatorApiOptions, "catalog"> {
  /** Address to listen on. Default: `127.0.0.1`. One that is not loopback needs `allowRemote`. */
  readonly host?: string | undefined;
  /** Port to listen on; 0 takes a free one. Default: 0. */
  readonly port?: number | undefined;
  /** Lets `host` be an address that other machines reach. Default: false. */
  readonly allowRemote?: boolean | undefined;
  /** File that keeps instances and backups over restarts; made when missing. Default: nothing is kept. */
  readonly stateFile?: string | undefined;
  /** A catalogue, or a JSON file of one, in the shape of this package's `sdk/catalog.json`. Default: the recorded one. */
  readonly catalog?: EmulatorCatalog | string | undefined;
  /**
   * Runs a real redis-server behind each instance (a Redis cluster behind a cluster), with its password, port and
   * memory, on loopback alone, and makes backups of it with BGSAVE. `RUNNING` also waits for the server, `finished` for
   * the file. `true` takes redis-server or valkey-server from PATH, and without one says so in the log and goes on
   * without; `command` names a program. The version is the program's, whatever the order says, and addresses are random,
   * whatever the seed. Not with `stateFile`: a password is never written to a file. `close()` ends the servers and
   * removes their files. Default: false.
   */
  readonly redis?: boolean | { readonly command?: string | undefined } | undefined;
}

/** What connects an `EmulatorApi` to a server and a state file; a test in virtual time needs none of it. */
export interface EmulatorApiConnections {
  /** Where download URLs point to. Default: `http://127.0.0.1`. */
  readonly baseUrl?: (() => string) | undefined;
  readonly snapshot?: StoreSnapshot | undefined;
  readonly onChange?: ((snapshot: StoreSnapshot) => void) | undefined;
  /** What runs behind the instances. Default: nothing. */
  readonly servers?: InstanceServers | undefined;
  /** Whether a server listens for it, so that no fault can keep a call from being sent. Default: false. */
  readonly hasServer?: boolean | undefined;
  /** Milliseconds for the durations of the log. Default: the clock. */
  readonly stopwatch?: (() => number) | undefined;
}

export function timingOf(options: EmulatorApiOptions): Timing {
  const deliverySeconds = duration("deliverySeconds", options.deliverySeconds ?? 2);
  const deliveryJitter = options.deliveryJitter ?? 0;
  if (!(deliveryJitter >= 0 && deliveryJitter <= 1)) {
    throw new EmulatorStartError("deliveryJitter must be 0 to 1.");
  }
  return {
    deliverySeconds,
    deliveryJitter,
    backupSeconds: duration("backupSeconds", options.backupSeconds ?? deliverySeconds / 2),
    deleteSeconds: duration("deleteSeconds", options.deleteSeconds ?? deliverySeconds / 2),
  };
}

export function windowMsOf(options: EmulatorApiOptions): number {
  return duration("timestampWindowSeconds", options.timestampWindowSeconds ?? 900) * 1000;
}

export function listLagSecondsOf({ listLagSeconds = 0 }: EmulatorApiOptions): number {
  if (duration("listLagSeconds", listLagSeconds) > MOST_LAG_SECONDS) {
    throw new EmulatorStartError(`listLagSeconds must be ${MOST_LAG_SECONDS} at most.`);
  }
  return listLagSeconds;
}

export function callsPerSecondOf({
  callsPerSecond = Number.POSITIVE_INFINITY,
}: EmulatorApiOptions): number {
  if (!(callsPerSecond >= 1)) throw new EmulatorStartError("callsPerSecond must be 1 or more.");
  return callsPerSecond;
}

/** @throws EmulatorStartError when it is neither, as a program in JavaScript may have it. */
export function editionOf({ edition = "newer" }: EmulatorApiOptions): "first" | "newer" {
  const editions: readonly string[] = ["first", "newer"];
  if (!editions.includes(edition)) throw new EmulatorStartError("edition must be first or newer.");
  return edition;
}

export function seedOf({ seed }: EmulatorApiOptions): string {
  return seed === undefined ? randomBytes(8).toString("hex") : String(seed);
}

function duration(name: string, seconds: number): number {
  if (!(seconds >= 0 && Number.isFinite(seconds))) {
    throw new EmulatorStartError(`${name} must be a number of seconds, 0 or more.`);
  }
  return seconds;
}
