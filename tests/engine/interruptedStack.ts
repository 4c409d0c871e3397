import { startEmulator, type Emulator, type Fault } from "../../emulator";
import { interrupt, notesOf, type Interruption } from "./interruption";
import { PulumiProject, type Files } from "./pulumiProject";

const KEYS = {
  accessKeyId: "CANARY-ACCESS-KEY-ID",
  accessKeySecret: "CANARY-access-key-secret",
};

/** Long enough for a resource to be in delivery when the command is interrupted. */
const DELIVERY_SECONDS = 3;

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

/** A program on one face of the provider. */
export interface FaceProgram {
  /** Where its configuration has the keys. */
  readonly namespace: "cds" | "cds-redis";
  readonly files: Files;
  /** The file that says what the program asks for. */
  readonly wantedFile: string;
  readonly textOf: (wanted: Wanted) => string;
}

/** A stack whose commands are interrupted, and its vendor. */
export class InterruptedStack {
  readonly program: FaceProgram;
  readonly project: PulumiProject;
  readonly emulator: Emulator;
  readonly #log: readonly string[];
  /** Texts in which no secret may be, beside what was printed. */
  readonly #kept: string[] = [];
  #wanted: Wanted = { instances: {}, backups: {}, trigger: 0 };

  private constructor(
    program: FaceProgram,
    project: PulumiProject,
    emulator: Emulator,
    log: readonly string[],
  ) {
    this.program = program;
    this.project = project;
    this.emulator = emulator;
    this.#log = log;
  }

  static async make(program: FaceProgram): Promise<InterruptedStack> {
    const log: string[] = [];
    const emulator = await startEmulator({
      ...KEYS,
      deliverySeconds: DELIVERY_SECONDS,
      backupSeconds: DELIVERY_SECONDS,
      deleteSeconds: DELIVERY_SECONDS,
      log: (line) => log.push(line),
    });
    const project = await PulumiProject.make(program.files);
    const { namespace } = program;
    const secrets = Object.entries(KEYS).map(([name, key]) => [`${namespace}:${name}`, key]);
    await project.configure(
      { [`${namespace}:endpoint`]: emulator.url },
      { ...(Object.fromEntries(secrets) as Files), password: "CANARY-password" },
    );
    return new InterruptedStack(program, project, emulator, log);
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
    const { wantedFile, textOf } = this.program;
    await this.project.write(wantedFile, textOf(this.#wanted));
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
