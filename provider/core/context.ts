import { createHash } from "node:crypto";

import type { AxiosAdapter } from "axios";

import type { FinalBackup } from "../dynamic/contract";
import type { FetchedFile, FetchOptions } from "../download/download";
import { Account } from "./account";
import type { Clock } from "./clock";
import { defaultRegionId, readConfiguration, type GetConfig } from "./configuration";
import type { OrderJournal } from "./journal";
import type { Report } from "../dynamic/report";
import type { ReadStackRecord } from "./stackRecord";
import { UnfinishedOrders } from "./unfinished";

/** Downloads the files of a backup, each proven whole. */
export type FetchBackup = (options: FetchOptions) => Promise<readonly FetchedFile[]>;

export interface ContextOptions {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** This many random hexadecimal digits. */
  readonly randomHex: (digits: number) => string;
  readonly report: Report;
  /** Whether somebody looks at rows that are drawn anew. Default: no. */
  readonly hasTerminal?: boolean;
  readonly readStack: ReadStackRecord;
  readonly journal: OrderJournal;
  readonly fetchBackup: FetchBackup;
  /** Replaces the network; for tests in one process. */
  readonly adapter?: AxiosAdapter;
}

/** What the resources of a stack share in the one process that serves an operation. */
export class Context {
  readonly clock: Clock;
  readonly randomHex: ContextOptions["randomHex"];
  readonly readStack: ReadStackRecord;
  /** Orders of interrupted runs. */
  readonly unfinished: UnfinishedOrders;
  readonly fetchBackup: FetchBackup;
  /** What the program wishes by now, by InstanceUuid and by URN. */
  readonly finalBackups = new Map<string, FinalBackup>();
  readonly #options: ContextOptions;
  readonly #accounts = new Map<string, Account>();
  #getConfig: GetConfig = () => undefined;
  #lastShown: Promise<void> | void = undefined;

  constructor(options: ContextOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.randomHex = options.randomHex;
    this.readStack = options.readStack;
    this.fetchBackup = options.fetchBackup;
    this.unfinished = new UnfinishedOrders(options.readStack, options.journal, options.report);
  }

  /**
   * Shows what becomes of one resource: the engine shows the time itself. A detail that changes with
   * time is kept up to date where rows are drawn anew; elsewhere each text is shown once, as a line.
   */
  reporter(urn: string | undefined): (text: string, detail?: string) => void {
    let last = "";
    return (text, detail = "") => {
      const told = this.#options.hasTerminal === true ? text + detail : text;
      if (told !== last) this.#show(urn, text + detail, "status");
      last = told;
    };
  }

  /** Settles when the engine has all that was reported: a line that comes after its "created" shows it twice. */
  async shown(): Promise<void> {
    await this.#lastShown;
  }

  /** Tells something about a resource that people should read after the run, too. */
  warn(urn: string | undefined, text: string): void {
    this.#show(urn, text, "warning");
  }

  /** Tells what went well and is worth keeping. */
  inform(urn: string | undefined, text: string): void {
    this.#show(urn, text, "info");
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

  #show(...line: Parameters<Report>): void {
    this.#lastShown = this.#options.report(...line);
  }
}
