// What every commit holds for a release: one version, one name of the owner, and changesets that the tool can read.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { mentions, versions } from "../release/version.mts";

const root = join(__dirname, "..");

interface Manifest {
  readonly version: string;
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly url: string };
}

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

const manifest = JSON.parse(textOf("package.json")) as Manifest;

it("has one version, in package.json, its lock and all that users copy", () => {
  expect(new Set(versions())).toEqual(new Set([manifest.version]));
  const named = mentions();
  expect(named.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["docs/plugin.md", "docs/yaml.md", "examples/quickstart/package.json"]),
  );
  expect(named.filter(({ version }) => version !== manifest.version)).toEqual([]);
});

it("names the owner of the repository in package.json alone", () => {
  const repository = manifest.repository.url.replace(/^git\+(.*)\.git$/, "$1");
  expect(manifest.homepage).toBe(`${repository}#readme`);
  expect(manifest.bugs.url).toBe(`${repository}/issues`);
  const path = repository.replace("https://github.com/", "");
  const { stdout } = spawnSync("git", ["grep", "-l", "--fixed-strings", path], { cwd: root });
  expect(String(stdout).trim().split("\n")).toEqual(["package.json"]);
});

it("has changesets of this package alone, with a bump that 0.x uses", () => {
  const files = readdirSync(join(root, ".changeset")).filter((file) => file.endsWith(".md"));
  const odd = files.filter(
    (file) =>
      !/^---\n"pulumi-cds-redis": (minor|patch)\n---\n\n\S/.test(textOf(`.changeset/${file}`)),
  );
  expect(odd).toEqual([]);
});
