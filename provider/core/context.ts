import type { FetchedFile, FetchOptions } from "../download/download";
import type { ClientOptions } from "../vendor/client";
import { Account } from "./account";
import { stackSettings, type Environment, type GetConfig, type Settings } from "./configuration";
import type { OrderNotes, ReadStackRecord, StackRecord } from "./records";
import { UnfinishedOrders } from "./recovery";

/** Returns this many random hexadecimal digits. */
export type RandomHex = (digits: number) => string;

export interface ContextOptions extends Pick<ClientOptions, "adapter"> {
  readonly environment: Environment;
  readonly randomHex: RandomHex;
  /** Shows a line about a resource: a status while it is worked on, or something that stays. Never rejects. */
  readonly report: (
    urn: string | undefined,
    text: string,
    kind: "status" | "info" | "warning",
  ) => Promise<void> | void;
  readonly readStack: ReadStackRecord;
  readonly notes: OrderNotes;
  /** Downloads the files of a backup, each proven whole. */
  readonly fetchBackup: (options: FetchOptions) => Promise<readonly FetchedFile[]>;
}

/** The configuration of a run, and its accounts. Two names of one account share its lists and its turns. */
export class Accounts {
  /** Reads the stack's configuration, secrets in clear. Nothing is set before the engine tells it. */
  config: GetConfig = () => undefined;
  /** Where the settings of an account are. Default: in the stack's configuration. */
  settings: (account?: string) => Settings = (account) =>
    stackSettings(this.config, this.#options.environment, account);
  readonly #options: Pick<ContextOptions, "environment" | "adapter">;
  readonly #known = new Map<string, Account>();

  constructor(options: Pick<ContextOptions, "environment" | "adapter">) {
    this.#options = options;
  }

  environment(name: string): string | undefined {
    return this.#options.environment[name];
  }

  /** Throws a {@link CdsConfigError} that names the key to set. */
  account(name?: string): Account {
    const { adapter } = this.#options;
    const configuration = this.settings(name).forClient();
    const { endpoint, credentials } = configuration;
    const key = JSON.stringify([endpoint, credentials]);
    const account =
      this.#known.get(key) ?? new Account({ ...configuration, ...(adapter && { adapter }) });
    this.#known.set(key, account);
    return account;
  }

  /** Lets questions about instances and backups be asked again: something may have changed. */
  forgetLists(): void {
    for (const account of this.#known.values()) account.forgetLists();
  }
}

/** What the resources of a stack share in the one process that serves an operation of the engine. */
export class Context extends Accounts {
  readonly randomHex: ContextOptions["randomHex"];
  readonly report: ContextOptions["report"];
  readonly readStack: ContextOptions["readStack"];
  readonly fetchBackup: ContextOptions["fetchBackup"];
  readonly orders: UnfinishedOrders;
  #before: Promise<StackRecord> | undefined;

  constructor(options: ContextOptions) {
    super(options);
    this.randomHex = options.randomHex;
    this.report = options.report;
    this.readStack = options.readStack;
    this.fetchBackup = options.fetchBackup;
    this.orders = new UnfinishedOrders(options);
  }

  /** What the stack of this URN held when the run began. Asked once in a run, and again after a failure. */
  readStackBefore(urn: string): Promise<StackRecord> {
    this.#before ??= this.readStack(urn).catch((error: unknown) => {
      this.#before = undefined;
      throw error;
    });
    return this.#before;
  }

  /** The same; undefined where it can't be read. */
  stackBefore(urn: string): Promise<StackRecord | undefined> {
    return this.readStackBefore(urn).catch(() => undefined);
  }
}
