import { inspect } from "node:util";

import type { CdsClient } from "../../../provider/vendor/client";
import { createInstance, describeInstances } from "../../../provider/vendor/actions/instances";

export const READ_ATTEMPTS = 4;
/** With all that must be escaped somewhere. */
export const PASSWORD = 'canary"pass\\word +&%=中';
export const order = {
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  instanceName: "cache",
  paasGoodsId: 8063,
  password: PASSWORD,
};

export const read = (client: CdsClient): Promise<unknown> => describeInstances(client);
export const write = (client: CdsClient): Promise<unknown> => createInstance(client, order, 30_000);

export async function failure(task: Promise<unknown>): Promise<unknown> {
  return task.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error,
  );
}

/** All that a log, a state file or a crash report could hold of an error. */
export function everythingOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack : "";
  return [
    String(error),
    stack,
    inspect(error, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(error),
  ].join("\n");
}
