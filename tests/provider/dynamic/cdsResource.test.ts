import * as pulumi from "@pulumi/pulumi";

import { RedisInstance, type RedisInstanceArgs } from "../../../provider";
import { mockEngine } from "../programSide";

const args: RedisInstanceArgs = {
  ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" },
  ...{ version: "5.0", architecture: "cluster", ramGb: 20, password: "plain" },
};

beforeEach(mockEngine);

/** The stack trace of the error that a task throws. */
function stackOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    return (error as Error).stack ?? "";
  }
  throw new Error("it did not throw");
}

test("an error of the constructor shows the program's line", () => {
  expect(stackOf(() => new RedisInstance("", args))).toContain(__filename);
});

test("an error of a transformation shows the transformation", () => {
  function refuseAll(): undefined {
    throw new Error("not in this project");
  }
  const byOption = stackOf(
    () => new RedisInstance("cache", args, { transformations: [refuseAll] }),
  );
  expect(byOption).toContain("at refuseAll");
  const parent = new pulumi.ComponentResource("shop:index:Shop", "shop", {}, {});
  Object.assign(parent, { __transformations: [refuseAll] });
  expect(stackOf(() => new RedisInstance("cache", args, { parent }))).toContain("at refuseAll");
});

test("the constructor leaves the limit of stack traces as it was", () => {
  const before = Error.stackTraceLimit;
  new RedisInstance("cache", args);
  expect(() => new RedisInstance("", args)).toThrow();
  expect(Error.stackTraceLimit).toBe(before);
});
