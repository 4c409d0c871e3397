import { join } from "node:path";

import base from "../jest.config.mjs";

const fast = base.projects.find(({ displayName }) => displayName === "fast");

// Stryker runs one project of jest, and wants its configuration at the top.
export default {
  ...fast,
  rootDir: "..",
  // A machine that does other work, too, makes a test slow, and no mutant dead.
  testTimeout: 10 * base.testTimeout,
  testMatch: ["<rootDir>/tests/provider/{backup,core,dynamic,instance,vendor}/**/*.test.ts"],
  runner: "<rootDir>/mutation/runner.mjs",
  // Stryker wants a whole path.
  testEnvironment: join(import.meta.dirname, "environment.mjs"),
  moduleNameMapper: {
    ...fast.moduleNameMapper,
    "^@pulumi/pulumi$": "<rootDir>/mutation/pulumi.cjs",
  },
};
