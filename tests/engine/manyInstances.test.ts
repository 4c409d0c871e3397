import { startEmulator, type Emulator } from "../../emulator";
import type { PulumiProject } from "./pulumiProject";
import { ARGS, DESTROY, redisProject, setProgram, UP } from "./redisProject";

jest.setTimeout(240_000);

const MANY = 40;
/** The second half is ordered when the first is delivered. */
const AT_ONCE = 20;
const PARALLEL = ["--parallel", `${AT_ONCE}`];
const DELIVERY_S = 8;
/** Beside creates or deletes. */
const MORE_CALLS = 60;

let emulator: Emulator;
let project: PulumiProject;

beforeAll(async () => {
  emulator = await startEmulator({ deliverySeconds: DELIVERY_S, deleteSeconds: 2 });
  project = await redisProject(emulator, "not-a-real-password");
  await setProgram(
    project,
    `for (let index = 0; index < ${MANY}; index += 1)
       new cds.RedisInstance(\`cache-\${index}\`, { ${ARGS}: 8, password });`,
  );
});

afterAll(async () => {
  await project.remove();
  await emulator.close();
});

interface Run {
  readonly calls: readonly string[];
  readonly lines: readonly string[];
}

/** Away from any terminal that the tests themselves may have. */
async function run(...args: string[]): Promise<Run> {
  const before = emulator.requests.length;
  const { code, output } = await project.launch("pulumi", args, {}, true).ended;
  if (code !== 0) throw new Error(output);
  const calls = emulator.requests.slice(before).map(({ action }) => action);
  return { calls, lines: output.split("\n") };
}

function rowsOf(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.includes(` ${name} `));
}

test("many instances are made with few calls, shown, previewed, refreshed and deleted", async () => {
  const up = await run(...UP, ...PARALLEL);
  expect(emulator.store.instances().map(({ status }) => status)).toEqual(
    Array.from({ length: MANY }, () => "RUNNING"),
  );
  expect(up.calls.filter((action) => action === "CreateDBInstance")).toHaveLength(MANY);
  expect(up.calls.length).toBeLessThanOrEqual(MANY + MORE_CALLS);

  // One line for each change of state.
  for (let index = 0; index < MANY; index += 1) {
    const rows = rowsOf(up.lines, `cache-${index}`);
    expect(rows.filter((line) => line.includes("CREATING")).length).toBeLessThanOrEqual(1);
    expect(rows.at(-1)).toMatch(/created \(\d+s\) RUNNING\s*$/);
  }
  // Rows of the second half say what the first half took.
  const told = up.lines.filter((line) => /, others took \d+s/.test(line));
  expect(told.length).toBeGreaterThan(0);
  for (const line of told) expect(line.trim().length).toBeLessThan(120);

  expect((await run("preview", "--expect-no-changes")).calls).toEqual([]);
  const refresh = await run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  expect(refresh.calls.length).toBeLessThanOrEqual(3);

  const destroy = await run(...DESTROY, ...PARALLEL);
  expect(emulator.store.instances()).toEqual([]);
  expect(destroy.calls.filter((action) => action === "DeleteDBInstance")).toHaveLength(MANY);
  expect(destroy.calls.length).toBeLessThanOrEqual(MANY + MORE_CALLS);
});
