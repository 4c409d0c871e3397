import { join } from "node:path";

import type { FaceProgram, Wanted } from "./interruptedStack";
import { INSTALLED } from "./setUp";

const INSTANCE = {
  ...{ regionId: "CN_Hongkong_A", vdcId: "vdc-1", basePipeId: "pipe-1" },
  ...{ version: "2.8.19", architecture: "read-write-splitting" },
};

const JAVASCRIPT = `import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
const password = new pulumi.Config().requireSecret("password");
const { instances, backups, trigger } = JSON.parse(readFileSync("wanted.json", "utf8"));
const made = {};
for (const [name, ramGb] of Object.entries(instances))
  made[name] = new cds.RedisInstance(name, { ...${JSON.stringify(INSTANCE)}, ramGb, password });
for (const [name, instance] of Object.entries(backups))
  new cds.RedisBackup(name, { instanceId: made[instance].id, triggers: [trigger] });
`;

/** A JavaScript program on the dynamic face. */
export const DYNAMIC: FaceProgram = {
  namespace: "cds",
  files: {
    "Pulumi.yaml": "name: caches\nruntime: nodejs\n",
    "package.json": JSON.stringify({ private: true, type: "module", main: "index.js" }),
    "index.js": JAVASCRIPT,
  },
  wantedFile: "wanted.json",
  textOf: (wanted) => JSON.stringify(wanted),
};

/** A YAML program on the plugin face. All JSON is YAML. */
export const PLUGIN: FaceProgram = {
  namespace: "cds-redis",
  files: { "Pulumi.yaml": yamlProject({}) },
  wantedFile: "Pulumi.yaml",
  textOf: ({ instances, backups, trigger }: Wanted) =>
    yamlProject({
      ...resources("RedisInstance", instances, (ramGb) => ({
        ...INSTANCE,
        ramGb,
        password: "${password}",
      })),
      ...resources("RedisBackup", backups, (instance) => ({
        instanceId: `\${${instance}.id}`,
        triggers: [trigger],
      })),
    }),
};

/** A YAML project with these resources. */
export function yamlProject(resources: object): string {
  const installed = process.env[INSTALLED] ?? "";
  return JSON.stringify({
    name: "caches",
    runtime: "yaml",
    packages: { "cds-redis": join(installed, "node_modules/pulumi-cds-redis/plugin") },
    config: { password: { type: "string", secret: true } },
    resources,
  });
}

function resources<T>(
  type: string,
  wanted: Readonly<Record<string, T>>,
  propertiesOf: (one: T) => object,
): object {
  const all = Object.entries(wanted).map(([name, one]) => [
    name,
    { type: `cds-redis:${type}`, properties: propertiesOf(one) },
  ]);
  return Object.fromEntries(all) as object;
}
