import { createRequire } from "node:module";
import { env } from "node:process";

import { TestEnvironment } from "jest-environment-node";

// A mutant may make a task in virtual time endless. No test comes near this limit.
env.VIRTUAL_TIME_LIMIT_MS ??= "10000";
// Loading it takes half a second, so that all test files of a process share one.
const pulumi = createRequire(import.meta.url)("@pulumi/pulumi");

/** Skips the tests of a file after one that failed: the first failure kills a mutant. */
export default class FirstFailure extends TestEnvironment {
  #hasFailed = false;

  constructor(config, context) {
    super(config, context);
    this.global.loadedPulumi = pulumi;
  }

  handleTestEvent({ name, test }) {
    if (name === "test_done") this.#hasFailed ||= test.errors.length > 0;
    if (name === "test_start" && this.#hasFailed) test.mode = "skip";
  }
}
