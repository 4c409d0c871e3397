import { BACKUP_FILE } from "./backupFile";
import type { FilePart, InstanceServers } from "./instanceServers";
import { addressIn } from "./networks";
import type { SeededRandom } from "./random";
import { RecordHistory } from "./recordHistory";
import {
  statusOfBackup,
  statusOfInstance,
  type BackupRecord,
  type EmulatorBackup,
  type EmulatorInstance,
  type InstanceChange,
  type InstanceOrder,
  type InstanceRecord,
  type StoreSnapshot,
  type Unlisted,
} from "./records";

/** A small network may have no address left that is free. */
const MOST_TRIES = 1_000;

/** How long things take, in seconds of the emulator's clock. */
export interface Timing {
  readonly deliverySeconds: number;
  /** 0 to 1: each delivery takes up to this fraction longer or shorter. */
  readonly deliveryJitter: number;
  readonly backupSeconds: number;
  readonly deleteSeconds: number;
}

interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: SeededRandom;
  readonly timing: Timing;
  readonly snapshot?: StoreSnapshot | undefined;
  /** Called after each change with the whole state. */
  readonly onChange?: ((snapshot: StoreSnapshot) => void) | undefined;
  /** Default: no servers run behind the instances. */
  readonly servers?: InstanceServers | undefined;
}

/** How a list looks at the store. */
export interface ListView {
  /** The list shows the state of so many seconds ago. */
  readonly lagSeconds: number;
  /** Whether the list was asked for one instance's id. */
  readonly isById: boolean;
}

/**
 * The emulated account: instances and their backups. The store has no timers. The clock and the times of a record
 * decide whether an instance exists and which status it has, so restarts and virtual clocks work.
 *
 * Tests and demos use it to look behind the API, and to act behind Pulumi's back as a person in the console would.
 */
export class EmulatorStore {
  readonly #now: () => number;
  readonly #random: SeededRandom;
  readonly #timing: Timing;
  readonly #onChange: ((snapshot: StoreSnapshot) => void) | undefined;
  readonly #servers: InstanceServers | undefined;
  readonly #instances: RecordHistory<Readonly<InstanceRecord>>;
  readonly #backups: RecordHistory<Readonly<BackupRecord>>;

  constructor(options: StoreOptions) {
    this.#now = options.now;
    this.#random = options.random;
    this.#timing = options.timing;
    this.#onChange = options.onChange;
    this.#servers = options.servers;
    const { instances = [], backups = [] } = options.snapshot ?? {};
    this.#instances = new RecordHistory(
      instances.map((record) => [record.instanceUuid, copyOf(record)]),
    );
    this.#backups = new RecordHistory(backups.map((record) => [record.backupId, { ...record }]));
  }

  /** The instances that exist now, in the order of their creation. Those in deletion are among them. */
  instances(): EmulatorInstance[] {
    const now = this.#dropGone();
    return this.#instances.all().map((record) => this.#instanceAt(record, now));
  }

  /** The instances that a list shows, in the order of their creation. */
  listedInstances(view: ListView): EmulatorInstance[] {
    const time = this.#dropGone() - view.lagSeconds * 1000;
    const records = view.lagSeconds === 0 ? this.#instances.all() : this.#instances.asOf(time);
    return records
      .filter((record) => isListed(record, time, view))
      .sort((one, other) => one.createdAt - other.createdAt)
      .map((record) => this.#instanceAt(record, time));
  }

  /** The instance with this id, or undefined once it is gone. */
  findInstance(instanceUuid: string): EmulatorInstance | undefined {
    const now = this.#dropGone();
    const record = this.#instances.get(instanceUuid);
    return record && this.#instanceAt(record, now);
  }

  /** The backup entries that exist now, of one instance or of all, in the order of their creation. */
  backups(instanceUuid?: string): EmulatorBackup[] {
    const now = this.#dropGone();
    return this.#backups
      .all()
      .filter((record) => instanceUuid === undefined || record.instanceUuid === instanceUuid)
      .map((record) => this.#backupAt(record, now));
  }

  /** The backup entries of an instance that a list shows, in the order of their creation. */
  listedBackups(instanceUuid: string, view: ListView): EmulatorBackup[] {
    const time = this.#dropGone() - view.lagSeconds * 1000;
    const records = view.lagSeconds === 0 ? this.#backups.all() : this.#backups.asOf(time);
    return records
      .filter((record) => record.instanceUuid === instanceUuid && isListed(record, time, view))
      .sort((one, other) => one.startedAt - other.startedAt)
      .map((record) => this.#backupAt(record, time));
  }

  /** The file of a backup: an empty RDB file unless servers run, and no bytes before the file exists. */
  backupFile(backupId: string): Buffer | FilePart {
    if (this.#servers !== undefined) {
      return this.#servers.backupFile(backupId) ?? Buffer.alloc(0);
    }
    const record = this.#backups.latest(backupId);
    const isThere = record !== undefined && statusOfBackup(record, this.#now()) !== "running";
    return isThere ? BACKUP_FILE : Buffer.alloc(0);
  }

  /** The whole state, for a restart. */
  snapshot(): StoreSnapshot {
    return {
      drawn: this.#random.drawn,
      instances: this.#instances.all().map(copyOf),
      backups: this.#backups.all().map((record) => ({ ...record })),
    };
  }

  /**
   * Changes an instance at once (drift), which no call of the API can do.
   *
   * @throws Error when there is no such instance.
   */
  changeInstance(instanceUuid: string, change: InstanceChange): void {
    const record = this.#instanceRecord(instanceUuid);
    const { status, tags, ...fields } = change;
    this.#putInstance({
      ...record,
      ...definedOnly(fields),
      ...(status === undefined ? {} : { heldStatus: status }),
      ...(tags === undefined ? {} : { tags: tags.map((tag) => ({ ...tag })) }),
    });
    this.#changed();
  }

  /**
   * Keeps an instance or a backup entry out of all lists for a while, though it exists.
   *
   * @param byId Whether a list that is asked for its id leaves it out, too.
   * @throws Error when there is no such instance or backup.
   */
  keepUnlisted(id: string, seconds: number, byId = false): void {
    const unlisted: Unlisted = { until: this.#now() + seconds * 1000, byId };
    const instance = this.#instances.get(id);
    if (instance === undefined) this.#putBackup({ ...this.#backupRecord(id), unlisted });
    else this.#putInstance({ ...instance, unlisted });
    this.#changed();
  }

  /**
   * Removes an instance and its backups at once, as if someone had deleted it in the console.
   *
   * @throws Error when there is no such instance.
   */
  removeInstance(instanceUuid: string): void {
    this.#instanceRecord(instanceUuid);
    this.#forgetInstance(instanceUuid, this.#now());
    this.#changed();
  }

  /**
   * Removes one backup entry at once.
   *
   * @throws Error when there is no such backup.
   */
  removeBackup(backupId: string): void {
    this.#backupRecord(backupId);
    this.#forgetBackup(backupId, this.#now());
    this.#changed();
  }

  /**
   * Makes `amount` instances of one order; they run after the delivery time. Returns their ids. The password goes
   * to their servers, if there are any; the store does not keep it.
   */
  createInstances(order: InstanceOrder, amount: number, password = ""): string[] {
    const created = Array.from({ length: amount }, () => this.#newInstance(order, password));
    for (const record of created) this.#putInstance(record);
    this.#changed();
    return created.map(({ instanceUuid }) => instanceUuid);
  }

  /** Starts deleting an instance: it and its backups are gone after the delete time. */
  deleteInstance(instanceUuid: string): void {
    const goneAt = this.#now() + this.#timing.deleteSeconds * 1000;
    this.#putInstance({ ...this.#instanceRecord(instanceUuid), goneAt });
    this.#changed();
  }

  /** Starts a backup: one entry, or one for each shard of a cluster. Returns the ids of the entries. */
  createBackup(instanceUuid: string, description: string): string[] {
    const { shardIds } = this.#instanceRecord(instanceUuid);
    const startedAt = this.#now();
    const finishedAt = startedAt + this.#timing.backupSeconds * 1000;
    const created = (shardIds.length === 0 ? [""] : shardIds).map((shardId): BackupRecord => {
      const backupId = this.#random.uuid();
      return { backupId, instanceUuid, shardId, description, startedAt, finishedAt };
    });
    for (const record of created) {
      this.#putBackup(record);
      this.#servers?.backupStarted(record);
    }
    this.#changed();
    return created.map(({ backupId }) => backupId);
  }

  /** Starts deleting one backup entry; it is gone after the delete time. */
  deleteBackup(backupId: string): void {
    const goneAt = this.#now() + this.#timing.deleteSeconds * 1000;
    this.#putBackup({ ...this.#backupRecord(backupId), goneAt });
    this.#changed();
  }

  #newInstance(order: InstanceOrder, password: string): InstanceRecord {
    const { isCluster, segment, ...ordered } = order;
    const createdAt = this.#now();
    const { deliverySeconds, deliveryJitter } = this.#timing;
    const stretch = 1 + deliveryJitter * (2 * this.#random.fraction() - 1);
    const record: InstanceRecord = {
      ...ordered,
      instanceUuid: this.#random.uuid(),
      resourceId: this.#random.uuid(),
      ip: this.#freeIp(segment),
      shardIds: Array.from({ length: isCluster ? shardsOf(order.ramGb) : 0 }, () =>
        this.#random.uuid(),
      ),
      tags: [],
      createdAt,
      readyAt: createdAt + Math.round(deliverySeconds * stretch * 1000),
    };
    if (this.#servers !== undefined) record.ip = this.#servers.instanceOrdered(record, password);
    return record;
  }

  #freeIp(segment: string | undefined): string {
    const taken = new Set(this.#instances.all().map(({ ip }) => ip));
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const ip = addressIn(segment, this.#random.privateIp());
      if (!taken.has(ip)) return ip;
    }
    return this.#random.privateIp();
  }

  #putInstance(record: InstanceRecord): void {
    this.#instances.set(record.instanceUuid, record, this.#now());
  }

  #putBackup(record: BackupRecord): void {
    this.#backups.set(record.backupId, record, this.#now());
  }

  #instanceRecord(instanceUuid: string): InstanceRecord {
    this.#dropGone();
    const record = this.#instances.get(instanceUuid);
    if (record === undefined) throw new Error(`The emulator has no instance ${instanceUuid}.`);
    return record;
  }

  #backupRecord(backupId: string): BackupRecord {
    this.#dropGone();
    const record = this.#backups.get(backupId);
    if (record === undefined) throw new Error(`The emulator has no backup ${backupId}.`);
    return record;
  }

  /** Forgets the deleted records whose time has come; returns the time. */
  #dropGone(): number {
    const now = this.#now();
    for (const { instanceUuid, goneAt } of this.#instances.all()) {
      if (goneAt !== undefined && goneAt <= now) this.#forgetInstance(instanceUuid, goneAt);
    }
    for (const { backupId, goneAt } of this.#backups.all()) {
      if (goneAt !== undefined && goneAt <= now) this.#forgetBackup(backupId, goneAt);
    }
    return now;
  }

  /** Deletes the backups, too: whether the vendor keeps them is unknown, so assume the worst. */
  #forgetInstance(instanceUuid: string, at: number): void {
    this.#instances.delete(instanceUuid, at);
    for (const backup of this.#backups.all()) {
      if (backup.instanceUuid === instanceUuid) this.#forgetBackup(backup.backupId, at);
    }
    this.#servers?.instanceGone(instanceUuid);
  }

  #forgetBackup(backupId: string, at: number): void {
    this.#backups.delete(backupId, at);
    this.#servers?.backupGone(backupId);
  }

  #instanceAt(record: InstanceRecord, now: number): EmulatorInstance {
    const isThere = this.#instances.get(record.instanceUuid) !== undefined;
    const server = isThere ? this.#servers?.instanceState(record.instanceUuid) : undefined;
    return { ...copyOf(record), status: statusOfInstance(record, now, server) };
  }

  #backupAt(record: BackupRecord, now: number): EmulatorBackup {
    const { backupId, finishedAt } = record;
    const status = statusOfBackup(record, now, this.#servers?.backupState(backupId));
    const savedAt = this.#servers?.backupSavedAt(backupId) ?? finishedAt;
    return { ...record, finishedAt: Math.max(finishedAt, savedAt), status };
  }

  #changed(): void {
    this.#onChange?.(this.snapshot());
  }
}

function isListed(
  { unlisted }: { readonly unlisted?: Unlisted | undefined },
  time: number,
  { isById }: ListView,
): boolean {
  return unlisted === undefined || time >= unlisted.until || (isById && !unlisted.byId);
}

function copyOf(record: InstanceRecord): InstanceRecord {
  return {
    ...record,
    shardIds: [...record.shardIds],
    tags: record.tags.map((tag) => ({ ...tag })),
  };
}

/** The emulator's own rule, one shard for each 4 GB, 2 to 8: the vendor does not say how many there are. */
function shardsOf(ramGb: number): number {
  return Math.min(8, Math.max(2, Math.floor(ramGb / 4)));
}

function definedOnly<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
