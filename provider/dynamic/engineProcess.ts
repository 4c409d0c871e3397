/** What the dynamic provider process has to do with the engine that started it. */
import { fstatSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

import type { Report } from "../core/context";

/**
 * Ends the dynamic provider process when the engine that started it has died, which would leave it
 * behind for ever: the engine holds the other end of its standard input.
 */
export function endWithEngine(): void {
  if (!isDynamicProvider(process.argv[1]) || !isPipe(process.stdin.fd)) return;
  process.stdin.on("end", () => process.exit(1));
  process.stdin.resume();
}

/** Others load the host too: tests, and tools that look at it. */
function isDynamicProvider(script: string | undefined): boolean {
  return script?.includes("dynamic-provider") === true;
}

function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

/**
 * Shows lines on the rows of resources. The dynamic provider process has the engine's address, but
 * does not connect the log to it.
 */
export function reportToEngine(engineAddress: string | undefined): Report {
  let isConnected = false;
  return async (urn, text, kind) => {
    if (engineAddress === undefined || urn === undefined) return;
    if (!isConnected) {
      pulumi.runtime.resetOptions("", "", 1, engineAddress, "", false, "");
      isConnected = true;
    }
    // Only the URN of the resource is read.
    const row = { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
    // What can't be shown is no failure of the operation.
    if (kind === "warning") await pulumi.log.warn(text, row).catch(() => undefined);
    else await pulumi.log.info(text, row, 0, kind === "status").catch(() => undefined);
  };
}
