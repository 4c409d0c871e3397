import { createHash } from "node:crypto";

import type { AxiosAdapter } from "axios";

import { Account } from "./account";
import type { Clock } from "./clock";
import { defaultRegionId, readConfiguration, type GetConfig } from "./configuration";

export interface ContextOptions {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** This many random hexadecimal digits. */
  readonly randomHex: (digits: number) => string;
  /** Shows a line on the row of a resource while it is being worked on. */
  readonly report: (urn: string | undefined, text: string) => void;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

/** What the resources of a stack share in the one process that serves an operation. */
export class Context {
  readonly clock: Clock;
  readonly randomHex: ContextOptions["randomHex"];
  readonly #options: ContextOptions;
  readonly #accounts = new Map<string, Account>();
  #getConfig: GetConfig = () => undefined;

  constructor(options: ContextOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.randomHex = options.randomHex;
  }

  /** Shows what becomes of one resource, a line for each change: the engine shows the time itself. */
  reporter(urn: string | undefined): (text: string) => void {
    let last = "";
    return (text) => {
      if (text !== last) this.#options.report(urn, text);
      last = text;
    };
  }

  configure(getConfig: GetConfig): void {
    this.#getConfig = getConfig;
  }

  /** The default account, or a named one. Throws a CdsConfigError that names the key to set. */
  account(name?: string): Account {
    const configuration = readConfiguration(this.#getConfig, this.#options.environment, name);
    const key = createHash("sha256").update(JSON.stringify(configuration)).digest("hex");
    const account =
      this.#accounts.get(key) ?? new Account(configuration, this.clock, this.#options.adapter);
    this.#accounts.set(key, account);
    return account;
  }

  /** The region of an account where an argument names none. */
  defaultRegionId(account?: string): string | undefined {
    return defaultRegionId(this.#getConfig, this.#options.environment, account);
  }
}
