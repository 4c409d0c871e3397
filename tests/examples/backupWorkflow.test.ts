import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const example = resolve(__dirname, "../../examples/scheduled-backups");
const workflow = readFileSync(join(example, ".github/workflows/backup.yml"), "utf8");
const readme = readFileSync(join(example, "README.md"), "utf8");

// tests/engine/backupWorkflow.test.ts runs the steps.
test("every secret and variable that the workflow reads is named in the README", () => {
  const names = [...workflow.matchAll(/\$\{\{ (?:secrets|vars)\.(\w+) \}\}/g)].map(
    ([, name = ""]) => name,
  );
  expect(names).toContain("CDS_SECRET_KEY");
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test("the step that installs packages gets no secret", () => {
  const [, before = ""] = workflow.split("steps:");
  const [, install = ""] = before.split("- name: Install");
  expect(install.split("- name:")[0]).toContain("npm ci");
  expect(install.split("- name:")[0]).not.toContain("secrets.");
  expect(workflow.split("steps:")[0]).not.toContain("secrets.");
});

test("runs come one after the other, and none is cancelled by the next", () => {
  expect(workflow).toMatch(/^concurrency:\n {2}group: \S+\n {2}cancel-in-progress: false$/m);
});
