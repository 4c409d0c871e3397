import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transformFileSync } from "@swc/core";

import { compileCli } from "../compiledCli";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");
const example = join(root, "examples/unit-tests");

let built: string;
let project: string;

/** Makes a project of compiled files beside the compiled package, so that no runner needs a transform. */
beforeAll(() => {
  built = compileCli();
  project = mkdtempSync(join(tmpdir(), "cds-redis-unit-tests-"));
  const installed = join(project, "node_modules/pulumi-cds-redis");
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, "package.json"), join(installed, "package.json"));
  symlinkSync(built, join(installed, "dist"), "junction");
  symlinkSync(
    join(root, "node_modules/@pulumi"),
    join(project, "node_modules/@pulumi"),
    "junction",
  );
  for (const name of ["cache", "cache.test"]) {
    const { code } = transformFileSync(join(example, `${name}.ts`), {
      jsc: { target: "es2023", parser: { syntax: "typescript" } },
      module: { type: "commonjs" },
    });
    writeFileSync(join(project, `${name}.js`), code);
  }
  writeFileSync(join(project, "package.json"), "{}");
});
afterAll(() => {
  for (const folder of [built, project]) rmSync(folder, { recursive: true, force: true });
});

// The other runners are in tests/engine/unitTests.test.ts, which installs them.
test("the example's tests pass under plain Jest", async () => {
  const jest = join(root, "node_modules/jest/bin/jest.js");
  const configuration = JSON.stringify({ transform: {}, testEnvironment: "node" });
  const { stderr } = await run(
    process.execPath,
    [jest, "--rootDir", project, "--config", configuration],
    { cwd: project },
  );
  expect(stderr).toMatch(/Tests: +3 passed, 3 total/);
});

test("the example's tests pass under node:test", async () => {
  writeFileSync(
    join(project, "globals.cjs"),
    'const { describe, it } = require("node:test"); Object.assign(globalThis, { describe, it });',
  );
  const { stdout } = await run(
    process.execPath,
    ["--require", "./globals.cjs", "--test-reporter", "tap", "cache.test.js"],
    { cwd: project },
  );
  expect(stdout).toMatch(/# pass 3\n# fail 0/);
});
