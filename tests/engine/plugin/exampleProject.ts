import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { PulumiProject } from "../pulumiProject";
import { INSTALLED } from "../setUp";

/** The folder of the plugin, as a project's `Pulumi.yaml` names it. */
export const PLUGIN = "./node_modules/pulumi-cds-redis/plugin";

/** Returns a copy of an example in which the package is installed. */
export async function exampleProject(name: string): Promise<PulumiProject> {
  const project = await PulumiProject.make(resolve(__dirname, "../../../examples", name));
  const installed = join(process.env[INSTALLED] ?? "", "node_modules");
  await symlink(installed, join(project.folder, "node_modules"));
  return project;
}

/** Runs a command in the project and expects it to succeed. */
export async function succeed(
  project: PulumiProject,
  [command = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, output } = await project.start(command, args, environment);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${output}`);
}
