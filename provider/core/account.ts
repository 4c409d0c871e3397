import { createHash } from "node:crypto";

import type { AxiosAdapter } from "axios";

import { offersOf, type Offer } from "../../sdk/offers";
import { describeBackups, type BackupEntry } from "../vendor/backups";
import { describeAvailableDbConfig, describeRegions, type Region } from "../vendor/catalog";
import { CdsClient } from "../vendor/client";
import { CdsApiError } from "../vendor/errors";
import { describeInstances, type Instance, type InstanceFilter } from "../vendor/instances";
import type { Clock } from "./clock";
import type { Configuration } from "./configuration";
import type { Owner } from "./owner";
import { Durations } from "./durations";
import { PollLoop, WaitTimeoutError } from "./waiter";

const OWNER_DIGITS = 8;

/** One account at one endpoint, with all that its resources share in this process. */
export class Account {
  readonly client: CdsClient;
  /** Lists every instance: the vendor's list knows no region. */
  readonly instances: PollLoop<Instance>;
  readonly owner: Owner;
  /** What took how long at this vendor, from the call that began it. */
  readonly seen = {
    delivery: new Durations(),
    deletion: new Durations(),
    backup: new Durations(),
    backupDeletion: new Durations(),
  };
  readonly #clock: Clock;
  readonly #backups = new Map<string, PollLoop<BackupEntry>>();
  /** Of each question the last answer, and how much had changed before it. */
  readonly #answers = new Map<string, { answer: Promise<unknown>; changes: number }>();
  readonly #notFound = new Set<string>();
  readonly #claimed = new Set<string>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(configuration: Configuration, clock: Clock, adapter?: AxiosAdapter) {
    this.#clock = clock;
    const { endpoint, credentials } = configuration;
    const hash = createHash("sha256").update(credentials.accessKeyId).digest("hex");
    this.owner = { endpoint, key: hash.slice(0, OWNER_DIGITS) };
    this.client = new CdsClient({
      ...configuration,
      ...(adapter === undefined ? {} : { adapter }),
    });
    this.instances = new PollLoop((onSent) => describeInstances(this.client, {}, onSent), clock);
  }

  /** The backups of one instance; none when the vendor knows no such instance. */
  backups(instanceId: string): PollLoop<BackupEntry> {
    const loop =
      this.#backups.get(instanceId) ??
      new PollLoop(async (onSent) => {
        try {
          const entries = await describeBackups(this.client, instanceId, onSent);
          this.#notFound.delete(instanceId);
          return entries;
        } catch (error) {
          if (!(error instanceof CdsApiError) || !error.isNotFound) throw error;
          this.#notFound.add(instanceId);
          return [];
        }
      }, this.#clock);
    this.#backups.set(instanceId, loop);
    return loop;
  }

  /** Whether the last answer about its backups was that there is no such instance. */
  saidNoInstance(instanceId: string): boolean {
    return this.#notFound.has(instanceId);
  }

  /** Whether nobody in this process took the instance or backup over before. */
  claim(id: string): boolean {
    const isFree = !this.#claimed.has(id);
    this.#claimed.add(id);
    return isFree;
  }

  /** What the region sells; asked once in a process. */
  async offers(regionId: string): Promise<Offer[]> {
    return this.#once(`offers ${regionId}`, async () =>
      offersOf(await describeAvailableDbConfig(this.client, regionId)),
    );
  }

  /** The instances that the vendor takes for a match of the filter; asked once until something changes. */
  async instancesLike(filter: InstanceFilter, changes: number): Promise<Instance[]> {
    const ask = (): Promise<Instance[]> => describeInstances(this.client, filter);
    return this.#once(`instances ${JSON.stringify(filter)}`, ask, changes);
  }

  /** The backup entries of one instance; asked once until something changes. */
  async backupEntries(instanceId: string, changes: number): Promise<BackupEntry[]> {
    const ask = (): Promise<BackupEntry[]> => describeBackups(this.client, instanceId);
    return this.#once(`backups ${instanceId}`, ask, changes);
  }

  /** All regions; asked once in a process. */
  async regions(): Promise<Region[]> {
    return this.#once("regions", () => describeRegions(this.client));
  }

  /**
   * Runs one task after another for the same key. Rejects with a {@link WaitTimeoutError} where the
   * turn comes after the deadline: the task is not begun then.
   */
  async inTurn<R>(key: string, deadline: number, task: () => Promise<R>): Promise<R> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const begun = new AbortController();
    const tooLate = (): WaitTimeoutError =>
      new WaitTimeoutError(
        `waiting for others that work on ${key}: gave up, and nothing was begun`,
      );
    const turn = (): Promise<R> => {
      begun.abort();
      return this.#clock.now() < deadline ? task() : Promise.reject(tooLate());
    };
    const mine = before.then(turn, turn);
    this.#turns.set(key, mine);
    const leave = (): void => {
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    };
    mine.then(leave, leave);
    const left = Math.max(deadline - this.#clock.now(), 0);
    const expired = this.#clock.sleep(left, begun.signal).then(() => {
      if (begun.signal.aborted) return mine;
      throw tooLate();
    });
    return Promise.race([mine, expired]);
  }

  async #once<R>(question: string, ask: () => Promise<R>, changes = 0): Promise<R> {
    const known = this.#answers.get(question);
    if (known?.changes === changes) return known.answer as Promise<R>;
    const answer = ask();
    const kept = { answer, changes };
    this.#answers.set(question, kept);
    // A failure is not remembered: the next caller asks again.
    answer.catch(() => {
      if (this.#answers.get(question) === kept) this.#answers.delete(question);
    });
    return answer;
  }
}
