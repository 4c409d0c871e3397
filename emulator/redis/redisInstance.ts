import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ServerState } from "../records";
import type { InstanceRecord } from "../records";
import type { ServerAddress } from "./loopbackAddresses";
import { joinCluster } from "./redisCluster";
import { RedisProcess, type RedisPrograms } from "./redisProcess";

const BYTES_PER_GB = 1024 ** 3;

export interface RedisInstancePlan {
  readonly programs: RedisPrograms;
  readonly record: Readonly<InstanceRecord>;
  readonly password: string;
  /** One for each shard of a cluster, else a single one. */
  readonly addresses: readonly ServerAddress[];
  /** The folder of all instances, which is removed when this process dies. */
  readonly root: string;
  readonly log: (line: string) => void;
}

/** The servers of one instance: one for each shard of a cluster, else a single one. */
export class RedisInstance {
  readonly #plan: RedisInstancePlan;
  readonly #folder: string;
  readonly #processes: RedisProcess[] = [];
  #state: ServerState = "starting";
  #isEnding = false;

  constructor(plan: RedisInstancePlan) {
    this.#plan = plan;
    this.#folder = join(plan.root, plan.record.instanceUuid);
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The processes that run now. */
  get processes(): readonly RedisProcess[] {
    return this.#processes.filter(({ hasEnded }) => !hasEnded);
  }

  /** The server of a shard; an instance that is no cluster has the shard "". */
  server(shardId: string): RedisProcess | undefined {
    return this.#processes[shardId === "" ? 0 : this.#plan.record.shardIds.indexOf(shardId)];
  }

  /** Starts the servers. {@link state} and the log tell whether that succeeds. Never throws. */
  async start(): Promise<void> {
    try {
      this.#spawn();
      await Promise.all(this.#processes.map((process) => process.untilAnswering()));
      if (this.#isCluster) await joinCluster(this.#processes);
      if (this.#state === "starting") this.#state = "ready";
    } catch (error) {
      this.#fail(`could not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Ends the servers and removes their folders. Never throws. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#processes.map((process) => process.end()));
    try {
      await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      this.#log(`left its folder ${this.#folder}: ${String(error)}`);
    }
  }

  /** Ends the servers at once. */
  kill(): void {
    this.#isEnding = true;
    for (const process of this.#processes) process.kill();
  }

  get #isCluster(): boolean {
    return this.#plan.record.shardIds.length > 0;
  }

  #spawn(): void {
    const { programs, record, password, addresses, root } = this.#plan;
    // Redis takes "" for no password at all. Only the store can order so, not the API.
    if (password === "") throw new Error("the order has no password");
    // redis-cli gets the password in its environment, which can't hold a NUL character.
    if (password.includes("\0")) throw new Error("the password has a NUL character");
    const maxMemoryBytes = Math.floor((record.ramGb * BYTES_PER_GB) / addresses.length);
    for (const [index, { address, port }] of addresses.entries()) {
      const folder = join(this.#folder, String(index));
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const isClusterNode = this.#isCluster;
      const process = new RedisProcess(
        programs,
        { address, port, password, maxMemoryBytes, folder, isClusterNode },
        root,
      );
      this.#processes.push(process);
      const megabytes = Math.floor(maxMemoryBytes / 1024 ** 2);
      this.#log(
        `started on ${address}:${port}, maxmemory ${megabytes} MB, pid ${process.pid ?? "-"}`,
      );
      void process.ended.then((reason) => {
        this.#ended(process, reason);
      });
    }
  }

  #ended({ plan: { address, port } }: RedisProcess, reason: string): void {
    if (this.#isEnding || this.#state === "failed") this.#log(`ended on ${address}:${port}`);
    else if (this.#state === "starting") this.#fail(`could not start: ${reason}`);
    else this.#fail(`on ${address}:${port} is gone: ${reason}`);
  }

  /** Marks the instance as failed and ends all of its servers: one server less is one shard less. */
  #fail(what: string): void {
    if (this.#isEnding || this.#state === "failed") return;
    this.#state = "failed";
    this.#log(what);
    for (const process of this.#processes) void process.end();
  }

  #log(what: string): void {
    this.#plan.log(`redis-server ${what}, instance ${this.#plan.record.instanceUuid}`);
  }
}
