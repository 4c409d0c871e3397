// What `npm ci` fetches and runs: the locks of this project and of the four beside it, and the Node.js it brings.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
}

const root = join(__dirname, "..");
const LOCKS = [
  "package-lock.json",
  ...["bench", "mutation", "release", "site"].map((folder) => `${folder}/package-lock.json`),
];

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The packages that npm downloads, by name: not the project itself, and not its workspace. */
function downloaded(lock: string): readonly (readonly [string, LockedPackage])[] {
  const { packages } = JSON.parse(textOf(lock)) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages)
    .filter(([, { version }]) => version !== undefined)
    .filter(([path]) => path !== "")
    .map(([path, locked]) => [path.replace(/^.*node_modules\//, ""), locked]);
}

function scripted(lock: string): string[] {
  return downloaded(lock)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([name]) => name);
}

it.each(LOCKS)("%s has the integrity of every package", (lock) => {
  const packages = downloaded(lock);
  expect(packages).not.toEqual([]);
  expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

it("denies every install script, and node/README.md names its package", () => {
  const { allowScripts } = JSON.parse(textOf("package.json")) as { allowScripts: object };
  const names = LOCKS.flatMap(scripted);
  expect(allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])));
  const docs = textOf("node/README.md");
  expect(names.filter((name) => !docs.includes(`| \`${name}\``))).toEqual([]);
});

describe("the Node.js in node/package.json", () => {
  const { optionalDependencies: pinned } = JSON.parse(textOf("node/package.json")) as {
    optionalDependencies: Record<string, string>;
  };
  const locked = downloaded("package-lock.json").filter(([name]) => name in pinned);
  const here = locked.some(([, { os, cpu }]) => os === process.platform && cpu === process.arch);

  it("is one exact version, locked for every platform", () => {
    const [version] = Object.values(pinned);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Object.fromEntries(locked.map(([name, { version }]) => [name, version]))).toEqual(
      Object.fromEntries(Object.keys(pinned).map((name) => [name, version])),
    );
  });

  // npm leaves out an optional package that it could not fetch, without an error.
  (here && process.platform !== "win32" ? it : it.skip)("is the `node` of npm scripts", () => {
    const { stdout } = spawnSync(join(root, "node_modules/.bin/node"), ["--version"]);
    expect(String(stdout).trim()).toBe(`v${Object.values(pinned)[0] ?? ""}`);
  });
});
