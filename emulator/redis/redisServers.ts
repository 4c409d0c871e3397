import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FilePart, InstanceServers } from "../instanceServers";
import type { SaveState, ServerState } from "../records";
import type { BackupRecord, InstanceRecord } from "../records";
import { serverAddresses } from "./loopbackAddresses";
import { RedisInstance } from "./redisInstance";
import type { RedisPrograms } from "./redisProcess";
import { saveDump } from "./saveDump";

export interface RedisServersOptions {
  readonly programs: RedisPrograms;
  /** The emulator's clock. */
  readonly now: () => number;
  /** Gets a line for each server that starts or ends, and for each failure. No line holds a password. */
  readonly log: (line: string) => void;
  /** Default: the platform of this machine. */
  readonly platform?: NodeJS.Platform | undefined;
}

interface Save {
  readonly instanceUuid: string;
  readonly path: string;
  state: SaveState;
  size: number;
  savedAt: number;
  isGone: boolean;
}

/** All Redis servers of one emulator, with the files of their backups, in one temporary folder. */
export class RedisServers implements InstanceServers {
  readonly #options: RedisServersOptions;
  readonly #instances = new Map<string, RedisInstance>();
  readonly #saves = new Map<string, Save>();
  /** The servers of deleted instances, while they end. */
  readonly #ending = new Set<Promise<void>>();
  readonly #killAll = (): void => {
    for (const instance of this.#instances.values()) instance.kill();
    this.#removeFolder();
  };
  #folder: string | undefined;
  #isClosed = false;

  constructor(options: RedisServersOptions) {
    this.#options = options;
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return [...this.#instances.values()].flatMap(({ processes }) =>
      processes.flatMap(({ pid }) => pid ?? []),
    );
  }

  /** The folder of all files; undefined before the first order. */
  get folder(): string | undefined {
    return this.#folder;
  }

  instanceOrdered(record: Readonly<InstanceRecord>, password: string): string {
    const { programs, log, platform } = this.#options;
    const count = Math.max(1, record.shardIds.length);
    const addresses = serverAddresses(count, record.port, platform);
    if (!this.#isClosed) {
      const root = this.#madeFolder();
      const instance = new RedisInstance({ programs, record, password, addresses, root, log });
      this.#instances.set(record.instanceUuid, instance);
      void instance.start();
    }
    return addresses[0]?.address ?? "";
  }

  instanceState(instanceUuid: string): ServerState {
    return this.#instances.get(instanceUuid)?.state ?? "failed";
  }

  instanceGone(instanceUuid: string): void {
    const instance = this.#instances.get(instanceUuid);
    if (instance === undefined) return;
    const ending = instance.end().finally(() => {
      this.#instances.delete(instanceUuid);
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
  }

  backupStarted({ backupId, instanceUuid, shardId }: Readonly<BackupRecord>): void {
    if (this.#isClosed) return;
    const path = join(this.#madeFolder(), "backups", `${backupId}.rdb`);
    const nothing = { size: 0, savedAt: 0, isGone: false };
    const save: Save = { instanceUuid, path, state: "running", ...nothing };
    this.#saves.set(backupId, save);
    void this.#save(save, shardId).catch((error: unknown) => {
      save.state = "failed";
      if (save.isGone || this.#isClosed) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log(`redis-server: no backup ${backupId} of ${instanceUuid}: ${reason}`);
    });
  }

  backupState(backupId: string): SaveState {
    return this.#saves.get(backupId)?.state ?? "failed";
  }

  backupSavedAt(backupId: string): number | undefined {
    const save = this.#saves.get(backupId);
    return save?.state === "finished" ? save.savedAt : undefined;
  }

  backupFile(backupId: string): FilePart | undefined {
    const save = this.#saves.get(backupId);
    if (save?.state !== "finished") return undefined;
    return { path: save.path, start: 0, length: save.size };
  }

  backupGone(backupId: string): void {
    const save = this.#saves.get(backupId);
    if (save === undefined) return;
    save.isGone = true;
    this.#saves.delete(backupId);
    rmSync(save.path, { force: true });
  }

  /** Ends all servers and removes their files. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const instances = [...this.#instances.values()];
    await Promise.all([...this.#ending, ...instances.map((instance) => instance.end())]);
    process.off("exit", this.#killAll);
    this.#removeFolder();
  }

  async #save(save: Save, shardId: string): Promise<void> {
    const server = this.#instances.get(save.instanceUuid)?.server(shardId);
    if (server === undefined) throw new Error("there is no server");
    save.size = await saveDump(server, save.path);
    // The backup may have been removed while it was written.
    if (save.isGone) rmSync(save.path, { force: true });
    save.savedAt = this.#options.now();
    save.state = "finished";
  }

  #madeFolder(): string {
    if (this.#folder !== undefined) return this.#folder;
    // mkdtemp makes a folder that only this user can enter.
    const folder = mkdtempSync(join(tmpdir(), "cds-redis-emulator-"));
    mkdirSync(join(folder, "backups"), { mode: 0o700 });
    process.once("exit", this.#killAll);
    this.#folder = folder;
    return folder;
  }

  #removeFolder(): void {
    if (this.#folder === undefined) return;
    try {
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      this.#options.log(`The folder ${this.#folder} is left: ${String(error)}`);
    }
  }
}
