import { guardedLines } from "./guards.mjs";

const OUTPUT = "mutation/.stryker";

// Stryker reads a default export.
export default {
  mutate: guardedLines(),
  mutator: {
    // Guards are conditions, the calls they make, and the booleans they return. The mutants of
    // operators and array methods are nearly all killed with those of their operands.
    excludedMutations: [
      "ArithmeticOperator",
      "ArrayDeclaration",
      "ArrowFunction",
      "AssignmentOperator",
      "BlockStatement",
      "EqualityOperator",
      "LogicalOperator",
      "MethodExpression",
      "ObjectLiteral",
      "OptionalChaining",
      "Regex",
      "StringLiteral",
    ],
  },
  testRunner: "jest",
  // `mutation/runner.mjs` knows better than jest which test files a mutant needs.
  jest: { configFile: "mutation/jest.config.mjs", enableFindRelatedTests: false },
  coverageAnalysis: "perTest",
  concurrency: 2,
  // A timeout counts as a kill, so what is only slow must not look endless. Endless tasks in virtual
  // time end much earlier by themselves, after seconds of the processor (`tests/virtualTime.ts`).
  dryRunTimeoutMinutes: 30,
  timeoutMS: 900_000,
  incremental: true,
  incrementalFile: `${OUTPUT}/incremental.json`,
  tempDirName: `${OUTPUT}/sandboxes`,
  cleanTempDir: "always",
  ignorePatterns: ["/bench", "/dist", "/docs", "/examples", `/${OUTPUT}`],
  reporters: ["progress-append-only", "clear-text", "json"],
  // Which tests killed a mutant stands in the report.
  clearTextReporter: { logTests: false, reportTests: false },
  jsonReporter: { fileName: `${OUTPUT}/report.json` },
};
