// Runs the quick start on the real engine against the emulator: up, replacement, drift and destroy.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type * as EmulatorModule from "../emulator/index.ts";
import { ensureEngine } from "./engine.mts";

const root = resolve(import.meta.dirname, "..");
const { startEmulator } = createRequire(import.meta.url)(
  "pulumi-cds-redis/emulator",
) as typeof EmulatorModule;

const engine = await ensureEngine();
const started = Date.now();
const folder = mkdtempSync(join(tmpdir(), "cds-redis-demo-"));
const emulator = await startEmulator({ deliverySeconds: 3 });
// Ctrl-C reaches the engine too: its step fails, and the demo removes its files below.
process.on("SIGINT", () => undefined);
let failed = false;
try {
  await demo();
} catch (error) {
  failed = true;
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function demo(): Promise<void> {
  title(`The emulator of the vendor's API listens on ${emulator.url}`);
  const project = join(folder, "project");
  cpSync(join(root, "examples/quickstart"), project, {
    recursive: true,
    filter: (source) => !source.includes("node_modules"),
  });
  // The example finds its packages as if they were installed in its folder.
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"), "junction");
  await pulumi("stack", "init", "demo", "--non-interactive");
  const settings = [
    ["--plaintext", "cds:endpoint", emulator.url],
    ["--plaintext", "regionId", "CN_Hongkong_A"],
    // The first backup of a cluster would wait a minute for late shards.
    ["--plaintext", "version", "2.8.19"],
    ["--plaintext", "architecture", "read-write-splitting"],
    ["--plaintext", "vdcName", "hongkong"],
    ["--plaintext", "networkName", "cache"],
    ["--secret", "cds:accessKeyId", emulator.accessKeyId],
    ["--secret", "cds:accessKeySecret", emulator.accessKeySecret],
    ["--secret", "password", "demo-password-not-a-real-one"],
  ] as const;
  const flags = settings.flatMap(([kind, key, value]) => [kind, `${key}=${value}`]);
  await pulumi("config", "set-all", ...flags);

  title("Preview: an instance and a backup of it");
  await shown("preview");

  title("Up: the vendor delivers after a while, and the rows show its status");
  await shown("up", "--yes", "--skip-preview");
  title("What the vendor has");
  showVendor();

  title("Another size: the vendor cannot change an instance, so preview shows a replacement");
  await pulumi("config", "set", "ramGb", "16");
  await shown("preview", "--diff");
  await shown("up", "--yes", "--skip-preview");
  showVendor();

  title("Somebody resizes the instance to 32 GB outside Pulumi: refresh shows the drift");
  const [instance] = emulator.store.instances();
  if (instance === undefined) throw new Error("the vendor has no instance");
  emulator.store.changeInstance(instance.instanceUuid, { ramGb: 32 });
  await shown("refresh", "--yes", "--skip-preview", "--diff");

  title("Destroy");
  await shown("destroy", "--yes", "--skip-preview");
  title("What the vendor has");
  showVendor();
  const left = emulator.store.instances().length + emulator.store.backups().length;
  if (left > 0) throw new Error(`${left} instances or backups are left at the vendor`);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(`\nNothing is left, here or at the vendor. ${seconds} s, ${calls()}.`);
}

function title(text: string): void {
  console.log(`\n=== ${text}\n`);
}

function showVendor(): void {
  const instances = emulator.store.instances();
  if (instances.length === 0) console.log("no instance");
  for (const { instanceName, subProductName, version, ramGb, ip, port, status } of instances)
    console.log(
      `${instanceName}: ${subProductName} ${version}, ${ramGb} GB, ${ip}:${port}, ${status}`,
    );
  for (const { backupId, shardId, status } of emulator.store.backups())
    console.log(`  backup ${backupId} of shard ${shardId}: ${status}`);
}

function calls(): string {
  return `${emulator.requests.length} API calls`;
}

async function shown(...args: string[]): Promise<void> {
  console.log(`$ pulumi ${args.join(" ")}`);
  await pulumi(...args);
}

/** Runs the engine with the demo's own state folder and passphrase. */
async function pulumi(...args: string[]): Promise<void> {
  const child = spawn(join(engine, "pulumi"), args, {
    cwd: join(folder, "project"),
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PATH: [engine, process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "demo",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The demo must not use a key of the user's: everything is in the stack's configuration.
      CDS_SECRET_ID: "",
      CDS_SECRET_KEY: "",
    },
  });
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  if (code !== 0) throw new Error(`pulumi ${args[0] ?? ""} ended with ${code ?? "a signal"}`);
}
