import type { Files } from "./pulumiProject";

const PROJECT = "name: caches\nruntime: nodejs\n";

const BODY = `
const config = new pulumi.Config();
const cache = new cds.RedisInstance("cache", {
  regionId: config.require("regionId"),
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  version: config.get("version") ?? "5.0",
  architecture: config.get("architecture") ?? "cluster",
  ramGb: config.getNumber("ramGb") ?? 8,
  password: config.requireSecret("password"),
  instanceName: config.get("instanceName"),
  port: config.getNumber("port"),
}, { customTimeouts: { create: config.get("createTimeout") ?? "5m" } });
const backup = new cds.RedisBackup("backup", { instanceId: cache.id, triggers: ["one"] });
`;

/** One program in the two kinds of module a Pulumi program is written in. */
export const PROGRAMS: Readonly<Record<"CommonJS TypeScript" | "ESM JavaScript", Files>> = {
  "CommonJS TypeScript": {
    "Pulumi.yaml": PROJECT,
    "package.json": JSON.stringify({ name: "caches", private: true, main: "index.ts" }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { strict: true, module: "nodenext", target: "es2022", noEmit: true },
      files: ["index.ts"],
    }),
    "index.ts": `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
${BODY}
export const host = cache.ip;
export const bytes: pulumi.Output<number> = backup.sizeBytes;
export const connectionString = cache.connectionString;
`,
  },
  "ESM JavaScript": {
    "Pulumi.yaml": PROJECT,
    "package.json": JSON.stringify({
      name: "caches",
      private: true,
      type: "module",
      main: "index.js",
    }),
    "index.js": `import * as pulumi from "@pulumi/pulumi";
import * as cds from "pulumi-cds-redis";
${BODY}
export const host = cache.ip;
export const bytes = backup.sizeBytes;
export const connectionString = cache.connectionString;
`,
  },
};
