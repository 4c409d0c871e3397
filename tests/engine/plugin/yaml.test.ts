import { pathWith } from "./companions";
import { exampleProject } from "./exampleProject";
import { testQuickStart } from "./quickStartLife";

jest.setTimeout(180_000);

describe("a YAML program", () => {
  testQuickStart(async () => {
    process.env["PATH"] = await pathWith("yaml");
    return exampleProject("yaml");
  });
});
