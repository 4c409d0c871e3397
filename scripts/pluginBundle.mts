// Bundles the plugin into one file without node_modules, with the licences of what is in it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { build, type Metafile } from "esbuild";

const FOLDER = "plugin";
/** An old Node.js must get so far: it reads the whole file before it runs the first line. */
const NODE_CHECK = `if (Number(process.versions.node.split(".")[0]) < 22) {
  console.error("pulumi-resource-cds-redis needs Node.js 22 or newer on PATH, and found " + process.versions.node + ".");
  process.exit(1);
}`;

/** Writes plugin/plugin.js and plugin/LICENSES.txt. */
export async function bundlePlugin(version: string): Promise<void> {
  const { metafile } = await build({
    entryPoints: ["provider/plugin/main.ts"],
    outfile: join(FOLDER, "plugin.js"),
    bundle: true,
    minify: true,
    platform: "node",
    target: "es2020",
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    banner: { js: NODE_CHECK },
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  writeFileSync(join(FOLDER, "LICENSES.txt"), licencesOf(metafile));
}

/** The licence texts of all packages in the bundle. */
function licencesOf({ inputs }: Metafile): string {
  const folders = Object.keys(inputs).flatMap((path) => packageOf(path) ?? []);
  return [...new Set(folders)]
    .sort()
    .map((folder) => `${folder.replace(/^.*node_modules\//, "")}\n\n${licenceIn(folder)}`)
    .join(`\n\n${"-".repeat(80)}\n\n`);
}

/** The folder of the package that a bundled file comes from; undefined for a file of our own. */
function packageOf(path: string): string | undefined {
  return /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function licenceIn(folder: string): string {
  const names = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENCE", "LICENSE-MIT"];
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return readFileSync(found, "utf8").trim();
  const { license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    license?: string;
  };
  if (license === undefined) throw new Error(`${dirname(folder)} has no licence`);
  return `Licence: ${license}`;
}
