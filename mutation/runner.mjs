import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import TestRunner from "jest-runner";

const NAMES_FILE = "mutation/.stryker/tests.json";
/** Test files that killed a mutant, the latest first: they are the likeliest to kill its neighbours. */
const killers = [];

/**
 * Runs test files until one fails. Stryker asks for the tests that cover a mutant, by their names:
 * files without such a test are not even loaded.
 */
export default class CoveringTests extends TestRunner {
  #namePattern;
  #namesFile;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.#namePattern = globalConfig.testNamePattern;
    this.#namesFile = join(globalConfig.rootDir, NAMES_FILE);
  }

  async runTests(tests, watcher, options) {
    const names = {};
    let failed = false;
    const stop = this.on("test-file-success", ([{ path }, { numFailingTests, testResults }]) => {
      failed = numFailingTests > 0;
      names[path] = testResults.map(({ fullName, duration }) => [fullName, duration ?? 0]);
    });
    for (const test of this.#covering(tests)) {
      await super.runTests([test], watcher, options);
      if (failed) killers.unshift(test.path);
      if (failed) break;
    }
    stop();
    if (this.#namePattern !== undefined) return;
    mkdirSync(dirname(this.#namesFile), { recursive: true });
    writeFileSync(this.#namesFile, JSON.stringify(names));
  }

  #covering(tests) {
    if (this.#namePattern === undefined || !existsSync(this.#namesFile)) return tests;
    const names = JSON.parse(readFileSync(this.#namesFile, "utf8"));
    const pattern = new RegExp(this.#namePattern, "i");
    const cost = ({ path }) =>
      names[path].filter(([name]) => pattern.test(name)).reduce((sum, [, ms]) => sum + 1 + ms, 0);
    const rank = ({ path }) => (killers.includes(path) ? killers.indexOf(path) : killers.length);
    return tests
      .filter((test) => cost(test) > 0)
      .sort((one, other) => rank(one) - rank(other) || cost(one) - cost(other));
  }
}
