import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";

import { startEmulator, type Emulator } from "../../emulator";
import { INSTALLED } from "./setUp";
import { PulumiProject, type Files } from "./pulumiProject";

jest.setTimeout(120_000);

const root = resolve(__dirname, "../..");
const quickstart = join(root, "examples/quickstart");

const CONFIGURATION = { regionId: "CN_Hongkong_A", vdcName: "hongkong", networkName: "cache" };

function keysOf({ accessKeyId, accessKeySecret }: Emulator): Files {
  return { "cds:accessKeyId": accessKeyId, "cds:accessKeySecret": accessKeySecret };
}

describe("the quick start", () => {
  let emulator: Emulator;
  let project: PulumiProject;

  beforeAll(async () => {
    emulator = await startEmulator({ deliverySeconds: 0 });
    project = await PulumiProject.make({});
  });

  afterAll(async () => {
    await emulator.close();
    await project.remove();
  });

  test("is a template for `pulumi new`, which asks for its configuration", async () => {
    await project.succeed(
      ...["new", quickstart, "--yes", "--force", "--generate-only"],
      ...["--name", "my-cache", "--stack", "test"],
    );
    const yaml = await project.start("cat", ["Pulumi.yaml"]);
    expect(yaml.output).toMatch(/^name: my-cache$/m);
  });

  test("comes up with the configuration that its template names, and goes", async () => {
    await project.configure(
      { "cds:endpoint": emulator.url, ...CONFIGURATION },
      { ...keysOf(emulator), password: "a-password" },
    );
    await project.succeed("up", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toMatchObject([{ status: "RUNNING" }]);
    expect(await project.succeed("stack", "output", "host")).toContain(
      emulator.store.instances()[0]?.ip,
    );
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(emulator.store.instances()).toEqual([]);
  });
});

test("the root Pulumi.yaml runs the quick start", async () => {
  const emulator = await startEmulator();
  // A copy, since a stack writes its configuration beside Pulumi.yaml.
  const project = await PulumiProject.make({});
  try {
    await cp(join(root, "Pulumi.yaml"), join(project.folder, "Pulumi.yaml"));
    await cp(quickstart, join(project.folder, "examples/quickstart"), { recursive: true });
    await project.configure(
      { "cds:endpoint": emulator.url, ...CONFIGURATION },
      { ...keysOf(emulator), password: "a-password" },
    );
    expect(await project.succeed("preview")).toContain("3 to create");
  } finally {
    await project.remove();
    await emulator.close();
  }
});

test("the installed command starts the emulator and says how to use it", async () => {
  const installed = process.env[INSTALLED] ?? "";
  const command = join(installed, "node_modules/.bin/cds-redis");
  const emulator = spawn(command, ["emulator", "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  emulator.stdout.on("data", (part: Buffer) => (printed += part.toString()));
  while (!printed.includes("Ctrl-C")) await once(emulator.stdout, "data");
  const [, url = ""] = /emulator: (http:\S+)/.exec(printed) ?? [];
  expect(printed).toContain(`pulumi config set cds:endpoint ${url}`);
  const answer = await fetch(`${url}/redis/?Action=DescribeRegins`);
  expect(answer.status).toBe(400);
  emulator.kill("SIGTERM");
  const [code] = (await once(emulator, "close")) as [number | null];
  expect(code).toBe(0);
});
