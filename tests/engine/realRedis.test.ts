import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { createClient } from "@redis/client";

import { startEmulator, type Emulator } from "../../emulator";
import { describeWithRedis } from "../describeWithRedis";
import type { PulumiProject } from "./pulumiProject";
import { DESTROY, redisProject, resource, setProgram, UP } from "./redisProject";
import { INSTALLED } from "./setUp";

jest.setTimeout(180_000);

const PASSWORD = "canary pass+word/ß'1";
const HOUR_MS = 3_600_000;

const CACHE = `
const cache = new cds.RedisInstance("cache", {
  regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1",
  version: "2.8.19", architecture: "read-write-splitting", ramGb: 1,
  password, finalBackup: true,
});
export const url = cache.connectionString;
`;
const WITH_BACKUP = `${CACHE}
const backup = new cds.RedisBackup("backup", { instanceId: cache.id, triggers: [1] });
export const bytes = backup.sizeBytes;
`;

interface Client {
  sendCommand(words: string[]): Promise<unknown>;
}

async function connected<T>(
  project: PulumiProject,
  task: (client: Client) => Promise<T>,
): Promise<T> {
  const url = (await project.succeed("stack", "output", "url", "--show-secrets")).trim();
  const client = createClient({ url });
  await client.connect();
  try {
    return await task(client);
  } finally {
    client.destroy();
  }
}

/** Every type that Redis has, and times to live. */
const WRITES: readonly (readonly string[])[] = [
  ["SET", "string", "text"],
  ["SET", "number", "42"],
  ["SET", "large", "x".repeat(100_000)],
  ["SET", "with\nline and \u0000", "v"],
  ["RPUSH", "list", ...Array.from({ length: 300 }, (_, index) => `item ${index}`)],
  ["SADD", "set", "a", "b", "c"],
  ["SADD", "numbers", "1", "2", "3"],
  ["ZADD", "ranked", "1.5", "one", "-2", "two"],
  ["HSET", "hash", "field", "value", "other", "1"],
  ["PFADD", "visitors", "a", "b"],
  ["SETBIT", "bits", "77", "1"],
  ["GEOADD", "places", "114.1", "22.3", "Hong Kong"],
  ["XADD", "stream", "1-1", "field", "value"],
  ["XGROUP", "CREATE", "stream", "group", "0"],
  ["SET", "for an hour", "v", "PX", String(HOUR_MS)],
  ["HSET", "hash for an hour", "field", "value"],
  ["PEXPIRE", "hash for an hour", String(HOUR_MS)],
];
const KEYS = 15;

/** How to read a value of each type, whatever its place in memory. */
const READS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  string: [["GET", "{key}"]],
  list: [["LRANGE", "{key}", "0", "-1"]],
  set: [["SORT", "{key}", "ALPHA"]],
  zset: [["ZRANGE", "{key}", "0", "-1", "WITHSCORES"]],
  hash: [["HGETALL", "{key}"]],
  stream: [
    ["XRANGE", "{key}", "-", "+"],
    ["XINFO", "GROUPS", "{key}"],
  ],
};

/** What each key holds, and for how many minutes, to the next ten. */
async function contentOf(client: Client): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const key of ((await client.sendCommand(["KEYS", "*"])) as string[]).sort()) {
    const type = String(await client.sendCommand(["TYPE", key]));
    const value: unknown[] = [];
    for (const read of READS[type] ?? [])
      value.push(await client.sendCommand(read.map((word) => word.replace("{key}", key))));
    const ms = Number(await client.sendCommand(["PTTL", key]));
    content[key] = { type, value, minutes: ms < 0 ? ms : Math.ceil(ms / 600_000) * 10 };
  }
  return content;
}

async function cli(
  project: PulumiProject,
  { accessKeyId, accessKeySecret }: Emulator,
  ...args: string[]
): Promise<string> {
  const command = join(process.env[INSTALLED] ?? "", "node_modules/.bin/cds-redis");
  const keys = { CDS_SECRET_ID: accessKeyId, CDS_SECRET_KEY: accessKeySecret };
  const { code, output } = await project.start(command, args, keys);
  expect({ code, output }).toMatchObject({ code: 0 });
  return output;
}

describeWithRedis("a cache with real data", () => {
  let emulator: Emulator;
  let project: PulumiProject;
  let written: Record<string, unknown>;
  let finalFolder: string;

  beforeAll(async () => {
    const times = { deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 };
    emulator = await startEmulator({ redis: true, ...times });
    project = await redisProject(emulator, PASSWORD);
  });

  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("comes up and takes every type of value by its connection string", async () => {
    await setProgram(project, CACHE);
    await project.succeed(...UP);
    written = await connected(project, async (client) => {
      for (const command of WRITES) await client.sendCommand([...command]);
      return contentOf(client);
    });
    expect(Object.keys(written)).toHaveLength(KEYS);
  });

  test("is backed up, and the backup downloaded and proven whole", async () => {
    await setProgram(project, WITH_BACKUP);
    await project.succeed(...UP);
    const bytes = Number(await project.succeed("stack", "output", "bytes"));
    const id = (await resource(project, "cache"))?.id ?? "";
    const instance = ["--instance", id, "--endpoint", emulator.url];
    const listed = await cli(project, emulator, "backups", "list", ...instance);
    expect(listed).toContain("finished");
    const out = ["--latest", "--out", "downloaded"];
    const output = await cli(project, emulator, "backups", "download", ...instance, ...out);
    expect(output).toContain("checksum verified");
    const [file = ""] = (await readdir(join(project.folder, "downloaded"))).filter((name) =>
      name.endsWith(".rdb"),
    );
    const proof = await cli(project, emulator, "backups", "verify", join("downloaded", file));
    expect(proof).toMatch(/: whole, .*checksum verified/);
    expect(bytes).toBeGreaterThan(500);
  });

  test("is destroyed only after its final backup is beside the project", async () => {
    const output = await project.succeed(...DESTROY);
    expect(output).toMatch(/the final backup of cache-\w+ .* is in \S+\/cds-final-backups\/cache-/);
    expect(output).toMatch(/ bytes, checksums verified\./);
    expect(emulator.store.instances()).toEqual([]);
    const [folder = ""] = await readdir(join(project.folder, "cds-final-backups"));
    finalFolder = join(project.folder, "cds-final-backups", folder);
    expect(await readdir(finalFolder)).toContain("backup.json");
  });

  test("is restored into a new one, key by key", async () => {
    await setProgram(project, CACHE);
    await project.succeed(...UP);
    const state = (await resource(project, "cache"))?.outputs ?? {};
    const script = join(
      process.env[INSTALLED] ?? "",
      "node_modules/pulumi-cds-redis/scripts/restore.sh",
    );
    const target = [String(state["ip"]), String(state["port"])];
    const secret = { REDISCLI_AUTH: PASSWORD };
    const { code, output } = await project.start("bash", [script, finalFolder, ...target], secret);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(await connected(project, contentOf)).toEqual(written);
  });

  test("is kept when its final backup can't be taken, and goes when told to", async () => {
    emulator.faults.add({ kind: "http-403", action: "CreateBackup", times: "always" });
    const { code, output } = await project.run(...DESTROY);
    expect(code).not.toBe(0);
    expect(output).toContain("is not deleted, since its final backup failed");
    expect(emulator.store.instances()).toHaveLength(1);
    const skip = { CDS_SKIP_FINAL_BACKUP: "all" };
    expect((await project.start("pulumi", DESTROY, skip)).code).toBe(0);
    expect(emulator.store.instances()).toEqual([]);
  });

  test("and the password was shown nowhere", async () => {
    const { text } = await project.exported();
    const shown = project.printed.split("\n").filter((line) => !line.startsWith("redis://"));
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), emulator.accessKeySecret])
      expect(`${shown.join("\n")}${text}`).not.toContain(secret);
  });
});
