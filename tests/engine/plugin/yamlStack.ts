import type { Emulator } from "../../../emulator";
import { yamlProject } from "../facePrograms";
import { PulumiProject } from "../pulumiProject";

export const PASSWORD = "CANARY-password";

export type Resources = Readonly<
  Record<string, { readonly type: string; readonly properties: object; readonly options?: object }>
>;

/** A YAML project with the keys of the emulator. */
export async function yamlStack(emulator: Emulator): Promise<PulumiProject> {
  const project = await PulumiProject.make({ "Pulumi.yaml": yamlProject({}) });
  await configure(project, emulator, "cds-redis");
  return project;
}

/** Gives the stack the emulator's keys in this namespace, and a password. */
export async function configure(
  project: PulumiProject,
  { url, accessKeyId, accessKeySecret }: Emulator,
  namespace: string,
): Promise<void> {
  await project.configure(
    { [`${namespace}:endpoint`]: url, [`${namespace}:accessKeyId`]: accessKeyId },
    { [`${namespace}:accessKeySecret`]: accessKeySecret, password: PASSWORD },
  );
}

/** Makes the program ask for these resources. */
export async function want(project: PulumiProject, resources: Resources): Promise<void> {
  await project.write("Pulumi.yaml", yamlProject(resources));
}
