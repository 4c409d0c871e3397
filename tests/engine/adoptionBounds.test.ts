import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { interrupt, notesOf } from "./interruption";
import type { PulumiProject } from "./pulumiProject";
import { ARGS, idsAt, redisProject, resource, setProgram, UP, writesAt } from "./redisProject";

jest.setTimeout(120_000);

const PROGRAM = `new cds.RedisInstance("cache", { ${ARGS}: 8, password });`;

let emulator: Emulator;
const projects: PulumiProject[] = [];

beforeAll(async () => {
  emulator = await startEmulator({ deliverySeconds: 1 });
});

afterAll(async () => {
  for (const project of projects) await project.remove();
  await emulator.close();
});

async function newProject(): Promise<PulumiProject> {
  const project = await redisProject(emulator, "a-password");
  await setProgram(project, PROGRAM);
  projects.push(project);
  return project;
}

/** Kills an `up` once its instance is ordered, and gives the instance's id. */
async function orderAndKill(project: PulumiProject): Promise<string> {
  const before = idsAt(emulator);
  await interrupt(
    project,
    "kill -9 of the CLI",
    () => emulator.store.instances().length > before.length,
    ...UP,
  );
  await project.succeed("cancel", "--yes");
  return idsAt(emulator).find((id) => !before.includes(id)) ?? "";
}

test("of two stacks of one name on two backends, each takes over its own instance alone", async () => {
  const first = await newProject();
  const second = await newProject();
  const ordered = await orderAndKill(first);
  expect(await notesOf(first)).toHaveLength(1);
  // One machine: the notes that the interrupted run left are in sight.
  const shared = { PULUMI_HOME: first.home };
  const other = await second.start("pulumi", [...UP, "--stack", "test"], shared);
  expect(other.output).not.toContain("took over");
  expect(other.code).toBe(0);
  const others = (await resource(second, "cache"))?.id;
  expect(others).not.toBe(ordered);
  expect(idsAt(emulator)).toEqual([ordered, others]);
  expect(await notesOf(first)).toHaveLength(1);

  expect(await first.succeed(...UP)).toMatch(new RegExp(`took over .* \\(${ordered}\\)`));
  expect((await resource(first, "cache"))?.id).toBe(ordered);
  expect(idsAt(emulator)).toEqual([ordered, others]);
  expect(await notesOf(first)).toEqual([]);
});

describe("without the pulumi CLI on PATH", () => {
  /** Runs the CLI by its path, with `node` alone on PATH. */
  async function upWithoutPath(
    project: PulumiProject,
  ): Promise<{ code: number | null; output: string }> {
    const bin = `${project.folder}.bin`;
    await mkdir(bin, { recursive: true });
    await symlink(process.execPath, join(bin, "node")).catch(() => undefined);
    const [engine = ""] = (process.env["PATH"] ?? "").split(delimiter);
    return project.start(join(engine, "pulumi"), UP, { PATH: bin });
  }

  test("what is there with such a name is named, and a new one is ordered", async () => {
    const project = await newProject();
    const [alike] = emulator.store.instances();
    const before = writesAt(emulator).length;
    const { code, output } = await upWithoutPath(project);
    expect(code).toBe(0);
    expect(output).toMatch(
      /can't be told \(there is no pulumi CLI on PATH\)\. A new one is ordered/,
    );
    expect(output).toContain(`${alike?.instanceName ?? ""} (${alike?.instanceUuid ?? ""})`);
    expect(writesAt(emulator).slice(before)).toEqual(["CreateDBInstance"]);
    expect(idsAt(emulator)).toContain((await resource(project, "cache"))?.id);
  });

  test("what this machine ordered itself is refused until the CLI is there", async () => {
    const project = await newProject();
    const ordered = await orderAndKill(project);
    const before = writesAt(emulator).length;
    const { code, output } = await upWithoutPath(project);
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /this machine had begun to order .*no pulumi CLI on PATH.*Nothing was ordered/,
    );
    expect(output).toContain(ordered);
    expect(writesAt(emulator)).toHaveLength(before);
    await project.succeed(...UP);
    expect((await resource(project, "cache"))?.id).toBe(ordered);
    expect(writesAt(emulator)).toHaveLength(before);
  });
});
