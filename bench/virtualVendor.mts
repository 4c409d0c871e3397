// The emulator in this process and in virtual time: hours of waiting take seconds.
import { createRequire } from "node:module";
import { setImmediate as turn } from "node:timers/promises";

import type { AxiosAdapter, AxiosHeaders } from "axios";

import type * as EmulatorModule from "../emulator/index.ts";
import type * as ContextModule from "../provider/core/context.ts";
import type { RecordedResource } from "../provider/core/records.ts";
import { needed } from "./needed.mts";

interface VirtualClock {
  countTimers(): number;
  next(): number;
  uninstall(): void;
}

const require = createRequire(import.meta.url);
const { EmulatorApi, DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET } =
  require("../dist/emulator/index.js") as typeof EmulatorModule;
const { Context } = require("../dist/provider/core/context.js") as typeof ContextModule;
const START = Date.parse("2026-11-24T08:00:00Z");
/** A task that waits for no timer for so many turns hangs. */
const IDLE_TURNS = 100;

export type EmulatorApi = EmulatorModule.EmulatorApi;

/** A create under way in the engine's record of the stack. */
export type Creating = RecordedResource;

/** Runs a task with timers that fire as soon as nothing else is left to do. */
export async function inVirtualTime<T>(task: () => Promise<T>): Promise<T> {
  const timers = needed("@sinonjs/fake-timers") as { install(options: object): VirtualClock };
  const clock = timers.install({
    now: START,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  try {
    let ended = false;
    const result = task().finally(() => {
      ended = true;
    });
    result.catch(() => undefined);
    const isOver = (): boolean => ended;
    for (let idle = 0; !isOver() && idle < IDLE_TURNS; idle += 1) {
      for (let turns = 0; turns < 3; turns += 1) await turn();
      if (clock.countTimers() === 0) continue;
      idle = 0;
      clock.next();
    }
    if (!isOver()) throw new Error("the task waits for something that is no timer");
    return await result;
  } finally {
    clock.uninstall();
  }
}

/** How long the emulated vendor takes. */
export interface Delays {
  /** Each delivery takes this long, 30 % more or less. */
  readonly deliverySeconds: number;
  readonly deleteSeconds: number;
}

export function startVendor(seed: string, delays: Delays): EmulatorApi {
  return new EmulatorApi({ ...delays, deliveryJitter: 0.3, seed, now: () => Date.now() });
}

/** What the resources share in one process of the dynamic provider. */
export function startHost(api: EmulatorApi, creating: readonly Creating[]): ContextModule.Context {
  let drawn = 0;
  const host = new Context({
    environment: {},
    randomHex: (digits) => (++drawn).toString(16).padStart(digits, "0"),
    report: () => undefined,
    readStack: () => Promise.resolve({ resources: [], creating }),
    notes: {
      begin: () => Promise.resolve(),
      end: () => Promise.resolve(),
      unsettled: () => Promise.resolve([]),
      place: (token) => token,
    },
    fetchBackup: () => Promise.reject(new Error("no backup is asked for")),
    adapter: adapterOf(api),
  });
  const settings: Readonly<Record<string, string>> = {
    "cds:accessKeyId": DEFAULT_ACCESS_KEY_ID,
    "cds:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
  };
  host.config = (key) => settings[key];
  return host;
}

function adapterOf(api: EmulatorApi): AxiosAdapter {
  return (config) => {
    const url = new URL(config.url ?? "");
    const body = typeof config.data === "string" ? config.data : "";
    const method = (config.method ?? "get").toUpperCase();
    const answer = api.handle({ method, url: `${url.pathname}${url.search}`, body });
    const headers = answer.headers as unknown as AxiosHeaders;
    return Promise.resolve({
      ...{ data: answer.body, status: answer.status, statusText: "" },
      ...{ headers, config },
    });
  };
}
