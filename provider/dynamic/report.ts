import * as pulumi from "@pulumi/pulumi";

/** Shows a line about a resource: a status while it is worked on, or something that stays. Never rejects. */
export type Report = (
  urn: string | undefined,
  text: string,
  kind: "status" | "info" | "warning",
) => Promise<void> | void;

/**
 * Shows lines on the rows of resources. The dynamic provider process has the engine's address, but
 * doesn't connect the log to it.
 */
export function reportToEngine(engineAddress: string | undefined): Report {
  let connected = false;
  return async (urn, text, kind) => {
    if (engineAddress === undefined || urn === undefined) return;
    if (!connected) {
      pulumi.runtime.resetOptions("", "", 1, engineAddress, "", false, "");
      connected = true;
    }
    // Only the URN of the resource is read.
    const row = { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
    // What can't be shown is no failure of the operation.
    if (kind === "warning") await pulumi.log.warn(text, row).catch(() => undefined);
    else await pulumi.log.info(text, row, 0, kind === "status").catch(() => undefined);
  };
}
