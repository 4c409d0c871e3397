import { resolve } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { interrupt } from "./interruption";
import { PulumiProject, type CommandResult, type Files } from "./pulumiProject";
import { readmeCommands, withoutInstall } from "./readmeCommands";
import { idsAt, UP } from "./redisProject";

jest.setTimeout(180_000);

/** The backup of a cluster waits a minute for further shards. This is no cluster. */
const SINGLE = ["version=2.8.19", "architecture=read-write-splitting", "ramGb=1"];

interface Step {
  /** The variables that the step gets. */
  readonly variables: readonly string[];
  readonly script: string;
}

/** Returns the step of this name of the workflow. */
function stepOf(workflow: string, name: string): Step {
  const step = workflow.split(/^ {6}- /m).find((text) => text.startsWith(`name: ${name}`)) ?? "";
  const [, script = ""] = /^ {8}run: \|\n((?: {10}.*\n)+)/m.exec(step) ?? [];
  const variables = [...step.matchAll(/^ {10}(\w+): \$\{\{/gm)].map(
    ([, variable = ""]) => variable,
  );
  return { variables, script: script.replaceAll(/^ {10}/gm, "") };
}

describe("the workflow of scheduled-backups", () => {
  let emulator: Emulator;
  let project: PulumiProject;
  let workflow = "";

  /** Runs a step as GitHub does: in one shell that stops at the first error, with its own variables. */
  function step(name: string): Promise<CommandResult> {
    const { variables, script } = stepOf(workflow, name);
    const secrets: Files = {
      CDS_SECRET_ID: emulator.accessKeyId,
      CDS_SECRET_KEY: emulator.accessKeySecret,
      PULUMI_CONFIG_PASSPHRASE: "tests",
      AWS_ACCESS_KEY_ID: "not-used-by-a-folder",
      AWS_SECRET_ACCESS_KEY: "not-used-by-a-folder",
    };
    const given = Object.fromEntries(variables.map((name) => [name, secrets[name] ?? ""]));
    const environment = { PULUMI_CONFIG_PASSPHRASE: "", STACK: "production", CI: "true", ...given };
    return project.start(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
      environment,
    );
  }

  async function days(): Promise<unknown> {
    return JSON.parse(await project.succeed("stack", "output", "days", "--json"));
  }

  function orderedBackups(): number {
    return emulator.requests.filter(({ action }) => action === "CreateBackup").length;
  }

  beforeAll(async () => {
    emulator = await startEmulator({ deliverySeconds: 0, backupSeconds: 2, deleteSeconds: 0 });
    project = await PulumiProject.make(resolve(__dirname, "../../examples/scheduled-backups"));
    workflow = await project.read(".github/workflows/backup.yml");
    const [byHand] = readmeCommands(await project.read("README.md"), {
      AccessKeyId: emulator.accessKeyId,
      AccessKeySecret: emulator.accessKeySecret,
      VdcId: "vdc-1",
      BasePipeId: "pipe-1",
      "password for Redis": "CANARY-password",
    });
    const settings = [`cds:endpoint=${emulator.url}`, ...SINGLE];
    const init = "pulumi stack init production";
    const set = `${init}\npulumi config set-all ${settings.map((one) => `--plaintext ${one}`).join(" ")}`;
    const commands = withoutInstall(byHand).replace(init, set);
    const { code, output } = await project.start("bash", ["-ec", commands], {
      PULUMI_SKIP_CONFIRMATIONS: "true",
    });
    if (code !== 0) throw new Error(output);
  });
  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("a second run on one day takes no backup, and the first run of the next day takes one", async () => {
    expect(await step("Back up")).toMatchObject({ code: 0 });
    expect(await days()).toBe(1);
    await project.succeed("config", "set", "day", "2026-11-02");
    expect(await step("Back up")).toMatchObject({ code: 0 });
    expect(await days()).toBe(2);
    expect(orderedBackups()).toBe(2);
  });

  test("a changed program fails, and does not replace the instance", async () => {
    const before = idsAt(emulator);
    await project.succeed("config", "set", "ramGb", "2");
    const { code, output } = await step("Back up");
    await project.succeed("config", "set", "ramGb", "1");
    expect(output).toContain("protect");
    expect(code).not.toBe(0);
    expect(idsAt(emulator)).toEqual(before);
  });

  test("a run that was killed leaves a lock, its unlock step removes it, and the next run finishes the backup", async () => {
    await project.succeed("config", "set", "day", "2026-11-03");
    const keys = {
      CDS_SECRET_ID: emulator.accessKeyId,
      CDS_SECRET_KEY: emulator.accessKeySecret,
    };
    const running: Pick<PulumiProject, "launch" | "home"> = {
      home: project.home,
      launch: (command, args, environment, detached) =>
        project.launch(command, args, { ...environment, ...keys }, detached),
    };
    await interrupt(running, "kill -9 of the CLI", () => orderedBackups() === 3, ...UP);
    const locked = await step("Back up");
    expect(locked.output).toContain("the stack is currently locked");
    expect(locked.code).not.toBe(0);

    expect(await step("Unlock the stack after a cancelled run")).toMatchObject({ code: 0 });
    expect(await step("Back up")).toMatchObject({ code: 0 });
    expect(orderedBackups()).toBe(3);
    expect(await days()).toBe(3);
    expect(project.printed).not.toContain("CANARY");
  });

  test("the stack is destroyed as the README says, with its data saved", async () => {
    const [, destroy = ""] = readmeCommands(await project.read("README.md"), {
      AccessKeyId: "",
      AccessKeySecret: "",
      VdcId: "",
      BasePipeId: "",
      "password for Redis": "",
    });
    const { code, output } = await project.start("bash", ["-ec", destroy], {
      PULUMI_SKIP_CONFIRMATIONS: "true",
      CDS_SECRET_ID: emulator.accessKeyId,
      CDS_SECRET_KEY: emulator.accessKeySecret,
    });
    expect(output).toMatch(/is in \S+\/final-backups\/cache-/);
    expect(code).toBe(0);
    expect(idsAt(emulator)).toEqual([]);
  });
});
