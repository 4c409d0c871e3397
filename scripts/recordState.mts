/**
 * Records what a release leaves behind, once, before the release: `npm run build`, then
 * `npx node scripts/recordState.mts tests/engine/states/<version>`. It needs redis-server, for a download of real data.
 * Tests go on from it for ever: with the engine olderState.test.ts, without it recordedStates.test.ts and
 * recordedDownload.test.ts.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type * as EmulatorModule from "../emulator/index.ts";
import { notesOf } from "../tests/engine/interruption.ts";
import { ensureEngine } from "./engine.mts";
import { CASES, type Case } from "./recordedCases.mts";
import { recordDownload } from "./recordedDownload.mts";
import {
  FAKE_PASSPHRASE,
  FAKE_SECRETS,
  PLACEHOLDER_URL,
  PROJECT,
  RecordedProject,
  STACK,
  type Recording,
} from "./recordedProject.mts";

/** As the emulator writes its state file. */
const VENDOR_FORMAT = "cds-redis-emulator-state-1";

/** Makes a project and an emulator for one recording, and removes them after it. */
async function record(
  into: string,
  name: string,
  options: Pick<Case, "config" | "deliverySeconds" | "backupSeconds"> & { redis?: boolean },
  lead: (recording: Recording) => Promise<void>,
): Promise<void> {
  const { config, ...behaviour } = options;
  const { startEmulator } = createRequire(import.meta.url)(
    "pulumi-cds-redis/emulator",
  ) as typeof EmulatorModule;
  // A date that is past on every machine, so that what is recorded is delivered when a test looks.
  const past = Date.now() - Date.UTC(2024, 0, 1);
  const emulator = await startEmulator({
    accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
    accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
    now: () => Date.now() - past,
    timestampWindowSeconds: 1e9,
    seed: name,
    deliverySeconds: 1,
    ...behaviour,
  });
  const project = new RecordedProject(await ensureEngine(), join(into, "project"));
  const write = (file: string, content: string | Buffer): void => {
    const path = join(into, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === "string" ? cleaned(content, emulator.url, project) : content,
    );
  };
  try {
    await project.configure({
      "cds:endpoint": emulator.url,
      "cds-second:endpoint": emulator.url,
      ...config,
    });
    await lead({ project, emulator, write });
    const vendor = { format: VENDOR_FORMAT, ...emulator.store.snapshot() };
    write("vendor.json", `${JSON.stringify(vendor, null, 2)}\n`);
  } finally {
    await emulator.close();
    project.remove();
  }
}

/** Records the stack, its configuration, and the notes of its orders. */
async function recordStack(
  lead: Case["lead"],
  { project, emulator, write }: Recording,
): Promise<void> {
  await lead(project, emulator);
  write("stack.json", withoutPositions(await project.succeed("stack", "export")));
  const settings = `Pulumi.${STACK}.yaml`;
  write(settings, readFileSync(join(project.folder, settings), "utf8"));
  for (const note of await notesOf(project)) {
    const { token } = JSON.parse(note) as { token: string };
    write(join("orders", `${token}.json`), note);
  }
}

/** Leaves out where in the program a resource comes from: these are paths of this machine. */
function withoutPositions(exported: string): string {
  const without = (key: string, value: unknown): unknown =>
    key === "sourcePosition" || key === "stackTrace" ? undefined : value;
  return `${JSON.stringify(JSON.parse(exported), without, 2)}\n`;
}

/** What is recorded names neither the emulator nor this machine, and holds no secret in clear. */
function cleaned(text: string, url: string, project: RecordedProject): string {
  const clean = text.replaceAll(url, PLACEHOLDER_URL);
  const banned = [project.root, resolve("."), ...Object.values(FAKE_SECRETS), FAKE_PASSPHRASE];
  for (const word of banned)
    if (clean.includes(word)) throw new Error(`the recording holds ${word}`);
  return clean;
}

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error("name the folder to record into");
  // A second recording would be of a later state of the code than the release.
  if (existsSync(folder)) throw new Error(`${folder} is there already`);
  mkdirSync(join(folder, "project"), { recursive: true });
  for (const [name, text] of Object.entries(PROJECT))
    writeFileSync(join(folder, "project", name), text);
  for (const [name, { lead, ...options }] of Object.entries(CASES)) {
    await record(folder, name, options, (recording) => recordStack(lead, recording));
    console.log(`recorded ${join(folder, name)}`);
  }
  await record(folder, "download", { redis: true, backupSeconds: 0 }, recordDownload);
  console.log(`recorded ${join(folder, "download")}`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  void main(process.argv[2]);
}
