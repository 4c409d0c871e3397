/** The folder that a killed `cds-redis backups download` leaves, as `recordState.mts` records it. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createCluster } from "@redis/client";
import type { Emulator } from "../emulator/index.ts";
import { until } from "../tests/engine/interruption.ts";
import type { RunningCommand } from "../tests/engine/pulumiProject.ts";
import { FAKE_SECRETS, type RecordedProject, type Recording } from "./recordedProject.mts";

const KEYS = 200;
/** The lock names the process that took it. No system gives this id to a process, so the lock is stale everywhere. */
const NO_PROCESS = "99999999";
const LOCK = ".downloading";

/**
 * Downloads a backup of two shards; then one of the files is lost, and the run that fetches it again is killed in the
 * middle. `left/` is the folder then, `files/` has what the vendor gives.
 */
export async function recordDownload({ project, emulator, write }: Recording): Promise<void> {
  await project.up();
  await fill(project);
  await project.succeed("config", "set", "trigger", "3");
  // Another backup, of the data, for which the first one goes.
  await project.up();
  const folder = join(project.root, "left");
  const { ended } = download(project, emulator, folder);
  if ((await ended).code !== 0) throw new Error("the download failed");
  const files = readdirSync(folder).filter((name) => name.endsWith(".rdb"));
  const [, lost = ""] = files;
  if (files.length !== 2) throw new Error(`there should be two files: ${files.join(", ")}`);
  for (const file of files) write(join("files", file), readFileSync(join(folder, file)));
  rmSync(join(folder, lost));

  // Half of the file comes, then nothing more.
  emulator.faults.add({ kind: "truncated", action: "BackupFile" });
  emulator.faults.add({ kind: "hang", action: "BackupFile", call: 2 });
  const killed = download(project, emulator, folder);
  await until("half the file is there", () => emulator.faults.hits.length === 2);
  process.kill(killed.pid, "SIGKILL");
  await killed.ended;
  const part = join(folder, `${lost}.part`);
  if (!existsSync(part) || statSync(part).size === 0)
    throw new Error("nothing of the file is left");
  for (const file of readdirSync(folder))
    write(join("left", file), file === LOCK ? NO_PROCESS : readFileSync(join(folder, file)));
}

/** Sets keys in all shards. */
async function fill(project: RecordedProject): Promise<void> {
  const url = await project.succeed("stack", "output", "connectionString", "--show-secrets");
  const cluster = createCluster({
    rootNodes: [{ url: url.trim() }],
    defaults: { password: FAKE_SECRETS.password },
  });
  await cluster.connect();
  for (let key = 0; key < KEYS; key += 1) await cluster.set(`key ${key}`, `value ${key}`.repeat(9));
  cluster.destroy();
}

function download(
  project: RecordedProject,
  { url, store }: Emulator,
  folder: string,
): RunningCommand {
  const instanceUuid = store.instances()[0]?.instanceUuid ?? "";
  const words = ["backups", "download", "--instance", instanceUuid, "--latest"];
  return project.launch(
    process.execPath,
    [resolve("dist/cli/main.js"), ...words, "--endpoint", url, "--out", folder],
    {
      CDS_SECRET_ID: FAKE_SECRETS["cds:accessKeyId"],
      CDS_SECRET_KEY: FAKE_SECRETS["cds:accessKeySecret"],
    },
  );
}
