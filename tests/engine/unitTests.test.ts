import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import manifest from "../../package.json";
import { INSTALLED } from "./setUp";
import { PulumiProject } from "./pulumiProject";

jest.setTimeout(300_000);

const run = promisify(execFile);
const example = resolve(__dirname, "../../examples/unit-tests");

/** Each command runs the one test file of the example. node:test has no globals, so they are given to it. */
const RUNNERS: [string, string[], RegExp][] = [
  ["Jest", ["npm", "test"], /Tests: +3 passed, 3 total/],
  ["Vitest", ["npx", "vitest", "run", "--globals"], /Tests +3 passed/],
  ["Mocha", ["npx", "mocha", "--require", "tsx/cjs", "cache.test.ts"], /3 passing/],
  [
    "node:test",
    ["node", "--require", "./globals.cjs", "--import", "tsx", "--test", "cache.test.ts"],
    /pass 3\n/,
  ],
];

describe("the example with unit tests", () => {
  let project: PulumiProject;

  beforeAll(async () => {
    project = await PulumiProject.make({
      "globals.cjs":
        'const { describe, it } = require("node:test"); Object.assign(globalThis, { describe, it });',
    });
    await cp(example, project.folder, { recursive: true });
    const tarball = join(process.env[INSTALLED] ?? "", `pulumi-cds-redis-${manifest.version}.tgz`);
    const packages = [tarball, "vitest@4", "mocha@11", "tsx@4"];
    // With the machine's own settings of npm, as tests/engine/setUp.ts does.
    await run("npm", ["install", "--no-audit", "--no-fund", "--save-dev", ...packages], {
      cwd: project.folder,
    });
  });
  afterAll(() => project.remove());

  test.each(RUNNERS)("passes under %s", async (_name, [command = "", ...args], passed) => {
    const environment = { NO_COLOR: "1", NODE_ENV: "test" };
    const { code, output } = await project.start(command, args, environment);
    expect(output).toMatch(passed);
    expect(code).toBe(0);
  });

  test("compiles", async () => {
    const { code, output } = await project.start("npx", ["tsc", "--noEmit"]);
    expect([code, output]).toEqual([0, ""]);
  });
});
