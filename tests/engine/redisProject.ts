import type { Emulator, EmulatorInstance } from "../../emulator";
import { PulumiProject, type ExportedResource, type Files } from "./pulumiProject";

export const UP = ["up", "--yes", "--skip-preview"];
export const DESTROY = ["destroy", "--yes", "--skip-preview"];

/** Arguments of an instance as a person at the console would order it, too. */
export const ARGS = `regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1", version: "5.0", architecture: "cluster", ramGb`;

const HEADER = `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
const password = new pulumi.Config().getSecret("password");
`;

/** A project whose program the test changes as it goes. */
export async function redisProject(emulator: Emulator, password?: string): Promise<PulumiProject> {
  const project = await PulumiProject.make({
    "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
    "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
  });
  const { url, accessKeyId, accessKeySecret } = emulator;
  const secrets: Files = {
    "cds:accessKeySecret": accessKeySecret,
    ...(password === undefined ? {} : { password }),
  };
  await project.configure({ "cds:endpoint": url, "cds:accessKeyId": accessKeyId }, secrets);
  return project;
}

export async function setProgram(project: PulumiProject, body: string): Promise<void> {
  await project.write("index.js", HEADER + body);
}

/** The resource of this name in the exported stack. */
export async function resource(
  project: PulumiProject,
  name: string,
): Promise<ExportedResource | undefined> {
  const { resources } = await project.exported();
  return resources.find(({ urn }) => urn.endsWith(`::${name}`));
}

/** Orders an instance behind Pulumi's back, as a person at the console does. */
export function orderElsewhere({ store }: Emulator, instanceName: string): EmulatorInstance {
  const [id = ""] = store.createInstances(
    {
      instanceName,
      regionId: "CN_Hongkong_A",
      displayName: "Hong Kong",
      vdcId: "vdc-1",
      vdcName: "vdc one",
      basePipeId: "pipe-1",
      paasGoodsId: 8063,
      ramGb: 8,
      version: "5.0",
      subProductName: "Redis 集群版",
      isCluster: true,
      linkType: "private",
      linkName: "pipe one",
      port: 6400,
    },
    1,
  );
  const instance = store.findInstance(id);
  if (instance === undefined) throw new Error("the emulator ordered nothing");
  return instance;
}

/** What was ordered or deleted at the vendor, in order. */
export function writesAt({ requests }: Emulator): string[] {
  return requests.map(({ action }) => action).filter((action) => /^(Create|Delete)/.test(action));
}

export function idsAt({ store }: Emulator): string[] {
  return store.instances().map(({ instanceUuid }) => instanceUuid);
}
