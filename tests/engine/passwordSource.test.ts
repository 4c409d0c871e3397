import { startEmulator, type Emulator } from "../../emulator";
import type { PulumiProject } from "./pulumiProject";
import { ARGS, idsAt, redisProject, resource, setProgram, UP } from "./redisProject";

jest.setTimeout(120_000);

const CANARY = "CANARY-password";

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ deliverySeconds: 0 });
});

afterAll(() => emulator.close());

async function want(project: PulumiProject, more: string): Promise<void> {
  await setProgram(
    project,
    `const cache = new cds.RedisInstance("cache", { ${ARGS}: 8, ${more} });
     export const connectionString = cache.connectionString;`,
  );
}

test("a password from the environment is nowhere in the state, and another version replaces", async () => {
  const project = await redisProject(emulator);
  try {
    const withPassword = { REDIS_PASSWORD: CANARY };
    await want(project, `passwordFrom: { env: "REDIS_PASSWORD" }, passwordVersion: 1`);
    const missing = await project.run(...UP);
    expect(missing.output).toContain("the environment variable REDIS_PASSWORD is not set");
    expect(idsAt(emulator)).toEqual([]);

    expect(await project.start("pulumi", UP, withPassword)).toMatchObject({ code: 0 });
    const [first] = idsAt(emulator);
    await want(project, `passwordFrom: { env: "REDIS_PASSWORD" }, passwordVersion: 2`);
    const replaced = await project.start("pulumi", UP, withPassword);
    expect(replaced.output).toContain("passwordVersion");
    expect(replaced.output).toMatch(/1 replaced/);
    const ids = idsAt(emulator);
    expect(ids).toHaveLength(1);
    expect(ids).not.toContain(first);
    expect((await resource(project, "cache"))?.id).toBe(ids[0]);

    const inClear = await project.succeed("stack", "export", "--show-secrets");
    expect(inClear).not.toContain(CANARY);
    expect(project.printed).not.toContain(CANARY);
  } finally {
    await project.remove();
  }
});

test("a password from the stack's configuration is in no resource; the engine keeps the configuration encrypted", async () => {
  const project = await redisProject(emulator, CANARY);
  try {
    await want(project, `passwordFrom: { config: "password" }`);
    await project.succeed(...UP);
    const { text } = await project.exported();
    expect(text).not.toContain(CANARY);
    const inClear = await project.succeed("stack", "export", "--show-secrets");
    const { deployment } = JSON.parse(inClear) as {
      deployment: { resources: readonly { readonly type: string }[] };
    };
    const holders = deployment.resources.filter((one) => JSON.stringify(one).includes(CANARY));
    // The one resource that it can't be kept out of: the engine's own record of the provider.
    expect(holders.map(({ type }) => type)).toEqual(["pulumi:providers:pulumi-nodejs"]);
  } finally {
    await project.remove();
  }
});
