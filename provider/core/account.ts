import { createHash } from "node:crypto";

import { offersOf, type Offer } from "../../sdk/offers";
import { describeBackups, downloadBackup } from "../vendor/actions/backups";
import { describeAvailableDbConfig, describeRegions } from "../vendor/actions/catalog";
import { CdsClient, type ClientOptions } from "../vendor/client";
import { CdsApiError, CdsConfigError } from "../vendor/errors";
import { describeInstances, type InstanceFilter } from "../vendor/actions/instances";
import { now } from "../time";
import { LOST, Sightings } from "./absence";
import { WaitTimeoutError } from "./errors";
import { withinLimit, type Limit } from "./operation";
import { OVERTIME_MS, PollLoop } from "./pollLoop";
import { describeVdcs } from "../vendor/actions/networks";
import { sameId } from "../vendor/ids";
import type { BackupEntry, Instance, Region, Vdc } from "../vendor/types";

/** The list of an instance that the vendor does not know. */
const NO_INSTANCE: readonly BackupEntry[] = [];

/** Where, and with whose key, the vendor showed a resource last. Kept in its state. */
export interface Owner {
  readonly endpoint: string;
  /** The first digits of the access key id's hash: enough to tell one key from another. */
  readonly key: string;
}

/** One account at one endpoint, with all that its resources share in this process. */
export class Account {
  readonly client: CdsClient;
  readonly owner: Owner;
  /** Lists every instance: the vendor's list knows no region. */
  readonly instances: PollLoop<Instance>;
  readonly #sightings = new Sightings();
  readonly #backups = new Map<string, PollLoop<BackupEntry>>();
  readonly #claimed = new Set<string>();
  readonly #durations = new Map<string, number>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #catalog = new Map<string, Promise<unknown>>();
  readonly #lists = new Map<string, Promise<unknown>>();

  constructor(options: ClientOptions) {
    const { endpoint, credentials } = options;
    const hash = createHash("sha256").update(credentials.accessKeyId).digest("hex");
    this.owner = { endpoint, key: hash.slice(0, 8) };
    this.client = new CdsClient(options);
    this.instances = new PollLoop(async () => {
      const listed = await describeInstances(this.client);
      this.#sightings.note(listed.map(({ instanceId }) => instanceId));
      return listed;
    });
  }

  /**
   * The instance with this id; undefined once it is proven to be gone: lists of at least 30 seconds
   * lack it, and the vendor does not know the id. Absent instances share the lists of one window.
   *
   * @param maxAgeMs How old a list may be that shows it. Default: it begins now.
   */
  async findInstance(
    limit: Limit,
    id: string,
    maxAgeMs = Number.NEGATIVE_INFINITY,
  ): Promise<Instance | undefined> {
    const look = (listed: readonly Instance[]): Instance | "absent" | undefined =>
      listed.find((one) => sameId(one.instanceId, id)) ??
      (this.#sightings.isAbsent(id, LOST) ? "absent" : undefined);
    const found = await this.instances.until(limit, look, {
      what: `reading the instance ${id}`,
      onListError: "fail",
      maxAgeMs,
    });
    return found === "absent" ? this.queryInstance(limit, id) : found;
  }

  /** Asks for one instance by its id, which finds it where lists lag or are cut short. */
  async queryInstance({ deadline, signal }: Limit, id: string): Promise<Instance | undefined> {
    // As a list may: whoever asks late gets an answer all the same.
    const limit = { deadline: Math.max(deadline, now()) + OVERTIME_MS, signal };
    const tooLate = (): Error => new WaitTimeoutError(`asking for the instance ${id}: gave up`);
    try {
      const asking = describeInstances(this.client, { instanceId: id });
      const answer = await withinLimit(limit, asking, tooLate);
      return answer.find((instance) => sameId(instance.instanceId, id));
    } catch (error) {
      if (error instanceof CdsApiError && error.isNotFound) return undefined;
      throw error;
    }
  }

  /** The backups of one instance; none when the vendor knows no such instance. */
  backups(instanceId: string): PollLoop<BackupEntry> {
    const list = (): Promise<readonly BackupEntry[]> =>
      describeBackups(this.client, instanceId).catch((error: unknown) => {
        if (error instanceof CdsApiError && error.isNotFound) return NO_INSTANCE;
        throw error;
      });
    const loop = this.#backups.get(instanceId) ?? new PollLoop(list);
    this.#backups.set(instanceId, loop);
    return loop;
  }

  /** Whether the last answer about the instance's backups was that there is no such instance. */
  saidNoInstance(instanceId: string): boolean {
    return this.backups(instanceId).recent(Number.POSITIVE_INFINITY) === NO_INSTANCE;
  }

  /** Whether this is the first in this process to take over the instance or backup. */
  claim(id: string): boolean {
    const isFree = !this.#claimed.has(id.toLowerCase());
    this.#claimed.add(id.toLowerCase());
    return isFree;
  }

  /** Whether a resource of this process has taken it over. */
  isClaimed(id: string): boolean {
    return this.#claimed.has(id.toLowerCase());
  }

  /** Notes how long something of a kind (`delivery`) took at this vendor. */
  noteDuration(kind: string, milliseconds: number): void {
    this.#durations.set(kind, milliseconds);
  }

  /** Such as `, others took 3m20s`; "" while nothing of the kind has ended in this run. */
  othersTook(kind: string): string {
    const took = this.#durations.get(kind);
    return took === undefined ? "" : `, others took ${durationText(took)}`;
  }

  /** What the region sells; asked once in a process. */
  offers(regionId: string): Promise<Offer[]> {
    return once(this.#catalog, `offers ${regionId}`, async () =>
      offersOf(await describeAvailableDbConfig(this.client, regionId)),
    );
  }

  /** The data centers with their networks; asked once in a process. */
  vdcs(): Promise<Vdc[]> {
    return once(this.#catalog, "vdcs", () => describeVdcs(this.client));
  }

  /** Asked once in a process. */
  regions(): Promise<Region[]> {
    return once(this.#catalog, "regions", () => describeRegions(this.client));
  }

  /** The instances that the vendor takes for a match of the filter; asked once until {@link forgetLists}. */
  instancesLike(filter: InstanceFilter): Promise<Instance[]> {
    const question = `instances ${JSON.stringify(filter)}`;
    return once(this.#lists, question, () => describeInstances(this.client, filter));
  }

  /** Asked once until {@link forgetLists}. */
  backupEntries(instanceId: string): Promise<BackupEntry[]> {
    const ask = (): Promise<BackupEntry[]> => describeBackups(this.client, instanceId);
    return once(this.#lists, `backups ${instanceId}`, ask);
  }

  /** Asked anew each time, since the URLs expire. */
  downloadLinks(instanceId: string, backupId: string): ReturnType<typeof downloadBackup> {
    return downloadBackup(this.client, instanceId, backupId);
  }

  /** An answer from before this call is not used after it. */
  forgetLists(): void {
    this.#lists.clear();
  }

  /**
   * Runs one task after another for the same key. Rejects with a {@link WaitTimeoutError} where the
   * turn comes after the deadline, or with a {@link CancelledError}: the task is not begun then.
   */
  async inTurn<R>(limit: Limit, key: string, task: () => Promise<R>): Promise<R> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const text = `waiting for others that work on ${key}: gave up, and nothing was begun`;
    const turn = withinLimit(limit, before, () => new WaitTimeoutError(text)).then(task);
    // A turn that was given up leaves the others where they were.
    this.#turns.set(key, Promise.allSettled([before, turn]));
    return turn;
  }
}

/** Asks a question once for all who ask it. A failure is not remembered: the next one asks again. */
async function once<R>(
  answers: Map<string, Promise<unknown>>,
  question: string,
  ask: () => Promise<R>,
): Promise<R> {
  const answer = (answers.get(question) as Promise<R> | undefined) ?? ask();
  answers.set(question, answer);
  answer.catch(() => {
    if (answers.get(question) === answer) answers.delete(question);
  });
  return answer;
}

/** Such as `45s` or `3m20s`. */
function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}

export function isSameOwner(one: Owner, other: Owner): boolean {
  return one.endpoint === other.endpoint && one.key === other.key;
}

/**
 * Throws unless this is the account that showed the resource last: that another account does not
 * list it is no proof that it is gone.
 */
export function requireSameOwner(seen: Owner | undefined, current: Owner, what: string): void {
  const { endpoint } = current;
  if (seen === undefined || isSameOwner(seen, current)) return;
  const where = seen.endpoint === endpoint ? "with another access key" : `at ${seen.endpoint}`;
  throw new CdsConfigError(
    `${what} is not listed at ${endpoint} for this access key. It was seen last ${where}, so it is not known to be gone. ` +
      "Set the endpoint and the access key of its account. `pulumi refresh` and `pulumi destroy` use those that the last `pulumi up` recorded: run `pulumi up` first, or add `--run-program`. " +
      "If it is really gone, `pulumi state delete <urn>` drops it.",
  );
}
