import { availableParallelism } from "node:os";

const transform = {
  "^.+\\.m?ts$": [
    "@swc/jest",
    {
      jsc: { target: "es2023", parser: { syntax: "typescript" } },
      module: { type: "commonjs" },
    },
  ],
  "node_modules/p-queue/.+\\.js$": [
    "@swc/jest",
    { jsc: { target: "es2023" }, module: { type: "commonjs" } },
  ],
};
const base = {
  transform,
  // An ES module, which jest can't load as it is.
  transformIgnorePatterns: ["/node_modules/(?!p-queue/)"],
  testEnvironment: "node",
  // As templates, the examples all have the name ${PROJECT}.
  modulePathIgnorePatterns: ["<rootDir>/examples/"],
  // A dynamic import names the compiled file.
  moduleNameMapper: { "^(\\.{1,2}/.+)\\.js$": ["$1", "$1.js"] },
  moduleFileExtensions: ["js", "ts", "mts", "json"],
};

// jest reads a default export.
export default {
  // Engine tests wait for most of their time: with one worker for each core, cores would be idle.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // Machines are shared: a test that takes half a second here may take many there.
  testTimeout: 60_000,
  projects: [
    {
      ...base,
      displayName: "fast",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: [
        "<rootDir>/tests/engine/",
        "<rootDir>/tests/faults/",
        "<rootDir>/tests/histories/",
      ],
    },
    {
      ...base,
      displayName: "faults",
      testMatch: ["<rootDir>/tests/faults/**/*.test.ts"],
    },
    {
      ...base,
      displayName: "histories",
      testMatch: ["<rootDir>/tests/histories/**/*.test.ts"],
    },
    {
      ...base,
      displayName: "engine",
      testMatch: ["<rootDir>/tests/engine/**/*.test.ts"],
      globalSetup: "<rootDir>/tests/engine/setUp.ts",
      globalTeardown: "<rootDir>/tests/engine/tearDown.ts",
    },
  ],
};
