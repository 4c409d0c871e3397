import type { AxiosAdapter } from "axios";

import type { FetchedFile, FetchOptions } from "../download/download";
import { Accounts, type Account } from "./account";
import type { Environment, GetConfig } from "./configuration";
import type { OrderNotes, ReadStackRecord } from "./records";
import { UnfinishedOrders } from "./recovery";

/** Shows a line about a resource: a status while it is worked on, or something that stays. Never rejects. */
export type Report = (
  urn: string | undefined,
  text: string,
  kind: "status" | "info" | "warning",
) => Promise<void> | void;

/** Downloads the files of a backup, each proven whole. */
export type FetchBackup = (options: FetchOptions) => Promise<readonly FetchedFile[]>;

export interface ContextOptions {
  readonly environment: Environment;
  /** Returns this many random hexadecimal digits. */
  readonly randomHex: (digits: number) => string;
  readonly report: Report;
  readonly readStack: ReadStackRecord;
  readonly notes: OrderNotes;
  readonly fetchBackup: FetchBackup;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

/** What the resources of a stack share in the one process that serves an operation of the engine. */
export class Context {
  readonly randomHex: ContextOptions["randomHex"];
  readonly report: Report;
  readonly readStack: ReadStackRecord;
  readonly fetchBackup: FetchBackup;
  readonly orders: UnfinishedOrders;
  readonly #environment: Environment;
  readonly #accounts: Accounts;
  #getConfig: GetConfig = () => undefined;

  constructor(options: ContextOptions) {
    this.randomHex = options.randomHex;
    this.report = options.report;
    this.readStack = options.readStack;
    this.fetchBackup = options.fetchBackup;
    this.orders = new UnfinishedOrders(options);
    this.#environment = options.environment;
    const getConfig: GetConfig = (key) => this.config(key);
    this.#accounts = new Accounts(getConfig, options.environment, options.adapter);
  }

  configure(getConfig: GetConfig): void {
    this.#getConfig = getConfig;
  }

  /** A value of the stack's configuration, secrets in clear. */
  config(key: string): string | undefined {
    return this.#getConfig(key);
  }

  environment(name: string): string | undefined {
    return this.#environment[name];
  }

  /** The default account, or a named one. Throws a CdsConfigError that names the key to set. */
  account(name?: string): Account {
    return this.#accounts.get(name);
  }

  /** The region of an account where an argument names none. */
  defaultRegionId(account?: string): string | undefined {
    return this.#accounts.defaultRegionId(account);
  }
}
