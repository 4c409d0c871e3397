import { startEmulator, type Emulator } from "../../emulator";
import type { CommandResult, PulumiProject } from "./pulumiProject";
import { idsAt, redisProject, resource, setProgram, UP, writesAt } from "./redisProject";

// `pulumi preview --save-plan` and `pulumi up --plan`: the engine holds `up` to what the preview has checked.

jest.setTimeout(300_000);

const EXPERIMENTAL = { PULUMI_EXPERIMENTAL: "true" };
const DELETES_LAST = ["CreateDBInstance", "CreateBackup", "DeleteBackup", "DeleteDBInstance"];
const DELETES_FIRST = ["DeleteBackup", "DeleteDBInstance", "CreateDBInstance", "CreateBackup"];

interface Wanted {
  readonly ramGb?: number | string;
  readonly password?: string;
  /** More arguments. */
  readonly more?: string;
  readonly options?: string;
}

function instance(
  name: string,
  { ramGb = 8, password = "password", more = "", options = "" }: Wanted = {},
): string {
  // One file for each backup.
  return `const ${name} = new cds.RedisInstance("${name}", {
    regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", password: ${password},
    version: "2.8.19", architecture: "read-write-splitting", ramGb: ${ramGb}, ${more} }, { ${options} });`;
}

function backup(more = 'triggers: ["one"]'): string {
  return `new cds.RedisBackup("backup", { instanceId: cache.id, ${more} });`;
}

interface Life {
  readonly emulator: Emulator;
  readonly project: PulumiProject;
  /** Saves a plan for this program, and runs it. */
  readonly follow: (program: string, ...more: string[]) => Promise<CommandResult>;
  /** As `follow`, where all goes as planned. Returns what was ordered and deleted at the vendor. */
  readonly writesOf: (program: string, ...more: string[]) => Promise<string[]>;
}

/** Lives a life with an emulator and a project of its own. */
async function living(live: (life: Life) => Promise<void>): Promise<void> {
  const emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0 });
  const project = await redisProject(emulator, "CANARY-password");
  const pulumi = (...args: string[]): Promise<CommandResult> =>
    project.start("pulumi", args, EXPERIMENTAL);
  const follow: Life["follow"] = async (program, ...more) => {
    await setProgram(project, program);
    const preview = await pulumi("preview", "--save-plan", "plan.json", ...more);
    if (preview.code !== 0) throw new Error(preview.output);
    return pulumi(...UP, "--plan", "plan.json", ...more);
  };
  const writesOf: Life["writesOf"] = async (...program) => {
    const before = writesAt(emulator).length;
    const { code, output } = await follow(...program);
    if (code !== 0) throw new Error(output);
    return writesAt(emulator).slice(before);
  };
  try {
    await live({ emulator, project, follow, writesOf });
  } finally {
    await emulator.close();
    await project.remove();
  }
}

test("an instance and its backup live by plans from the first create to the delete", () =>
  living(async ({ emulator, project, writesOf }) => {
    const mine = 'finalBackup: false, instanceName: "mine"';
    const steps: readonly (readonly [string, string, readonly string[]])[] = [
      ["first create", instance("cache") + backup(), ["CreateDBInstance", "CreateBackup"]],
      ["update", instance("cache", { more: "finalBackup: false" }) + backup(), []],
      ["next backup", instance("cache") + backup('triggers: ["two"]'), DELETES_LAST.slice(1, 3)],
      ["other backup", instance("cache") + backup('description: "d"'), DELETES_LAST.slice(1, 3)],
      ["replacement", instance("cache", { ramGb: 16 }) + backup(), DELETES_LAST],
      [
        "option deleteBeforeReplace",
        instance("cache", { options: "deleteBeforeReplace: true" }) + backup(),
        DELETES_FIRST,
      ],
      ["own name", instance("cache", { more: mine }) + backup(), DELETES_LAST],
      ["own name kept", instance("cache", { more: mine, ramGb: 16 }) + backup(), DELETES_FIRST],
    ];
    for (const [step, program, writes] of steps)
      expect({ step, writes: await writesOf(program) }).toEqual({ step, writes });
    await project.succeed("preview", "--expect-no-changes");
    expect(idsAt(emulator)).toEqual([(await resource(project, "cache"))?.id]);
    expect(await project.read("plan.json")).not.toContain("CANARY");
    expect((await project.exported()).text).not.toContain("__preview");
    expect(await writesOf("")).toEqual(["DeleteBackup", "DeleteDBInstance"]);
  }));

test("a forced replacement holds, and the ordered name is not the one of the old instance", () =>
  living(async ({ emulator, project, writesOf }) => {
    await writesOf(instance("cache") + backup());
    const [before] = emulator.store.instances();
    const writes = await writesOf(instance("cache") + backup(), "--replace", "**::cache");
    expect(writes).toEqual(DELETES_LAST);
    const [after] = emulator.store.instances();
    expect(after?.instanceName).toMatch(/^cache-[0-9a-f]{7}$/);
    expect(after?.instanceName).not.toBe(before?.instanceName);
    await project.succeed("preview", "--expect-no-changes");
  }));

test("what is deleted first with the instance it goes with is made again, beside a first create", () =>
  living(async ({ emulator, project, writesOf }) => {
    const stack = (ramGb: number): string =>
      instance("cache", { ramGb, more: 'instanceName: "mine"' }) +
      backup() +
      // The preview does not know its size, so that the catalogue completes the specification at `up`.
      instance("copy", { ramGb: `cache.id.apply(() => ${ramGb})` }) +
      instance("companion", { options: "replaceWith: [cache]" });
    await writesOf(stack(8));
    const writes = await writesOf(stack(16) + instance("added"));
    const count = (action: string): number => writes.filter((one) => one === action).length;
    expect(count("DeleteDBInstance")).toBe(3);
    expect(count("CreateDBInstance")).toBe(4);
    expect(emulator.store.backups()).toHaveLength(1);
    await project.succeed("preview", "--expect-no-changes");
  }));

test("a password that changes after the preview is refused, nothing is done, and Pulumi prints it", () =>
  living(async ({ emulator, follow, writesOf }) => {
    await writesOf(instance("cache"));
    const before = writesAt(emulator);
    const password = "pulumi.secret(`CANARY-${process.pid}`)";
    const { output } = await follow(instance("cache", { password }));
    expect(output).toMatch(/violates plan: properties changed: ~~password.*CANARY/);
    expect(writesAt(emulator)).toEqual(before);
  }));
