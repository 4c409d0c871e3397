import { startEmulator, type Emulator, type Fault } from "../../emulator";
import { interrupt, notesOf, type Interruption } from "./interruption";
import { PulumiProject } from "./pulumiProject";

const SECRETS = {
  "cds:accessKeyId": "CANARY-ACCESS-KEY-ID",
  "cds:accessKeySecret": "CANARY-access-key-secret",
  password: "CANARY-password",
};

/** Long enough for a resource to be in delivery when the command is interrupted. */
const DELIVERY_SECONDS = 3;

const PROGRAM = `import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
const password = new pulumi.Config().requireSecret("password");
const { instances, backups, trigger } = JSON.parse(readFileSync("wanted.json", "utf8"));
const made = {};
for (const [name, ramGb] of Object.entries(instances))
  made[name] = new cds.RedisInstance(name, {
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1",
    version: "2.8.19", architecture: "read-write-splitting", ramGb, password,
  });
for (const [name, instance] of Object.entries(backups))
  new cds.RedisBackup(name, { instanceId: made[instance].id, triggers: [trigger] });
`;

export const UP = ["up", "--yes", "--skip-preview"];

/** What the program asks for. */
export interface Wanted {
  /** Memory by the resource's name. */
  readonly instances: Readonly<Record<string, number>>;
  /** The instance's name by the backup's. */
  readonly backups: Readonly<Record<string, string>>;
  /** Of all backups. */
  readonly trigger: number;
}

/** A stack whose commands are interrupted, and its vendor. */
export class InterruptedStack {
  readonly project: PulumiProject;
  readonly emulator: Emulator;
  readonly #log: readonly string[];
  /** Texts in which no secret may be, beside what was printed. */
  readonly #kept: string[] = [];
  #wanted: Wanted = { instances: {}, backups: {}, trigger: 0 };

  private constructor(project: PulumiProject, emulator: Emulator, log: readonly string[]) {
    this.project = project;
    this.emulator = emulator;
    this.#log = log;
  }

  static async make(): Promise<InterruptedStack> {
    const log: string[] = [];
    const emulator = await startEmulator({
      accessKeyId: SECRETS["cds:accessKeyId"],
      accessKeySecret: SECRETS["cds:accessKeySecret"],
      deliverySeconds: DELIVERY_SECONDS,
      backupSeconds: DELIVERY_SECONDS,
      deleteSeconds: DELIVERY_SECONDS,
      log: (line) => log.push(line),
    });
    const project = await PulumiProject.make({
      "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
      "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
      "index.js": PROGRAM,
    });
    await project.configure({ "cds:endpoint": emulator.url }, SECRETS);
    return new InterruptedStack(project, emulator, log);
  }

  get wanted(): Wanted {
    return this.#wanted;
  }

  /** Makes the program ask for these, beside what it asks for already. */
  async want({ instances = {}, backups = {}, trigger }: Partial<Wanted>): Promise<void> {
    this.#wanted = {
      instances: { ...this.#wanted.instances, ...instances },
      backups: { ...this.#wanted.backups, ...backups },
      trigger: trigger ?? this.#wanted.trigger,
    };
    await this.project.write("wanted.json", JSON.stringify(this.#wanted));
  }

  /** Makes the program ask for these instances and nothing else. */
  async wantOnly(instances: Wanted["instances"]): Promise<void> {
    this.#wanted = { ...this.#wanted, instances: {}, backups: {} };
    await this.want({ instances });
  }

  /** How many calls of this action came; only those that the vendor is known to have taken, if asked. */
  count(action: string, code?: "Success"): number {
    return this.emulator.requests.filter(
      (request) => request.action === action && (code === undefined || request.code === code),
    ).length;
  }

  /** Interrupts a command when the vendor has taken a call of this action. */
  async interrupt(how: Interruption, action: string, args: readonly string[]): Promise<string> {
    const before = this.count(action, "Success");
    return this.#interrupt(how, () => this.count(action, "Success") > before, args);
  }

  /** Interrupts a command while it waits for an answer that never comes. */
  async interruptUnanswered(
    how: Interruption,
    { action = "", when = "after" }: Pick<Fault, "action" | "when">,
    args: readonly string[],
  ): Promise<string> {
    const { faults } = this.emulator;
    const before = faults.hits.length;
    faults.add({ kind: "hang", action, when });
    const output = await this.#interrupt(how, () => faults.hits.length > before, args);
    faults.clear();
    return output;
  }

  async #interrupt(
    how: Interruption,
    isMoment: () => boolean,
    args: readonly string[],
  ): Promise<string> {
    const { output, notes } = await interrupt(this.project, how, isMoment, ...args);
    this.#kept.push(...notes);
    if (how === "kill -9 of the CLI") {
      // It had no time to take its lock away, and tells the next command's user to do so.
      const { code, output: refusal } = await this.project.run(...args);
      expect(code).not.toBe(0);
      expect(refusal).toMatch(/stack is currently locked[^]*`pulumi cancel`/);
      await this.project.succeed("cancel", "--yes");
    }
    return output;
  }

  /** The stack has just what the vendor has, and the program asks for: nothing more, nothing twice. */
  async expectAgreement(): Promise<void> {
    const { text, resources } = await this.project.exported();
    this.#kept.push(text);
    const { store } = this.emulator;
    const instances = resources.filter(({ type }) => type.endsWith(":RedisInstance"));
    const backups = resources.filter(({ type }) => type.endsWith(":RedisBackup"));
    expect(instances.map(nameOf).sort()).toEqual(Object.keys(this.#wanted.instances).sort());
    expect(backups.map(nameOf).sort()).toEqual(Object.keys(this.#wanted.backups).sort());
    const live = store.instances();
    expect(instances.map(({ id }) => id).sort()).toEqual(
      live.map(({ instanceUuid }) => instanceUuid).sort(),
    );
    expect(live.every(({ status }) => status === "RUNNING")).toBe(true);
    const entries = backups.flatMap(
      ({ outputs }) => outputs?.["entries"] as readonly { readonly backupId: string }[],
    );
    expect(entries.map(({ backupId }) => backupId).sort()).toEqual(
      store
        .backups()
        .map(({ backupId }) => backupId)
        .sort(),
    );
    for (const resource of [...instances, ...backups])
      expect(resource).not.toHaveProperty("initErrors");
    expect(await notesOf(this.project)).toEqual([]);
  }

  /** What the engine's record shows as begun and not ended. */
  async pending(): Promise<readonly string[]> {
    const { text } = await this.project.exported();
    const { deployment } = JSON.parse(text) as {
      deployment: { pending_operations?: readonly { readonly type: string }[] };
    };
    return (deployment.pending_operations ?? []).map(({ type }) => type);
  }

  expectNoSecret(): void {
    expect(this.#kept.length).toBeGreaterThan(0);
    const seen = [
      this.project.printed,
      ...this.#kept,
      ...this.#log,
      JSON.stringify(this.emulator.requests),
    ];
    expect(seen.join("\n")).not.toContain("CANARY");
  }

  async remove(): Promise<void> {
    await this.emulator.close();
    await this.project.remove();
  }
}

function nameOf({ urn }: { readonly urn: string }): string {
  return urn.split("::").at(-1) ?? "";
}
