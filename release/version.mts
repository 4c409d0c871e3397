// `npm run release:version`: moves the changesets into CHANGELOG.md and writes the new version wherever it stands.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const CHANGESET = join(import.meta.dirname, "node_modules/@changesets/cli/bin.js");

/** The pages and projects that users copy commands and dependencies from. */
const COPIED_FROM = ["README*.md", "docs/*.md", "examples"];

/** What stands before the version there. "Release 0.1.0" is history, and no new version changes it. */
const MENTION =
  /(?<=pulumi-cds-redis-|resource cds-redis |pulumi-resource-cds-redis-v|"pulumi-cds-redis": "\^)\d+\.\d+\.\d+/g;

interface Lock {
  version: string;
  packages: { "": { version: string } };
}

/** Returns each mention of the version that users copy, with its file. */
export function mentions(): readonly { readonly file: string; readonly version: string }[] {
  return copiedFiles().flatMap((file) =>
    (textOf(file).match(MENTION) ?? []).map((version) => ({ file, version })),
  );
}

/** Returns the versions of package.json and of package-lock.json, which has it twice. */
export function versions(): readonly string[] {
  const lock = JSON.parse(textOf("package-lock.json")) as Lock;
  return [packageVersion(), lock.version, lock.packages[""].version];
}

function bump(): void {
  execFileSync(process.execPath, [CHANGESET, "version"], { cwd: ROOT, stdio: "inherit" });
  const version = packageVersion();
  const lock = JSON.parse(textOf("package-lock.json")) as Lock;
  lock.version = lock.packages[""].version = version;
  writeFileSync(join(ROOT, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
  for (const file of copiedFiles())
    writeFileSync(join(ROOT, file), textOf(file).replace(MENTION, version));
}

function packageVersion(): string {
  return (JSON.parse(textOf("package.json")) as { version: string }).version;
}

function copiedFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", ...COPIED_FROM], { cwd: ROOT });
  return String(listed).split("\0").filter(Boolean);
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

// Tests import this file.
if (process.argv[1] === import.meta.filename) bump();
