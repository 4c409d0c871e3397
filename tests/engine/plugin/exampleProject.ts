import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import manifest from "../../../package.json";
import { PulumiProject } from "../pulumiProject";
import { INSTALLED } from "../setUp";
import { pathWith } from "./companions";

const run = promisify(execFile);

/** Returns a copy of an example. */
export function exampleProject(name: string): Promise<PulumiProject> {
  return PulumiProject.make(resolve(__dirname, "../../../examples", name));
}

/** Makes the installed npm packages those of the project. */
export async function linkPackages({ folder }: PulumiProject): Promise<void> {
  await symlink(join(process.env[INSTALLED] ?? "", "node_modules"), join(folder, "node_modules"));
}

/** Installs the plugin from an archive of its folder, and generates the SDK of the project's language. */
export async function addPackage(project: PulumiProject): Promise<void> {
  const plugin = join(process.env[INSTALLED] ?? "", "node_modules/pulumi-cds-redis/plugin");
  const archive = `${project.home}/plugin.tar.gz`;
  await run("tar", ["-czf", archive, "-C", plugin, "."]);
  await project.succeed(
    ...["plugin", "install", "resource", "cds-redis", manifest.version, "--file", archive],
  );
  await generateSdk(project, "cds-redis");
}

/** Generates the SDK of the project's language from the folder in the npm package. */
export async function addFolder(project: PulumiProject): Promise<void> {
  await linkPackages(project);
  await generateSdk(project, "./node_modules/pulumi-cds-redis/plugin");
}

async function generateSdk(project: PulumiProject, source: string): Promise<void> {
  const environment = { PATH: await pathWith("sdk") };
  const { code, output } = await project.start("pulumi", ["package", "add", source], environment);
  if (code !== 0) throw new Error(`pulumi package add ${source} failed:\n${output}`);
}
