import { join, resolve } from "node:path";
import { readFile } from "node:fs/promises";

import { startEmulator, type Emulator } from "../../emulator";
import { PulumiProject, type CommandResult } from "./pulumiProject";
import { readmeCommands, withoutInstall } from "./readmeCommands";
import { idsAt, writesAt } from "./redisProject";

jest.setTimeout(120_000);

const PASSWORD = "CANARY-password";

describe("the example with the Automation API", () => {
  let emulator: Emulator;
  let project: PulumiProject;
  let check = "";
  let variables = "";
  let commands: string[] = [];

  beforeAll(async () => {
    emulator = await startEmulator({ deliverySeconds: 0, deleteSeconds: 0 });
    project = await PulumiProject.make(resolve(__dirname, "../../examples/automation-api"));
    const [install = "", exports = "", life = ""] = readmeCommands(
      await project.read("README.md"),
      {
        "passphrase of the stack": "tests",
        AccessKeyId: emulator.accessKeyId,
        AccessKeySecret: emulator.accessKeySecret,
        "data center": "hongkong",
        "private network": "cache",
        "password for Redis": PASSWORD,
      },
    );
    check = withoutInstall(install);
    variables = exports;
    commands = life.trim().split("\n");
  });
  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  function run(command: string): Promise<CommandResult> {
    const environment = { CDS_ENDPOINT: emulator.url, NO_UPDATE_NOTIFIER: "1" };
    return project.start("bash", ["-ec", `${variables}\n${command}`], environment);
  }

  test("compiles", async () => {
    expect(await run(check)).toMatchObject({ code: 0 });
  });

  test("brings an instance up, and prints where it is and what is billed", async () => {
    const { code, output } = await run(commands[0] ?? "");
    const [instance] = emulator.store.instances();
    expect(output).toContain(`Redis:  ${instance?.ip ?? "?"}:9736`);
    expect(output).toContain("Billed: 8 GB cluster in CN_Hongkong_A, goods 8063");
    expect(output).toContain(`billing id ${instance?.resourceId ?? "?"}, ordered at 2`);
    expect(code).toBe(0);
  });

  test("refuses a change that would replace the instance, and says why", async () => {
    const before = writesAt(emulator);
    const [id = ""] = idsAt(emulator);
    const { code, output } = await run(commands[1] ?? "");
    expect(output).toContain("Refused, because data would be lost. Nothing was changed.");
    expect(output).toContain(`- replace cache (${id})`);
    expect(output).toMatch(/its data are deleted \(no finalBackup\): ramGb 8 → 20/);
    expect(code).toBe(1);
    expect(writesAt(emulator)).toEqual(before);
  });

  test("refuses a program without the instance, too", async () => {
    const before = writesAt(emulator);
    const program = await project.read("program.ts");
    await project.write("program.ts", "export async function program() { return {}; }");
    const { code, output } = await run(commands[0] ?? "");
    await project.write("program.ts", program);
    expect(output).toMatch(/^- delete cache/m);
    expect(code).toBe(1);
    expect(writesAt(emulator)).toEqual(before);
  });

  test("replaces the instance that was named as accepted, from any folder", async () => {
    const [before = ""] = idsAt(emulator);
    const deploy = `cd / && ACCEPT_LOSS_OF=${before} RAM_GB=20 node ${project.folder}/deploy.ts`;
    const { code, output } = await run(deploy);
    expect(output).toContain("Billed: 20 GB");
    expect(code).toBe(0);
    expect(emulator.store.instances()).toMatchObject([{ ramGb: 20 }]);
    expect(idsAt(emulator)).not.toContain(before);
  });

  test("refuses to delete what a failed replacement left, until that is accepted, too", async () => {
    const [before = ""] = idsAt(emulator);
    emulator.faults.add({ kind: "http-403", action: "DeleteDBInstance", times: "always" });
    const failed = await run(`ACCEPT_LOSS_OF=${before} RAM_GB=8 npm run deploy`);
    emulator.faults.clear();
    expect(failed.code).not.toBe(0);
    expect(emulator.store.instances()).toHaveLength(2);
    const { code, output } = await run("RAM_GB=8 npm run deploy");
    expect(output).toContain(`- delete-replaced cache (${before})`);
    expect(code).toBe(1);
    expect(emulator.store.instances()).toHaveLength(2);
    const accepted = await run(`ACCEPT_LOSS_OF=${before} RAM_GB=8 npm run deploy`);
    expect(accepted.code).toBe(0);
    expect(idsAt(emulator)).not.toContain(before);
    expect(emulator.store.instances()).toHaveLength(1);
  });

  test("keeps the keys and the password out of the state and the output", async () => {
    const state = join(project.home, ".pulumi/stacks/gated-cache/dev.json");
    const text = (await readFile(state, "utf8")) + project.printed;
    expect(text).toContain("RedisInstance");
    for (const secret of [PASSWORD, emulator.accessKeySecret]) expect(text).not.toContain(secret);
  });

  test("destroys the stack, and leaves no file in the project", async () => {
    expect(await run(commands[2] ?? "")).toMatchObject({ code: 0 });
    expect(idsAt(emulator)).toEqual([]);
    const { output } = await project.start("ls", ["-A"]);
    expect(output).not.toMatch(/Pulumi|plan\.json/);
  });
});
