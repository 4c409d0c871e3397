import { createHash } from "node:crypto";

import type { AxiosAdapter } from "axios";

import type { FetchedFile, FetchOptions } from "../download/download";
import { Account } from "./account";
import { defaultRegionId, readConfiguration, type GetConfig } from "./configuration";
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
  readonly environment: Readonly<Record<string, string | undefined>>;
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
  readonly #options: ContextOptions;
  readonly #accounts = new Map<string, Account>();
  #getConfig: GetConfig = () => undefined;

  constructor(options: ContextOptions) {
    this.#options = options;
    this.randomHex = options.randomHex;
    this.report = options.report;
    this.readStack = options.readStack;
    this.fetchBackup = options.fetchBackup;
    this.orders = new UnfinishedOrders(options);
  }

  configure(getConfig: GetConfig): void {
    this.#getConfig = getConfig;
  }

  /** A value of the stack's configuration, secrets in clear. */
  config(key: string): string | undefined {
    return this.#getConfig(key);
  }

  environment(name: string): string | undefined {
    return this.#options.environment[name];
  }

  /** The default account, or a named one. Throws a CdsConfigError that names the key to set. */
  account(name?: string): Account {
    const configuration = readConfiguration(this.#getConfig, this.#options.environment, name);
    // Two names of one account share its lists and its turns.
    const { endpoint, credentials } = configuration;
    const key = createHash("sha256")
      .update(JSON.stringify([endpoint, credentials]))
      .digest("hex");
    const account = this.#accounts.get(key) ?? new Account(configuration, this.#options.adapter);
    this.#accounts.set(key, account);
    return account;
  }

  /** The region of an account where an argument names none. */
  defaultRegionId(account?: string): string | undefined {
    return defaultRegionId(this.#getConfig, this.#options.environment, account);
  }
}
