import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@redis/client";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import { describeWithRedis } from "../describeWithRedis";
import { formatTimestamp, signedQuery } from "../../provider/vendor/signer";
import { ORDER } from "./virtualEmulator";

/** A cluster of 8 GB: two shards by the emulator's rule. */
export const TWO_SHARDS = 8063;
export const PASSWORD = "canary-pass \"\\x41 word'#1é";

/** These tests look into /proc, and want many loopback addresses. */
export function describeOnLinuxWithRedis(name: string, tests: () => void): void {
  describeWithRedis(name, tests, process.platform === "linux" ? undefined : "Linux");
}

export interface Told {
  readonly Code: string;
  readonly Message: string;
  readonly Data: unknown;
}

/** An emulator with real servers, and a caller that signs. */
export class RedisEmulator {
  readonly lines: string[] = [];
  readonly #emulator: Emulator;
  #nonce = 0;

  private constructor(emulator: Emulator, lines: string[]) {
    this.#emulator = emulator;
    this.lines = lines;
  }

  static async start(options: EmulatorOptions = {}): Promise<RedisEmulator> {
    const lines: string[] = [];
    const times = { deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 };
    const log = (line: string): void => void lines.push(line);
    return new RedisEmulator(
      await startEmulator({ redis: true, ...times, log, ...options }),
      lines,
    );
  }

  get emulator(): Emulator {
    return this.#emulator;
  }

  call(action: string, params: Record<string, unknown> = {}): Told {
    const isRead = action.startsWith("Describe") || action === "DownloadBackup";
    const method = isRead ? "GET" : "POST";
    this.#nonce += 1;
    const query = signedQuery(
      {
        action,
        method,
        params: isRead ? (params as Record<string, string>) : {},
        nonce: `nonce-${this.#nonce}`,
        timestamp: formatTimestamp(Date.now()),
      },
      this.#emulator.api.credentials,
    );
    const body = isRead ? "" : JSON.stringify(params);
    const answer = this.#emulator.api.handle({ method, url: `/redis/?${query}`, body });
    return JSON.parse(answer.body) as Told;
  }

  order(params: Record<string, unknown> = {}): string {
    const { Data } = this.call("CreateDBInstance", { ...ORDER, Password: PASSWORD, ...params });
    return (Data as { InstancesUuid: [string] }).InstancesUuid[0];
  }

  /** Orders, and waits until the instance says that it runs. */
  async running(params: Record<string, unknown> = {}): Promise<Instance> {
    const uuid = this.order(params);
    await until(() => this.instance(uuid).Status !== "CREATING");
    return this.instance(uuid);
  }

  instance(uuid: string): Instance {
    const [found] = this.call("DescribeDBInstances", { InstanceUuid: uuid }).Data as Instance[];
    if (found === undefined) throw new Error(`There is no instance ${uuid}.`);
    return found;
  }

  backups(uuid: string): Record<string, string>[] {
    return this.call("DescribeBackups", { InstanceUuid: uuid }).Data as Record<string, string>[];
  }

  /** Backs up, and waits for the end of it. The first shard first. */
  async backedUp(uuid: string): Promise<Record<string, string>[]> {
    this.call("CreateBackup", { InstanceUuid: uuid });
    await until(() => this.backups(uuid).every(({ Status }) => Status !== "running"));
    return this.backups(uuid).reverse();
  }

  downloadUrl(uuid: string, backup: Record<string, string> | undefined): string {
    const params = { InstanceUuid: uuid, BackupId: backup?.["BackupId"] };
    const { Data } = this.call("DownloadBackup", params);
    return (Data as Record<string, string>)["BackupDownloadUrl"] ?? "";
  }

  /** The processes that the log told of, running or not, of one instance or of all. */
  pids(uuid = ""): number[] {
    return this.lines
      .filter((line) => line.includes(uuid))
      .flatMap((line) => /started on .* pid (\d+)/.exec(line)?.[1] ?? [])
      .map(Number);
  }

  /** The temporary folder of all of its servers. */
  folder(): string {
    return dirname(dirname(readlinkSync(`/proc/${this.pids()[0] ?? 0}/cwd`)));
  }
}

export interface Instance {
  readonly InstanceUuid: string;
  readonly Status: string;
  readonly IP: string;
  readonly Port: number;
}

/** Does something as a client of an instance's server. */
export async function asClient<T>(
  { IP, Port }: Pick<Instance, "IP" | "Port">,
  use: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ socket: { host: IP, port: Port }, password: PASSWORD });
  await client.connect();
  try {
    return await use(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

export async function until(isSo: () => boolean, seconds = 12): Promise<void> {
  const limit = performance.now() + seconds * 1000;
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`It is not so after ${seconds} s.`);
    await pause(20);
  }
}

/** Whether a process is there; one that has ended and was not waited for yet is not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false;
  }
}

/** All that another user of this machine could read of a process, and all files of a folder. */
export function traces(pids: readonly number[], folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map((e) => `${e.parentPath}/${e.name}`);
  const shown = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
  return [...paths, ...shown].map((path) => readFileSync(path, "latin1")).join("\n");
}
