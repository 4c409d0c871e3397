import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { startEmulator, type Emulator, type StoreSnapshot } from "../../emulator";
import {
  FAKE_PASSPHRASE,
  FAKE_SECRETS,
  PLACEHOLDER_URL,
  STACK,
} from "../../scripts/recordedProject.mts";
import { notesOf } from "./interruption";
import { PulumiProject, type ExportedResource } from "./pulumiProject";

export const STATES = join(__dirname, "states");

/** Somebody else's instance in the same account, which nothing here may touch. */
export const NEIGHBOUR = "00000000-0000-4000-8000-000000000000";

/** Instances of the recorded program beside the one called `cache`. */
const OTHERS = /^(sessions|archive)-/;

/** What the engine keeps of a stack. */
interface Deployment {
  readonly resources?: readonly ExportedResource[];
  readonly pending_operations?: readonly { readonly type: string }[];
}

/** The file in which the engine keeps it. */
interface StackFile {
  readonly checkpoint: { readonly latest: Deployment };
}

/** A stack as a release left it, with the notes of its orders, and the vendor as it was then. */
export class OlderStack {
  readonly project: PulumiProject;
  readonly emulator: Emulator;
  /** The id of the recorded instance that the program calls `cache`. */
  readonly instanceId: string;

  private constructor(project: PulumiProject, emulator: Emulator, instanceId: string) {
    this.project = project;
    this.emulator = emulator;
    this.instanceId = instanceId;
  }

  static async open(version: string, name: string): Promise<OlderStack> {
    const folder = join(STATES, version, name);
    const vendor = JSON.parse(await readFile(join(folder, "vendor.json"), "utf8")) as StoreSnapshot;
    const instance = vendor.instances.find(({ instanceName }) => !OTHERS.test(instanceName));
    if (instance === undefined) throw new Error("no instance was recorded");
    const neighbour = { ...instance, instanceUuid: NEIGHBOUR, instanceName: "neighbour" };
    vendor.instances.push({ ...neighbour, ip: "10.0.0.1" });
    const project = await PulumiProject.make(join(STATES, version, "project"), FAKE_PASSPHRASE);
    await project.write("vendor.json", JSON.stringify(vendor));
    const emulator = await startEmulator({
      accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
      accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
      deliverySeconds: 0,
      stateFile: join(project.folder, "vendor.json"),
    });
    const stack = new OlderStack(project, emulator, instance.instanceUuid);
    await stack.#restore(folder);
    return stack;
  }

  /** Puts the recorded files where the engine and the provider had them. */
  async #restore(folder: string): Promise<void> {
    const { project, emulator } = this;
    // Refresh and destroy take the endpoint from the state.
    const recorded = async (file: string): Promise<string> =>
      (await readFile(join(folder, file), "utf8")).replaceAll(PLACEHOLDER_URL, emulator.url);
    await project.write(`Pulumi.${STACK}.yaml`, await recorded(`Pulumi.${STACK}.yaml`));
    await project.write("stack.json", await recorded("stack.json"));
    const notes = join(project.home, "cds-redis", "orders");
    await mkdir(notes, { recursive: true, mode: 0o700 });
    for (const note of existsSync(join(folder, "orders"))
      ? await readdir(join(folder, "orders"))
      : [])
      await writeFile(join(notes, note), await recorded(join("orders", note)), { mode: 0o600 });
    await project.succeed("stack", "select", "--create", STACK);
    // `pulumi stack import` would drop the pending operations.
    const file = await this.#stackFile();
    const checkpoint = { ...file.checkpoint, latest: await this.recorded() };
    await writeFile(this.#stackPath, JSON.stringify({ ...file, checkpoint }));
  }

  get #stackPath(): string {
    return join(this.project.home, ".pulumi", "stacks", "caches", `${STACK}.json`);
  }

  async #stackFile(): Promise<StackFile> {
    return JSON.parse(await readFile(this.#stackPath, "utf8")) as StackFile;
  }

  /** The resources as they were recorded. */
  async recorded(): Promise<Deployment> {
    const { deployment } = JSON.parse(await this.project.read("stack.json")) as {
      deployment: Deployment;
    };
    return deployment;
  }

  /** What the engine has now: read from its file, which takes no second, unlike `pulumi stack export`. */
  async now(): Promise<Deployment> {
    return (await this.#stackFile()).checkpoint.latest;
  }

  /** What was ordered or deleted at the vendor since the stack was opened. */
  writes(): string[] {
    return this.emulator.requests
      .map(({ action }) => action)
      .filter((action) => /^(Create|Delete)/.test(action));
  }

  instanceIds(): string[] {
    return this.emulator.store.instances().map(({ instanceUuid }) => instanceUuid);
  }

  async resource(name: string): Promise<ExportedResource | undefined> {
    const { resources = [] } = await this.now();
    return resources.find(({ urn }) => urn.endsWith(`::${name}`));
  }

  /** What the engine records as begun and not ended. */
  async pending(): Promise<readonly string[]> {
    const { pending_operations = [] } = await this.now();
    return pending_operations.map(({ type }) => type);
  }

  /** Every instance and backup of the vendor's is in the stack, once, and no note is left. */
  async expectNothingLeaked(): Promise<void> {
    const { store } = this.emulator;
    const { resources = [] } = await this.now();
    const held = resources.filter(({ type }) => type.endsWith(":RedisInstance"));
    expect([NEIGHBOUR, ...held.map(({ id }) => id)].sort()).toEqual(this.instanceIds().sort());
    const entries = resources.flatMap(({ outputs }) => entriesOf(outputs));
    expect(entries.sort()).toEqual(
      store
        .backups()
        .map(({ backupId }) => backupId)
        .sort(),
    );
    expect(await notesOf(this.project)).toEqual([]);
  }

  /** Edits the recorded program; each text to replace must be there. */
  async edit(...changes: readonly (readonly [string, string])[]): Promise<void> {
    let program = await this.project.read("index.js");
    for (const [before, after] of changes) {
      if (!program.includes(before)) throw new Error(`the program has no ${before}`);
      program = program.replaceAll(before, after);
    }
    await this.project.write("index.js", program);
  }

  /** Destroys the stack: what it had is gone, the neighbour stays. */
  async destroy(): Promise<void> {
    const { store } = this.emulator;
    const before = this.writes().length;
    const { resources = [] } = await this.now();
    const saved = resources.filter(({ outputs }) => outputs?.["finalBackup"] !== undefined);
    const expected = [
      ...saved.map(() => "CreateBackup"),
      ...store.backups().map(() => "DeleteBackup"),
      ...this.instanceIds()
        .filter((id) => id !== NEIGHBOUR)
        .map(() => "DeleteDBInstance"),
    ];
    await this.project.succeed("destroy", "--yes", "--skip-preview");
    const writes = this.writes().slice(before);
    expect([...writes].sort()).toEqual(expected.sort());
    expect(writes.lastIndexOf("DeleteBackup")).toBeLessThan(writes.lastIndexOf("DeleteDBInstance"));
    expect(this.instanceIds()).toEqual([NEIGHBOUR]);
    expect(store.backups()).toEqual([]);
    expect((await this.now()).resources ?? []).toEqual([]);
    expect(await notesOf(this.project)).toEqual([]);
    const folders = saved.length === 0 ? [] : await readdir(join(this.project.folder, "saved"));
    expect(folders).toHaveLength(saved.length);
    for (const secret of [FAKE_SECRETS.password, FAKE_SECRETS.sessionsPassword])
      expect(this.project.printed).not.toContain(secret);
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await this.project.remove();
  }
}

/** Goes on from a recorded state, and destroys the stack at the end. */
export async function inState(
  version: string,
  name: string,
  use: (stack: OlderStack) => Promise<void>,
): Promise<void> {
  const stack = await OlderStack.open(version, name);
  try {
    await use(stack);
    await stack.destroy();
  } finally {
    await stack.close();
  }
}

/** What a stack keeps of its resources, without ciphertexts and the line of `__provider`, which may be made anew. */
export function kept({ resources = [] }: Deployment): ExportedResource[] {
  const readable = JSON.parse(JSON.stringify(resources), (key, value: unknown) =>
    // A secret is encrypted anew, values in clear become digests, and the line of 0.1.0 became another.
    ["ciphertext", "__delivered", "__provider"].includes(key) ? undefined : value,
  ) as Required<ExportedResource>[];
  return readable
    .map(({ urn, type, id, inputs, outputs }) => ({ urn, type, id, inputs, outputs }))
    .sort((one, other) => (one.urn < other.urn ? -1 : 1));
}

/** The ids of all entries of a backup, and of its earlier ones. */
function entriesOf(outputs: ExportedResource["outputs"] = {}): string[] {
  const { entries = [], earlier = [] } = outputs as {
    entries?: readonly { backupId: string }[];
    earlier?: readonly { entries: readonly { backupId: string }[] }[];
  };
  return [entries, ...earlier.map((backup) => backup.entries)]
    .flat()
    .map(({ backupId }) => backupId);
}
