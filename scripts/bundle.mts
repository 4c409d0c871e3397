// Bundles what others wrote: into the plugin, which is one file, and for the npm package, so that it installs
// little and loads in every test runner. The licences stand beside each bundle.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

const PLUGIN_FOLDER = "plugin";
const FOLDER = "dist/bundled";
/** Packages that are large or ES modules. axios stays a dependency, so that its mends need no release of ours. */
const BUNDLED = [
  "cli-progress",
  "commander",
  "exponential-backoff",
  "https-proxy-agent",
  "p-queue",
  "zod",
];
/** Leaves out zod's messages in forty other languages. */
const ENGLISH_ONLY: Plugin = {
  name: "english-only",
  setup(bundle) {
    bundle.onResolve({ filter: /\/locales\/index\.js$/ }, ({ path }) => ({
      path,
      namespace: "empty",
    }));
    bundle.onLoad({ filter: /./, namespace: "empty" }, () => ({ contents: "export {};" }));
  },
};
const OPTIONS = {
  plugins: [ENGLISH_ONLY],
  bundle: true,
  minify: true,
  platform: "node",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;
/** An old Node.js must get so far: it reads the whole file before it runs the first line. */
const NODE_CHECK = `if (Number(process.versions.node.split(".")[0]) < 22) {
  console.error("pulumi-resource-cds-redis needs Node.js 22 or newer on PATH, and found " + process.versions.node + ".");
  process.exit(1);
}`;

/** Writes plugin/plugin.js and plugin/LICENSES.txt. */
export async function bundlePlugin(version: string): Promise<void> {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: ["provider/plugin/main.ts"],
    outfile: join(PLUGIN_FOLDER, "plugin.js"),
    target: "es2020",
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    banner: { js: NODE_CHECK },
  });
  writeFileSync(join(PLUGIN_FOLDER, "LICENSES.txt"), licencesOf(metafile));
}

/** Writes each package into a file of dist/bundled/, and has the compiled files load it from there. */
export async function bundleDependencies(): Promise<void> {
  mkdirSync(FOLDER);
  const entryPoints = Object.fromEntries(BUNDLED.map((name) => [name, name]));
  const { metafile } = await build({ ...OPTIONS, entryPoints, outdir: FOLDER, target: "node22" });
  writeFileSync(join(FOLDER, "LICENSES.txt"), licencesOf(metafile));
  for (const file of globSync("dist/**/*.js")) {
    const text = readFileSync(file, "utf8");
    const folder = relative(dirname(file), FOLDER).replaceAll("\\", "/");
    const found = text.replace(/\brequire\("([^"]+)"\)/g, (call, name: string) =>
      BUNDLED.includes(name) ? `require("${folder}/${name}.js")` : call,
    );
    if (found !== text && !file.startsWith(join(FOLDER, ""))) writeFileSync(file, found);
  }
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
