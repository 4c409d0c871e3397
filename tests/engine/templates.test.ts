import { join, resolve } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { PulumiProject, type Files } from "./pulumiProject";

jest.setTimeout(120_000);

const examples = resolve(__dirname, "../../examples");

let emulator: Emulator;
let project: PulumiProject;

beforeEach(async () => {
  emulator = await startEmulator();
  project = await PulumiProject.make({});
});
afterEach(async () => {
  await emulator.close();
  await project.remove();
});

/** What has no default, since each account has its own. */
function ownValues(namespace = "cds", prefix = ""): { plain: Files; secret: Files } {
  const { url, accessKeyId, accessKeySecret } = emulator;
  const name = (text: string): string =>
    prefix === "" ? text : `${prefix}${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return {
    plain: {
      [`${namespace}:endpoint`]: url,
      ...{ vdcName: "hongkong", networkName: "cache" },
      [name("vdcId")]: "vdc-1",
      [name("basePipeId")]: "pipe-1",
    },
    secret: {
      [`${namespace}:accessKeyId`]: accessKeyId,
      [`${namespace}:accessKeySecret`]: accessKeySecret,
      [name("password")]: "a-password",
    },
  };
}

async function newProject(example: string): Promise<void> {
  await project.succeed(
    ...["new", join(examples, example), "--yes", "--force", "--generate-only"],
    ...["--name", "my-cache", "--description", "Our cache"],
  );
}

test.each([
  "quickstart",
  "scheduled-backups",
  "cache-with-app",
  "typed-catalog",
  "multi-account",
  "unit-tests",
  "component-with-policy",
])("%s is a template whose defaults stay in the new project", async (example) => {
  await newProject(example);
  expect(JSON.parse(await project.read("package.json"))).toMatchObject({
    name: "my-cache",
    description: "Our cache",
  });
  expect(await project.read(".gitignore")).toContain("/node_modules/\n");
  const accounts =
    example === "multi-account"
      ? ["staging", "production"].map((account) => ownValues(`cds-${account}`, account))
      : [ownValues()];
  await project.configure(
    Object.assign({}, ...accounts.map(({ plain }) => plain)) as Files,
    Object.assign({}, ...accounts.map(({ secret }) => secret)) as Files,
  );
  expect(await project.succeed("preview")).toMatch(/\d to create/);
});

test("a value that has no default is named before anything runs", async () => {
  await newProject("quickstart");
  await project.succeed("stack", "init", "test");
  const { code, output } = await project.run("preview");
  expect(code).not.toBe(0);
  expect(output).toContain("missing configuration values 'networkName', 'password' and 'vdcName'");
});
