import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";

import { startEmulator, type Emulator } from "../../emulator";
import { PulumiProject, type CommandResult, type Files } from "./pulumiProject";
import { readmeCommands, withoutInstall } from "./readmeCommands";
import { idsAt } from "./redisProject";

jest.setTimeout(180_000);

const run = promisify(execFile);

/** The backup of a cluster waits a minute for further shards. This is no cluster. */
const SINGLE = ["version=2.8.19", "architecture=read-write-splitting", "ramGb=1"];

/** What the engine starts for a runtime without a language host. It gets the engine's address and the pack. */
const LAUNCHER = `#!/bin/sh
exec node node_modules/@pulumi/pulumi/cmd/run-policy-pack "$@"
`;

/**
 * The Node language host that is compiled where none can be downloaded is older than the engine, and
 * starts no policy packs. This makes the engine start the pack by a launcher, and returns the
 * environment for that.
 */
async function installLauncher(project: PulumiProject): Promise<Files> {
  const folder = join(project.home, "launcher");
  await mkdir(folder);
  await writeFile(join(folder, "pulumi-analyzer-policy-npm"), LAUNCHER, { mode: 0o755 });
  const manifest = await project.read("policy/PulumiPolicy.yaml");
  await project.write("policy/PulumiPolicy.yaml", manifest.replace("nodejs", "npm"));
  return { PATH: [folder, process.env["PATH"] ?? ""].join(delimiter) };
}

describe("the example with a component and a policy pack", () => {
  let emulator: Emulator;
  let project: PulumiProject;
  let environment: Files = {};
  let commands: string[] = [];

  function shell(block = ""): Promise<CommandResult> {
    return project.start("bash", ["-ec", block], {
      PULUMI_SKIP_CONFIRMATIONS: "true",
      ...environment,
    });
  }

  beforeAll(async () => {
    emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0 });
    project = await PulumiProject.make(resolve(__dirname, "../../examples/component-with-policy"));
    commands = readmeCommands(await project.read("README.md"), {
      AccessKeyId: emulator.accessKeyId,
      AccessKeySecret: emulator.accessKeySecret,
      VdcId: "vdc-1",
      BasePipeId: "pipe-1",
      "password for Redis": "CANARY-password",
    });
    const [install = "", ...configure] = withoutInstall(commands[0]).split("\n");
    // With the machine's own settings of npm, as tests/engine/setUp.ts does.
    const quiet = "--no-audit --no-fund --prefer-offline";
    await run("bash", ["-ec", `${install} ${quiet}`], { cwd: project.folder });
    const { code, output } = await shell(configure.join("\n"));
    if (code !== 0) throw new Error(output);
    const settings = [`cds:endpoint=${emulator.url}`, ...SINGLE];
    await project.succeed("config", "set-all", ...settings.flatMap((one) => ["--plaintext", one]));
    const preview = await project.run("preview", "--policy-pack", "policy");
    if (preview.output.includes("could not read plugin"))
      environment = await installLauncher(project);
  });
  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("a preview refuses an instance in production without finalBackup", async () => {
    const { code, output } = await shell(commands[1]);
    expect(output).toContain(
      "[mandatory]  final-backup  (pulumi-nodejs:dynamic/cds:RedisInstance: cache)",
    );
    expect(output).toContain("Set the argument finalBackup of cache.");
    expect(output).not.toContain("Set the resource option");
    expect(code).not.toBe(0);
  });

  test("`up` without a preview refuses one without protect before it is ordered", async () => {
    await project.succeed("config", "set", "protect", "false");
    const { code, output } = await shell("pulumi up --skip-preview --policy-pack policy");
    await project.succeed("config", "rm", "protect");
    expect(output).toContain("Set the resource option protect of cache.");
    expect(code).not.toBe(0);
    expect(idsAt(emulator)).toEqual([]);
  });

  test("`up` makes the component with its defaults, and no secret is printed", async () => {
    const { code, output } = await shell(commands[2]);
    expect(output).toContain("✅ cds-redis@v1.0.0");
    expect(code).toBe(0);
    expect(emulator.store.instances()).toMatchObject([{ ramGb: 1, status: "RUNNING" }]);
    expect(emulator.store.backups()).not.toEqual([]);
    await project.succeed("preview", "--expect-no-changes");
    expect(project.printed + (await project.exported()).text).not.toContain("CANARY");
  });

  test("`destroy` is refused until the protection is lifted, and then saves the data", async () => {
    const { code, output } = await project.run("destroy", "--yes");
    expect(output).toContain("cannot be deleted");
    expect(code).not.toBe(0);
    expect(idsAt(emulator)).toHaveLength(1);

    const destroyed = await shell(commands[3]);
    expect(destroyed.output).toMatch(/is in \S+\/cds-final-backups\/cache-/);
    expect(destroyed.code).toBe(0);
    expect(idsAt(emulator)).toEqual([]);
    // `retainOnDelete` of the daily backup.
    expect(emulator.requests.map(({ action }) => action)).not.toContain("DeleteBackup");
  });

  test("a stack with another name may do without both", async () => {
    const settings = ["--plaintext", "finalBackup=false", "--plaintext", "protect=false"];
    await project.succeed("stack", "init", "dev", "--copy-config-from", "production");
    await project.succeed("config", "set-all", ...settings);
    expect(await shell("pulumi preview --policy-pack policy")).toMatchObject({ code: 0 });
  });
});
