import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { PackageManager } from "./packageManagers.mts";

/**
 * Where the package is named: in the program's package.json of a single project, in a component
 * library of a monorepo alone, or in the library and the program.
 */
export type Layout = "single" | "library" | "library-and-program";

export interface Versions {
  /** Path of the packed tarball. */
  readonly tarball: string;
  readonly pulumi: string;
}

/** An instance and a backup in one component, as a component library has them. */
const COMPONENT = `
const pulumi = require("@pulumi/pulumi");
const cds = require("pulumi-cds-redis");

class Cache extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("matrix:index:Cache", name, {}, options);
    this.instance = new cds.RedisInstance(name, args, { parent: this });
    this.backup = new cds.RedisBackup(name, { instanceId: this.instance.id }, { parent: this });
  }
}
module.exports = { Cache };
`;

/** The first backup of a cluster would wait a minute for late shards, so the instance is no cluster. */
function programOf(component: string): string {
  return `
const pulumi = require("@pulumi/pulumi");
const { Cache } = require(${JSON.stringify(component)});

const { instance } = new Cache("cache", {
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  version: "2.8.19",
  architecture: "read-write-splitting",
  ramGb: 8,
  password: new pulumi.Config().requireSecret("password"),
});
module.exports = { status: instance.status };
`;
}

/** Writes a project, or a monorepo with one, into the folder, and returns the folder of the program. */
export async function writeLayout(
  root: string,
  layout: Layout,
  manager: PackageManager,
  versions: Versions,
): Promise<string> {
  const isMonorepo = layout !== "single";
  const ours = { "pulumi-cds-redis": `file:${versions.tarball}` };
  const pulumi = { "@pulumi/pulumi": versions.pulumi };
  const program = isMonorepo ? join(root, "packages", "program") : root;
  const files: Record<string, string> = { ...inFolder(root, manager.files(isMonorepo)) };
  if (isMonorepo) {
    const library = join(root, "packages", "caches");
    Object.assign(
      files,
      inFolder(root, { "package.json": manifest("monorepo", {}, { workspaces: ["packages/*"] }) }),
      inFolder(library, {
        "package.json": manifest("caches", { ...ours, ...pulumi }),
        "index.js": COMPONENT,
      }),
    );
  }
  const dependencies = {
    ...(layout === "library" ? {} : ours),
    ...(isMonorepo ? { caches: manager.workspace } : {}),
    ...pulumi,
  };
  Object.assign(
    files,
    inFolder(program, {
      "package.json": manifest("program", dependencies),
      "Pulumi.yaml": "name: matrix\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
      "index.js": programOf(isMonorepo ? "caches" : "./cache"),
      ...(isMonorepo ? {} : { "cache.js": COMPONENT }),
    }),
  );
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return program;
}

function manifest(
  name: string,
  dependencies: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({ name, version: "1.0.0", private: true, dependencies, ...more }, null, 2);
}

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [join(folder, name), text]),
  );
}
