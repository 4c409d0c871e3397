import * as pulumi from "@pulumi/pulumi";

/**
 * Shows lines on the rows of resources while they are worked on; nothing of them stays.
 * The dynamic provider process has the engine's address, but doesn't connect the log to it.
 */
export function reportToEngine(
  engineAddress: string | undefined,
): (urn: string | undefined, text: string) => void {
  let connected = false;
  return (urn, text) => {
    if (engineAddress === undefined || urn === undefined) return;
    if (!connected) {
      pulumi.runtime.resetOptions("", "", 1, engineAddress, "", false, "");
      connected = true;
    }
    // Only the URN of the resource is read.
    const row = { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
    void pulumi.log.info(text, row, 0, true);
  };
}
