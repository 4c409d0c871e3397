import { resolve } from "node:path";

import { PulumiProject } from "../pulumiProject";
import { pathWith } from "./companions";
import { exampleProject, linkPackages } from "./exampleProject";
import { testQuickStart } from "./quickStartLife";

jest.setTimeout(180_000);

describe("a YAML program", () => {
  testQuickStart(async () => {
    process.env["PATH"] = await pathWith("yaml");
    const project = await exampleProject("yaml");
    await linkPackages(project);
    // As the example's first lines say.
    const packages = "packages:\n  cds-redis: ./node_modules/pulumi-cds-redis/plugin\n";
    await project.write("Pulumi.yaml", `${await project.read("Pulumi.yaml")}${packages}`);
    return project;
  });
});

test("the example in YAML is a template", async () => {
  process.env["PATH"] = await pathWith("yaml");
  const project = await PulumiProject.make({});
  try {
    await project.succeed(
      ...["new", resolve(__dirname, "../../../examples/yaml")],
      ...["--yes", "--force", "--generate-only", "--name", "my-cache"],
    );
    expect(await project.read("Pulumi.yaml")).toMatch(/^name: my-cache$/m);
    expect(await project.read(".gitignore")).toBe("/node_modules/\n/cds-final-backups/\n");
  } finally {
    await project.remove();
  }
});
