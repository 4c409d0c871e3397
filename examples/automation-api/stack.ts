import { rm } from "node:fs/promises";

import { CommandError, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

import { program } from "./program.ts";

const projectName = "gated-cache";

/** Prints what Pulumi prints. */
export const printed = {
  onOutput: (text: string) => process.stdout.write(text),
  onError: (text: string) => process.stderr.write(text),
};

/** Works with the stack named by the variable STACK. A stack that does not exist is made. */
export async function withStack(work: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { projectName, stackName: process.env["STACK"] ?? "dev", program },
    {
      // The engine's process loads pulumi-cds-redis from the folder `main`. The default is the folder
      // that this command was started in, where the package may be missing.
      projectSettings: { name: projectName, runtime: "nodejs", main: import.meta.dirname },
    },
  );
  // The package itself reads the keys from CDS_SECRET_ID and CDS_SECRET_KEY.
  await stack.setConfig("cds:endpoint", { value: process.env["CDS_ENDPOINT"] ?? "china" });
  try {
    await work(stack);
  } catch (error) {
    // What Pulumi printed says why its command failed.
    if (!(error instanceof CommandError)) throw error;
    process.exitCode = 1;
  } finally {
    // A temporary folder, since no `workDir` is given. Each run sets the configuration anew.
    await rm(stack.workspace.workDir, { recursive: true, force: true });
  }
}
