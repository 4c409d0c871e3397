import { randomBytes } from "node:crypto";
import type { EmulatorCatalog } from "./catalog";
import { DEFAULT_VDCS, type EmulatorVdc } from "./networks";
import type { InstanceServers } from "./instanceServers";
import { MOST_LAG_SECONDS } from "./recordHistory";
import type { StoreSnapshot } from "./records";
import { EmulatorStartError } from "./startError";
import type { Timing } from "./store";

export const DEFAULT_ACCESS_KEY_ID = "EMULATOR-ACCESS-KEY-ID";
export const DEFAULT_ACCESS_KEY_SECRET = "emulator-access-key-secret-not-a-real-one";

/** How the emulated vendor behaves. Every option has a default. */
export interface EmulatorApiOptions {
  /** The AccessKeyId that is accepted. Default: `EMULATOR-ACCESS-KEY-ID`, visibly not a real one. */
  readonly accessKeyId?: string | undefined;
  /** The secret that requests are signed with. Default: `emulator-access-key-secret-not-a-real-one`. */
  readonly accessKeySecret?: string | undefined;
  /** The clock of everything that takes time: milliseconds since 1970. Default: `Date.now`. */
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
   * `first` gives `{}`, so that a client has to look for its new instance. Default: `newer`.
   */
  readonly edition?: "first" | "newer" | undefined;
  /**
   * Lists of instances and backups show the state of so many seconds ago, at most 600: new things are missing, deleted
   * ones are still there. A list that is asked for one InstanceUuid shows the present. Default: 0.
   */
  readonly listLagSeconds?: number | undefined;
  /** Regions and products for sale. Default: those recorded from the vendor's documents. */
  readonly catalog?: EmulatorCatalog | undefined;
  /** The data centers with their networks, of which an order must name one. Default: {@link DEFAULT_VDCS}. */
  readonly vdcs?: readonly EmulatorVdc[] | undefined;
  /** Takes orders with any VdcId and BasePipeId, and lists no data center. Default: false. */
  readonly anyNetwork?: boolean | undefined;
  /** How far a request's Timestamp may be from the clock, before or after, in seconds. Default: 900. */
  readonly timestampWindowSeconds?: number | undefined;
  /**
   * More calls in a second are refused with HTTP 429; refused calls count, too. The vendor does not document its own
   * limit. Default: no limit.
   */
  readonly callsPerSecond?: number | undefined;
  /**
   * Gets a line for each request, with the number of calls in the last second, and for each Redis server that starts or
   * ends. No line holds a key, signature, nonce, password or download token. Default: no log.
   */
  readonly log?: ((line: string) => void) | undefined;
}

/** Options of `startEmulator`: how the vendor behaves, where it listens and what it keeps. */
export interface EmulatorOptions extends Omit<EmulatorApiOptions, "catalog"> {
  /** Address to listen on. Default: `127.0.0.1`. One that is not loopback needs `allowRemote`. */
  readonly host?: string | undefined;
  /** Port to listen on; 0 takes a free one. Default: 0. */
  readonly port?: number | undefined;
  /** Allows a `host` that other machines can reach. Default: false. */
  readonly allowRemote?: boolean | undefined;
  /**
   * Where clients reach the emulator, if not where it listens, as behind a published port: DownloadBackup's URLs begin
   * with it. Default: where it listens, as this machine reaches it.
   */
  readonly publicUrl?: string | undefined;
  /** File that keeps instances and backups over restarts; made when missing. Default: nothing is kept. */
  readonly stateFile?: string | undefined;
  /** A catalogue, or a JSON file of one, in the shape of this package's `sdk/catalog.json`. Default: the recorded one. */
  readonly catalog?: EmulatorCatalog | string | undefined;
  /**
   * Runs a real redis-server behind each instance (a Redis cluster behind a cluster), with its password, port and
   * memory. The servers listen on loopback addresses only, and BGSAVE makes the backups. `RUNNING` waits for the server,
   * `finished` for the file.
   *
   * `true` takes redis-server or valkey-server from PATH; without one the log says so, and instances run without
   * servers. `command` names a program. redis-cli or valkey-cli must stand beside it or on PATH. The version is the
   * program's, whatever the order says, and addresses are random, whatever the seed. `stateFile` excludes it: a password
   * is never written to a file. `close()` ends the servers and removes their files. Default: false.
   */
  readonly redis?: boolean | { readonly command?: string | undefined } | undefined;
}

/** Connects an `EmulatorApi` to a server and a state file. Tests in virtual time need neither. */
export interface EmulatorApiConnections {
  /** The beginning of download URLs. Default: `http://127.0.0.1`. */
  readonly baseUrl?: (() => string) | undefined;
  readonly snapshot?: StoreSnapshot | undefined;
  readonly onChange?: ((snapshot: StoreSnapshot) => void) | undefined;
  /** The servers behind the instances. Default: none. */
  readonly servers?: InstanceServers | undefined;
  /** Whether a server listens, so that `dns`, `refused` and `tls` are not possible. Default: false. */
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

/** Undefined where orders may name any network. */
export function vdcsOf({
  vdcs,
  anyNetwork = false,
}: EmulatorApiOptions): readonly EmulatorVdc[] | undefined {
  if (anyNetwork && vdcs !== undefined)
    throw new EmulatorStartError("anyNetwork and vdcs exclude each other: give one of them.");
  return anyNetwork ? undefined : (vdcs ?? DEFAULT_VDCS);
}

/** Without its last slash. @throws EmulatorStartError for another text than an HTTP address. */
export function publicUrlOf({ publicUrl }: EmulatorOptions): string | undefined {
  if (publicUrl === undefined) return undefined;
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/")
    throw new EmulatorStartError(
      "publicUrl (--public-url) must be an address without a path, such as http://emulator:43017.",
    );
  return url.origin;
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

/** @throws EmulatorStartError for another value, which a program in JavaScript may give. */
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
