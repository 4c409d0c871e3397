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
  jest: { configFile: "mutation/jest.config.mjs" },
  coverageAnalysis: "perTest",
  concurrency: 2,
  // On a busy machine, a slow test is not an endless one.
  dryRunTimeoutMinutes: 30,
  timeoutMS: 30_000,
  incremental: true,
  incrementalFile: `${OUTPUT}/incremental.json`,
  tempDirName: `${OUTPUT}/sandboxes`,
  cleanTempDir: "always",
  ignorePatterns: ["/bench", "/dist", "/docs", "/examples", "/scripts", `/${OUTPUT}`],
  reporters: ["clear-text", "json"],
  // Which tests killed a mutant stands in the report.
  clearTextReporter: { logTests: false, reportTests: false },
  jsonReporter: { fileName: `${OUTPUT}/report.json` },
};
