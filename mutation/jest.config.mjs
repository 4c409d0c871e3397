import base from "../jest.config.mjs";

const fast = base.projects.find(({ displayName }) => displayName === "fast");

// Stryker runs one project of jest, and wants its configuration at the top.
export default {
  ...fast,
  rootDir: "..",
  testTimeout: base.testTimeout,
  testMatch: ["<rootDir>/tests/provider/{backup,core,dynamic,instance,vendor}/**/*.test.ts"],
};
