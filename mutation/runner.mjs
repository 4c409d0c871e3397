import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import TestRunner from "jest-runner";

const NAMES_FILE = "mutation/.stryker/tests.json";

/** Test files that killed a mutant, the latest first: they are likely to kill its neighbours. */
const killers = [];

/**
 * Runs test files until one fails. For a mutant Stryker names the tests that cover it. A file
 * without such a test is not loaded: loading takes longer than most tests.
 */
export default class CoveringTests extends TestRunner {
  #wanted;
  #namesFile;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    const { testNamePattern, rootDir } = globalConfig;
    this.#wanted = testNamePattern === undefined ? undefined : new RegExp(testNamePattern, "i");
    this.#namesFile = join(rootDir, NAMES_FILE);
  }

  async runTests(tests, watcher, options) {
    const names = {};
    let hasFailed = false;
    const stopListening = this.on(
      "test-file-success",
      ([{ path }, { numFailingTests, testResults }]) => {
        hasFailed = numFailingTests > 0;
        names[path] = testResults.map(({ fullName, duration }) => [fullName, duration ?? 0]);
      },
    );
    for (const test of this.#covering(tests)) {
      await super.runTests([test], watcher, options);
      if (hasFailed) killers.unshift(test.path);
      if (hasFailed) break;
    }
    stopListening();
    // Before the mutants Stryker runs all tests.
    if (this.#wanted === undefined) this.#noteNames(names);
  }

  /** The files with covering tests: the latest killers first, then those with the shortest tests. */
  #covering(tests) {
    if (this.#wanted === undefined || !existsSync(this.#namesFile)) return tests;
    const names = JSON.parse(readFileSync(this.#namesFile, "utf8"));
    const cost = ({ path }) =>
      (names[path] ?? [])
        .filter(([name]) => this.#wanted.test(name))
        .reduce((sum, [, milliseconds]) => sum + 1 + milliseconds, 0);
    const rank = ({ path }) => (killers.includes(path) ? killers.indexOf(path) : killers.length);
    return tests
      .filter((test) => cost(test) > 0)
      .sort((one, other) => rank(one) - rank(other) || cost(one) - cost(other));
  }

  #noteNames(names) {
    mkdirSync(dirname(this.#namesFile), { recursive: true });
    writeFileSync(this.#namesFile, JSON.stringify(names));
  }
}
