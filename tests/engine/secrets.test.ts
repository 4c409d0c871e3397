import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmulator, type Emulator, type Fault } from "../../emulator";
import { PulumiProject } from "./pulumiProject";

jest.setTimeout(240_000);

const KEYS = {
  "cds:accessKeyId": "CANARY-ACCESS-KEY-ID",
  "cds:accessKeySecret": "CANARY-access-key-secret/+",
};
/** As an argument, in the stack's configuration, and in the environment. */
const PASSWORDS = {
  argument: "CANARY argument/word%1",
  config: "CANARY config+word&2",
  environment: "CANARY environment word=3",
};
const ENVIRONMENT = { REDIS_PASSWORD: PASSWORDS.environment };
const LARGEST_FILE = 20 * 1024 * 1024;

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
const config = new pulumi.Config();
const order = {
  regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1",
  version: "2.8.19", architecture: "read-write-splitting", ramGb: 1,
};
const limits = { customTimeouts: { create: "20s", update: "20s", delete: "20s" } };
const saved = new cds.RedisInstance("saved", { ...order, password: config.requireSecret("argument"), finalBackup: true }, limits);
new cds.RedisInstance("configured", { ...order, passwordFrom: { config: "config" } }, limits);
new cds.RedisInstance("environment", { ...order, passwordFrom: { env: "REDIS_PASSWORD" } }, limits);
new cds.RedisBackup("backup", { instanceId: saved.id, triggers: [config.get("trigger")] }, limits);
export const url = saved.connectionString;
export const download = pulumi.all([saved.id]).apply(async ([instanceId]) => {
  const backup = await cds.getBackup({ instanceId, mostRecent: true }).catch(() => undefined);
  if (backup === undefined) return undefined;
  return (await cds.getBackupDownload({ instanceId, backupId: backup.entries[0].backupId })).downloadUrl;
});
`;

/** What goes wrong in one run each: a fault of every class at every write, and at the URLs. */
const FAULTS: readonly Fault[] = [
  { kind: "http-401", action: "CreateDBInstance" },
  { kind: "http-500", action: "CreateDBInstance", when: "after" },
  { kind: "html", action: "DescribeDBInstances", times: 3 },
  { kind: "truncated-json", action: "CreateBackup", when: "after" },
  { kind: "http-403", action: "DownloadBackup", times: 2 },
  { kind: "http-429", action: "DeleteDBInstance" },
  { kind: "http-400", action: "DeleteBackup" },
];

let emulator: Emulator;
let project: PulumiProject;
let folder: string;
const log: string[] = [];
/** Signatures and tokens of URLs, as they pass. */
const passing = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cds-secrets-"));
  emulator = await startEmulator({
    accessKeyId: KEYS["cds:accessKeyId"],
    accessKeySecret: KEYS["cds:accessKeySecret"],
    ...{ deliverySeconds: 0, backupSeconds: 0, deleteSeconds: 0 },
    stateFile: join(folder, "emulator.json"),
    log: (line) => log.push(line),
  });
  const { api } = emulator;
  const handle = api.handle.bind(api);
  api.handle = (request) => {
    passing.add(new URL(request.url, "http://vendor").searchParams.get("Signature") ?? "none");
    const answer = handle(request);
    for (const [, token = ""] of answer.body.matchAll(/token=([^"&]+)/g)) passing.add(token);
    return answer;
  };
  project = await PulumiProject.make({
    "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
    "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
    "index.js": PROGRAM,
  });
  const { argument, config } = PASSWORDS;
  await project.configure({ "cds:endpoint": emulator.url }, { ...KEYS, argument, config });
});

afterAll(async () => {
  await emulator.close();
  await project.remove();
  await rm(folder, { recursive: true });
});

async function pulumi(...args: string[]): Promise<number | null> {
  return (await project.start("pulumi", args, ENVIRONMENT)).code;
}

/** All files below a folder, with their contents. */
async function filesIn(place: string): Promise<Map<string, string>> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = new Map<string, string>();
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    expect((await stat(path)).size).toBeLessThan(LARGEST_FILE);
    texts.set(path, await readFile(path, "latin1"));
  }
  return texts;
}

/** How a secret may be spelt, in a text that was read byte by byte. */
function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
  ];
}

async function expectNoSecret(): Promise<void> {
  const kept = [project.home, project.folder, folder];
  const texts = new Map<string, string>([
    ["what the engine printed", project.printed],
    ["the emulator's log", log.join("\n")],
    ["the emulator's requests", JSON.stringify(emulator.requests)],
    ["the exported stack", (await project.exported()).text],
  ]);
  for (const place of kept) for (const [path, text] of await filesIn(place)) texts.set(path, text);
  const secrets = ["CANARY", ...passing].flatMap(spellings);
  const found = [...texts].filter(([, text]) => secrets.some((secret) => text.includes(secret)));
  expect(found.map(([place]) => place)).toEqual([]);
}

test("through success and faults no secret is printed, logged, or in a file or the state in clear", async () => {
  expect(await pulumi("up", "--yes", "--skip-preview")).toBe(0);
  expect(await pulumi("refresh", "--yes", "--skip-preview")).toBe(0);
  // Once there is a backup the stack has its URL, as a secret.
  expect(await pulumi("up", "--yes", "--skip-preview")).toBe(0);
  const inClear = await project.start("pulumi", ["stack", "output", "download", "--show-secrets"]);
  expect(inClear.output).toContain("token=");
  project.printed = project.printed.replace(inClear.output, "");
  await expectNoSecret();
  expect(await pulumi("destroy", "--yes", "--skip-preview")).toBe(0);

  let failed = 0;
  for (const [index, fault] of FAULTS.entries()) {
    const before = emulator.faults.hits.length;
    emulator.faults.add(fault);
    await project.succeed("config", "set", "trigger", `${index}`);
    const codes = [
      await pulumi("up", "--yes", "--skip-preview"),
      await pulumi("destroy", "--yes", "--skip-preview"),
    ];
    failed += codes.filter((code) => code !== 0).length;
    expect(emulator.faults.hits.length).toBeGreaterThan(before);
    emulator.faults.clear();
  }
  expect(failed).toBeGreaterThanOrEqual(3);
  await expectNoSecret();
  // Three instances and a backup in each of the runs, each call with a signature of its own.
  expect(passing.size).toBeGreaterThan(100);
});
