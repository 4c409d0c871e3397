// `npm run release:check`: writes the files of a release into release/out/ and checks them.
// With a tag, such as `npm run release:check -- v0.2.0`, it also checks that this commit may be published.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository: { readonly url: string };
}

const ROOT = resolve(import.meta.dirname, "..");
const OUT = join(import.meta.dirname, "out");
const TOOLS = join(import.meta.dirname, "node_modules/.bin");

/** The dry run must pass without a login, and after this version was published. So it asks no registry. */
const NO_REGISTRY = ["--registry", "http://127.0.0.1:9", "--//127.0.0.1:9/:_authToken=none"];

process.chdir(ROOT);
const { name, version, repository } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const [tag] = process.argv.slice(2);
const notes = tag === undefined ? undefined : checkTag(tag);

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", OUT]);
cpSync("plugin-tarballs", OUT, { recursive: true });
const sums = readdirSync(OUT).map((file) => `${sha256(join(OUT, file))}  ${file}\n`);
writeFileSync(join(OUT, "SHA256SUMS"), sums.join(""));
if (notes !== undefined) writeFileSync(join(OUT, "NOTES.md"), notes);

const tarball = join(OUT, `${name}-${version}.tgz`);
run("publint", ["run", tarball, "--strict"]);
run("attw", [tarball]);
dryRun();
console.log(`\nrelease/out has the files of ${name} ${version}.`);

/** Returns what the changelog says of the version. Ends with 1 when the tag must not be published. */
function checkTag(tag: string): string {
  const changesets = readdirSync(".changeset").filter((file) => file.endsWith(".md"));
  const entry = readFileSync("CHANGELOG.md", "utf8").split(`\n## ${version}\n`)[1] ?? "";
  const notes = entry.split("\n## ")[0] ?? "";
  const reasons = [
    ...(tag === `v${version}` ? [] : [`The tag ${tag} is not v${version}, the version here.`]),
    ...(changesets.length === 0 ? [] : [`Changesets are left: ${changesets.join(", ")}.`]),
    ...(notes.trim() === "" ? [`CHANGELOG.md says nothing of ${version}.`] : []),
    ...(repository.url.includes("/OWNER/") ? ["package.json does not name the repository."] : []),
  ];
  if (reasons.length > 0) fail(`Nothing is published. ${reasons.join(" ")}`);
  // The page of a release is in no folder of the repository.
  const files = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/${tag}/`;
  return notes.replaceAll(/\]\((?!\w+:)/g, `](${files}`);
}

/** Publishes to nowhere. A warning of npm about the package is an error here. */
function dryRun(): void {
  const args = ["publish", tarball, "--dry-run", "--loglevel", "notice", ...NO_REGISTRY];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  console.log(stderr);
  // npm also warns of unknown settings of this machine.
  const warned = stderr.split("\n").filter((line) => /^npm warn (?!Unknown )/.test(line));
  if (status !== 0 || warned.length > 0)
    fail(["npm publish --dry-run is not clean.", ...warned].join("\n"));
}

function run(command: string, args: readonly string[]): void {
  const PATH = [TOOLS, process.env["PATH"] ?? ""].join(delimiter);
  execFileSync(command, args, { stdio: "inherit", env: { ...process.env, PATH } });
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
