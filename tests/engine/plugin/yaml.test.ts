import { pathWith } from "./companions";
import { exampleProject, linkPackages } from "./exampleProject";
import { testQuickStart } from "./quickStartLife";

jest.setTimeout(180_000);

describe("a YAML program", () => {
  testQuickStart(async () => {
    process.env["PATH"] = await pathWith("yaml");
    const project = await exampleProject("yaml");
    await linkPackages(project);
    return project;
  });
});
