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
