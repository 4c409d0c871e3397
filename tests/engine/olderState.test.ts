import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startEmulator, type Emulator, type StoreSnapshot } from "../../emulator";
import {
  FAKE_PASSPHRASE,
  FAKE_SECRETS,
  PLACEHOLDER_URL,
  STACK,
} from "../../scripts/recordState.mts";
import { PulumiProject, type ExportedResource } from "./pulumiProject";

jest.setTimeout(120_000);

const states = join(__dirname, "states");
const UP = ["up", "--yes", "--skip-preview"];

/** Somebody else's instance in the same account, which nothing here may touch. */
const NEIGHBOUR = "00000000-0000-4000-8000-000000000000";

/** A stack as a release left it, and the vendor as it was then. */
class OlderStack {
  readonly project: PulumiProject;
  readonly emulator: Emulator;
  /** The id of the recorded instance. */
  readonly instanceId: string;

  private constructor(project: PulumiProject, emulator: Emulator, instanceId: string) {
    this.project = project;
    this.emulator = emulator;
    this.instanceId = instanceId;
  }

  static async open(version: string, name: string): Promise<OlderStack> {
    const recorded = (file: string): Promise<string> =>
      readFile(join(states, version, name, file), "utf8");
    const vendor = JSON.parse(await recorded("vendor.json")) as StoreSnapshot;
    const [instance] = vendor.instances;
    if (instance === undefined) throw new Error("no instance was recorded");
    const neighbour = { ...instance, instanceUuid: NEIGHBOUR, instanceName: "neighbour" };
    vendor.instances.push({ ...neighbour, ip: "10.0.0.1" });
    const project = await PulumiProject.make(join(states, version, "project"), FAKE_PASSPHRASE);
    await project.write("vendor.json", JSON.stringify(vendor));
    const emulator = await startEmulator({
      accessKeyId: FAKE_SECRETS["cds:accessKeyId"],
      accessKeySecret: FAKE_SECRETS["cds:accessKeySecret"],
      deliverySeconds: 0,
      stateFile: join(project.folder, "vendor.json"),
    });
    for (const file of ["stack.json", `Pulumi.${STACK}.yaml`]) {
      const text = await recorded(file);
      // Refresh and destroy take the endpoint from the state.
      await project.write(file, text.replaceAll(PLACEHOLDER_URL, emulator.url));
    }
    return new OlderStack(project, emulator, instance.instanceUuid);
  }

  async import(): Promise<void> {
    await this.project.succeed("stack", "select", "--create", STACK);
    await this.project.succeed("stack", "import", "--file", "stack.json");
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
    const { resources } = await this.project.exported();
    return resources.find(({ urn }) => urn.endsWith(`::${name}`));
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
    const backups = store.backups().map(() => "DeleteBackup");
    await this.project.succeed("destroy", "--yes", "--skip-preview");
    expect(this.writes().slice(before)).toEqual([...backups, "DeleteDBInstance"]);
    expect(this.instanceIds()).toEqual([NEIGHBOUR]);
    expect(store.backups()).toEqual([]);
    expect((await this.project.exported()).resources).toEqual([]);
    expect(this.project.printed).not.toContain(FAKE_SECRETS.password);
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await this.project.remove();
  }
}

/** Goes on from a recorded state, and destroys the stack at the end. */
async function inState(
  version: string,
  name: string,
  use: (stack: OlderStack) => Promise<void>,
): Promise<void> {
  const stack = await OlderStack.open(version, name);
  try {
    await stack.import();
    await use(stack);
    await stack.destroy();
  } finally {
    await stack.close();
  }
}

/** What an exported stack keeps of its resources, without ciphertexts, which may be made anew. */
function kept(exported: string): ExportedResource[] {
  const { deployment } = JSON.parse(exported, (key, value: unknown) =>
    key === "ciphertext" ? undefined : value,
  ) as { deployment: { resources: Required<ExportedResource>[] } };
  return deployment.resources.map(({ urn, type, id, inputs, outputs }) => {
    return { urn, type, id, inputs, outputs };
  });
}

const versions = readdirSync(states);

test("a release has left its state here", () => {
  expect(versions).toContain("0.1.0");
});

describe.each(versions)("state of release %s", (version) => {
  test("of a ready instance and backup: preview, refresh and up find nothing to do", () =>
    inState(version, "ready", async (stack) => {
      const { project, emulator } = stack;
      const before = emulator.store.snapshot();
      await project.succeed("preview", "--expect-no-changes");
      await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      await project.succeed(...UP, "--expect-no-changes");
      expect(stack.writes()).toEqual([]);
      expect(emulator.store.snapshot()).toEqual(before);
      // A later release may add to the state; what was there stays.
      const { text } = await project.exported();
      expect(kept(text)).toMatchObject(kept(await project.read("stack.json")));
    }));

  test("of an instance that was not ready in time: up goes on waiting and orders no other", () =>
    inState(version, "partlyMade", async (stack) => {
      const { project, emulator, instanceId } = stack;
      emulator.store.changeInstance(instanceId, { status: "CREATING" });
      const up = project.run(...UP);
      const ended = new AbortController();
      void up.finally(() => {
        ended.abort();
      });
      // Delivered only after it was looked at again: up waits.
      while (!ended.signal.aborted && emulator.requests.length < 3) await sleep(50);
      emulator.store.changeInstance(instanceId, { status: "RUNNING" });
      const { code, output } = await up;
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toMatch(/ cache updating .*CREATING/);
      expect(output).toContain("1 updated");
      // The backup had to wait for the instance, so it is started only now.
      expect(stack.writes()).toEqual(["CreateBackup"]);
      expect(stack.instanceIds()).toEqual([instanceId, NEIGHBOUR]);
      expect(await stack.resource("cache")).toMatchObject({
        id: instanceId,
        outputs: { status: "RUNNING", ip: emulator.store.findInstance(instanceId)?.ip },
      });
      await project.succeed("preview", "--expect-no-changes");
    }));

  test("of an instance changed behind Pulumi's back: the replacement is still due", () =>
    inState(version, "drifted", async (stack) => {
      const output = await stack.project.succeed("preview", "--diff");
      expect(output).toMatch(/~ ramGb\s*: 20 => 8/);
      expect(output).toContain("2 to replace");
      expect(stack.writes()).toEqual([]);
    }));

  test("resources renamed with an alias are the same at the vendor", () =>
    inState(version, "ready", async (stack) => {
      const before = stack.emulator.store.snapshot();
      await stack.edit(
        [`"cache",`, `"renamed-cache",`],
        ["cacheOptions = {", `cacheOptions = { aliases: [{ name: "cache" }],`],
        [`"backup",`, `"renamed-backup",`],
        ["backupOptions = {", `backupOptions = { aliases: [{ name: "backup" }],`],
      );
      await stack.project.succeed(...UP, "--expect-no-changes");
      expect(stack.writes()).toEqual([]);
      expect(stack.emulator.store.snapshot()).toEqual(before);
      expect(await stack.resource("cache")).toBeUndefined();
      const { instanceName } = before.instances[0] ?? {};
      expect(await stack.resource("renamed-cache")).toMatchObject({
        id: stack.instanceId,
        inputs: { instanceName },
        outputs: { instanceName },
      });
    }));

  test("resources moved under a component with an alias are the same at the vendor", () =>
    inState(version, "ready", async (stack) => {
      const before = stack.emulator.store.snapshot();
      const alias = "aliases: [{ parent: pulumi.rootStackResource }],";
      await stack.edit(
        [
          "const cacheOptions = {",
          `const parent = new pulumi.ComponentResource("test:Group", "group");
           const cacheOptions = { parent, ${alias}`,
        ],
        ["backupOptions = {", `backupOptions = { parent, ${alias}`],
      );
      const output = await stack.project.succeed(...UP);
      expect(output).toMatch(/ 1 created\n +3 unchanged/);
      expect(stack.writes()).toEqual([]);
      expect(stack.emulator.store.snapshot()).toEqual(before);
      const moved = await stack.resource("cache");
      expect(moved?.urn).toContain("test:Group$");
      expect(moved?.id).toBe(stack.instanceId);
    }));
});
