import type { AxiosAdapter } from "axios";

import type { FetchedFile, FetchOptions } from "../download/download";
import { Account } from "./account";
import {
  defaultRegionId,
  readConfiguration,
  type Environment,
  type GetConfig,
} from "./configuration";
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

/** The configuration of a run, and its accounts. Two names of one account share its lists and its turns. */
export class Accounts {
  readonly #environment: Environment;
  readonly #adapter: AxiosAdapter | undefined;
  readonly #known = new Map<string, Account>();
  #getConfig: GetConfig = () => undefined;

  constructor(environment: Environment, adapter?: AxiosAdapter) {
    this.#environment = environment;
    this.#adapter = adapter;
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

  /** The default account, or a named one. Throws a {@link CdsConfigError} that names the key to set. */
  account(name?: string): Account {
    const configuration = readConfiguration(this.#getConfig, this.#environment, name);
    const key = JSON.stringify([configuration.endpoint, configuration.credentials]);
    const account = this.#known.get(key) ?? new Account(configuration, this.#adapter);
    this.#known.set(key, account);
    return account;
  }

  /** The region of an account where an argument names none. */
  defaultRegionId(account?: string): string | undefined {
    return defaultRegionId(this.#getConfig, this.#environment, account);
  }

  /** Lets questions about instances and backups be asked again: something may have changed. */
  forgetLists(): void {
    for (const account of this.#known.values()) account.forgetLists();
  }
}

/** What the resources of a stack share in the one process that serves an operation of the engine. */
export class Context extends Accounts {
  readonly randomHex: ContextOptions["randomHex"];
  readonly report: Report;
  readonly readStack: ReadStackRecord;
  readonly fetchBackup: FetchBackup;
  readonly orders: UnfinishedOrders;

  constructor(options: ContextOptions) {
    super(options.environment, options.adapter);
    this.randomHex = options.randomHex;
    this.report = options.report;
    this.readStack = options.readStack;
    this.fetchBackup = options.fetchBackup;
    this.orders = new UnfinishedOrders(options);
  }
}
