import { AxiosHeaders, type AxiosAdapter } from "axios";

import {
  DEFAULT_ACCESS_KEY_ID,
  DEFAULT_ACCESS_KEY_SECRET,
  EmulatorApi,
  type EmulatorApiOptions,
} from "../emulator";
import { systemClock } from "../provider/lifecycle/clock";
import { Context } from "../provider/lifecycle/context";

export interface EmulatedVendor {
  readonly api: EmulatorApi;
  /** A host process of its own: what it remembers is not shared with another one. */
  host(config?: Readonly<Record<string, string>>): Context;
  /** What was shown on the rows of resources, as `urn: text`. */
  readonly reports: string[];
  /** The calls the vendor answered, in their order. */
  actions(): string[];
}

/** The emulator without a network, for tests in virtual time. */
export function emulatedVendor(options: EmulatorApiOptions = {}): EmulatedVendor {
  const api = new EmulatorApi({ seed: "tests", now: () => Date.now(), ...options });
  const reports: string[] = [];
  let names = 0;
  return {
    api,
    reports,
    actions: () => api.requests.map((request) => request.action),
    host: (config = {}) => {
      const context = new Context({
        clock: systemClock,
        environment: {},
        randomHex: (digits) => (++names).toString(16).padStart(digits, "0"),
        report: (urn, text) => reports.push(`${urn ?? "?"}: ${text}`),
        adapter: adapterOf(api),
      });
      const settings: Readonly<Record<string, string>> = {
        "cds:accessKeyId": DEFAULT_ACCESS_KEY_ID,
        "cds:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
        ...config,
      };
      context.configure((key) => settings[key]);
      return context;
    },
  };
}

/** Hands axios requests to the emulator in this process. */
export function adapterOf(api: EmulatorApi): AxiosAdapter {
  return (config) => {
    const url = new URL(config.url ?? "");
    const answer = api.handle({
      method: (config.method ?? "get").toUpperCase(),
      url: `${url.pathname}${url.search}`,
      body: typeof config.data === "string" ? config.data : "",
    });
    return Promise.resolve({
      data: answer.body,
      status: answer.status,
      statusText: "",
      headers: new AxiosHeaders({ ...answer.headers }),
      config,
    });
  };
}
