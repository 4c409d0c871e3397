import {
  AxiosError,
  AxiosHeaders,
  CanceledError,
  type AxiosAdapter,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from "axios";

import {
  DEFAULT_ACCESS_KEY_ID,
  DEFAULT_ACCESS_KEY_SECRET,
  EmulatorApi,
  type EmulatorApiOptions,
  type FaultInjector,
  type StoreSnapshot,
  type TransportFaultKind,
} from "../emulator";
import type { FetchOptions } from "../provider/download/download";
import { hostOf, type Context } from "./face";
import { FakeStack, work } from "./fakeStack";
import { fetchVirtually } from "./fetchVirtually";

export interface EmulatedVendor {
  readonly api: EmulatorApi;
  /** What makes calls go wrong; also those that only a network can: `dns`, `refused`, `tls`. */
  readonly faults: FaultInjector;
  /** A host process of its own: what it remembers is not shared with another one. */
  host(
    config?: Readonly<Record<string, string>>,
    stack?: FakeStack,
    environment?: Readonly<Record<string, string>>,
  ): Context;
  /** What the engine has recorded, unless a host is given another stack. */
  readonly stack: FakeStack;
  /**
   * Makes the host that sends a call die at it: that call and all later ones of that host never settle, and no later
   * one reaches the vendor. `onKilled` is called at that moment, for the test to go on without that host.
   */
  killAt(kill: Kill, onKilled: () => void): void;
  /** What was shown on the rows of resources, as `urn: text`. */
  readonly reports: string[];
  /** The backups that were downloaded. */
  readonly fetches: FetchOptions[];
  /** Those of the reports that stay to be read after the run. */
  readonly warnings: string[];
  /** The calls so far, in their order; also those that a fault kept from the vendor. */
  actions(): string[];
}

/** The call at which a host dies. */
export interface Kill {
  readonly action: string;
  /** Which call of the action, by any host, counted from now on. Default: 1. */
  readonly call?: number;
  /** Whether the vendor carries that call out (`after`) or never sees it (`before`). */
  readonly when: "before" | "after";
}

interface ArmedKill extends Kill {
  readonly onKilled: () => void;
  seen: number;
}

/** The emulator without a network, for tests in virtual time. */
export function emulatedVendor(
  options: EmulatorApiOptions = {},
  snapshot?: StoreSnapshot,
): EmulatedVendor {
  // Tests of other things name any network.
  const anyNetwork = options.vdcs === undefined;
  const defaults = { seed: "tests", now: () => Date.now(), anyNetwork };
  const api = new EmulatorApi({ ...defaults, ...options }, { snapshot });
  const reports: string[] = [];
  const warnings: string[] = [];
  const fetches: FetchOptions[] = [];
  const kills: ArmedKill[] = [];
  const stack = new FakeStack();
  let names = 0;
  return {
    api,
    faults: api.faults,
    reports,
    warnings,
    fetches,
    stack,
    killAt: (kill, onKilled) => kills.push({ ...kill, onKilled, seen: 0 }),
    actions: () => api.requests.map((request) => request.action),
    host: (config = {}, hostStack = stack, environment = {}) => {
      const life: HostLife = { isOver: false };
      const { journal } = hostStack;
      const context = hostOf({
        environment,
        randomHex: (digits) => (++names).toString(16).padStart(digits, "0"),
        report: (urn, text, kind) => {
          if (life.isOver) return;
          reports.push(`${urn ?? "?"}: ${text}`);
          if (kind !== "status") warnings.push(`${urn ?? "?"}: ${text}`);
        },
        readStack: (name) => whileAlive(life, () => hostStack.read(name)),
        journal: {
          begin: (order) => whileAlive(life, () => journal.begin(order)),
          end: (token) => whileAlive(life, () => journal.end(token)),
          unsettled: () => whileAlive(life, () => journal.unsettled()),
          place: (token) => journal.place(token),
        },
        fetchBackup: (options) => whileAlive(life, () => fetchVirtually(fetches, options)),
        adapter: mortal(adapterOf(api), kills, life),
      });
      const settings: Readonly<Record<string, string>> = {
        "cds:accessKeyId": DEFAULT_ACCESS_KEY_ID,
        "cds:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
        ...config,
      };
      context.config = (key) => settings[key];
      work(context, hostStack);
      return context;
    },
  };
}

/** Hands axios requests to the emulator in this process, and fails as the network would where a fault says so. */
export function adapterOf(api: EmulatorApi): AxiosAdapter {
  return (config) => {
    const url = new URL(config.url ?? "");
    const { transport, ...answer } = api.handle({
      method: (config.method ?? "get").toUpperCase(),
      url: `${url.pathname}${url.search}`,
      body: typeof config.data === "string" ? config.data : "",
    });
    if (transport !== undefined) return failed(transport, url.hostname, config);
    return Promise.resolve({
      data: answer.body,
      status: answer.status,
      statusText: "",
      headers: new AxiosHeaders(asReceived(answer.headers)),
      config,
    });
  };
}

/** Node gives the names of headers in lower case. */
function asReceived(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** What axios reports where the network fails so; faultsServer.test.ts compares it with a real server. */
function failed(
  kind: TransportFaultKind,
  host: string,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const reject = (code: string, message: string): Promise<never> =>
    Promise.reject(new AxiosError(message, code, config));
  switch (kind) {
    case "dns":
      return reject("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
    case "refused":
      return reject("ECONNREFUSED", `connect ECONNREFUSED ${host}`);
    case "tls":
      return reject("CERT_HAS_EXPIRED", "certificate has expired");
    case "reset":
      return reject("ECONNRESET", "read ECONNRESET");
    case "truncated":
      return reject("ERR_BAD_RESPONSE", "stream has been aborted");
    case "huge": {
      const limit = config.maxContentLength ?? -1;
      return reject("ERR_BAD_RESPONSE", `maxContentLength size of ${limit} exceeded`);
    }
    case "hang":
    case "slow":
      return new Promise((_resolve, reject) => {
        config.signal?.addEventListener?.("abort", () => {
          reject(new CanceledError(undefined, config));
        });
      });
  }
}

interface HostLife {
  isOver: boolean;
}

/** What a dead host does reaches nobody: its timers go on in this process. */
function whileAlive<T>(life: HostLife, task: () => Promise<T>): Promise<T> {
  return life.isOver ? new Promise(() => undefined) : task();
}

/** The network of one host, which dies with it. */
function mortal(adapter: AxiosAdapter, kills: readonly ArmedKill[], life: HostLife): AxiosAdapter {
  return async (config) => {
    const action = new URL(config.url ?? "").searchParams.get("Action");
    const matching = life.isOver ? [] : kills.filter((kill) => kill.action === action);
    for (const kill of matching) kill.seen += 1;
    const fatal = matching.find((kill) => kill.seen === (kill.call ?? 1));
    if (fatal === undefined && !life.isOver) return adapter(config);
    life.isOver = true;
    // What a fault makes of the answer reaches nobody.
    if (fatal?.when === "after") adapter(config).then(undefined, () => undefined);
    fatal?.onKilled();
    return new Promise(() => undefined);
  };
}
