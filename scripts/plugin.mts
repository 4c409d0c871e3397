// Makes the tarballs that `pulumi plugin install resource cds-redis <version> --file <tarball>` takes. Needs a build.
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const OUT = "plugin-tarballs";
const FILES = [
  "pulumi-resource-cds-redis",
  "pulumi-resource-cds-redis.cmd",
  "plugin.js",
  "schema.json",
  "LICENSES.txt",
];
/** The engine downloads by these names. The plugin is the same for all: Node.js runs it. */
const PLATFORMS = ["linux", "darwin", "windows"].flatMap((system) =>
  ["amd64", "arm64"].map((processor) => `${system}-${processor}`),
);

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const [first = "", ...others] = PLATFORMS.map((platform) =>
  join(OUT, `pulumi-resource-cds-redis-v${version}-${platform}.tar.gz`),
);
execFileSync("tar", ["-czf", first, "-C", "plugin", ...FILES, "-C", "..", "LICENSE"]);
for (const file of others) copyFileSync(first, file);
for (const file of [first, ...others]) console.log(file);
