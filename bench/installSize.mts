// What installing this package adds to a project that has `@pulumi/pulumi`, with axios, one of its dependencies, as a
// scale. Needs `npm run build`, `npm ci --prefix bench` and the npm registry.
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  lstatSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { table, writeFigure } from "./figures.mts";

interface Packed {
  readonly filename: string;
  /** Bytes of the archive. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

interface Installed {
  readonly packages: number;
  readonly bytes: number;
  /** Bytes of each, by name and version. */
  readonly each: Readonly<Record<string, number>>;
}

const PULUMI = "@pulumi/pulumi";
const OURS = "pulumi-cds-redis";
const root = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const pulumi = `${PULUMI}@${versionOf(PULUMI)}`;
const axios = `axios@${versionOf("axios")}`;

const folder = mkdtempSync(join(tmpdir(), "cds-redis-bench-"));
try {
  const packed = { [OURS]: pack(root), axios: pack(axios) };
  const archive = join(folder, packed[OURS].filename);
  const alone = install("alone", [pulumi]);
  const withOurs = install("ours", [pulumi, archive]);
  const withAxios = install("axios", [pulumi, axios]);
  report(packed, alone, { [OURS]: withOurs, axios: withAxios });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The version this repository has, so that both are installed as they are tested. */
function versionOf(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

function pack(what: string): Packed {
  // The scripts would build anew under whoever uses dist/ now.
  const text = npm(root, "pack", what, "--json", "--ignore-scripts", "--pack-destination", folder);
  const packed: unknown = JSON.parse(text);
  // Some versions of npm print a list, others an object by name.
  const [first] = Object.values(packed as Record<string, Packed>);
  if (first === undefined) throw new Error(`npm packed nothing of ${what}`);
  return first;
}

function install(name: string, packages: readonly string[]): Installed {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), JSON.stringify({ name, private: true }));
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  npm(path, "install", "--omit=dev", ...quiet, ...packages);
  const modules = join(path, "node_modules");
  const lock = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { readonly version: string }>>;
  };
  const each = Object.entries(lock.packages).map(([at, { version }]): [string, number] => {
    const name = at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length);
    return [`${name}@${version}`, bytesIn(join(path, at), "node_modules")];
  });
  return { packages: each.length, bytes: bytesIn(modules), each: Object.fromEntries(each) };
}

function npm(path: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: path, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stderr}`);
  return stdout;
}

/** Of the files' contents, whatever blocks they take on the disk, but for those in a folder of this name. */
function bytesIn(path: string, without?: string): number {
  let sum = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) sum += entry.name === without ? 0 : bytesIn(inside, without);
    // npm's own record of what it installed.
    else if (entry.isFile() && entry.name !== ".package-lock.json") sum += lstatSync(inside).size;
  }
  return sum;
}

/** Bytes of the packed files by the folder they are in, the largest first. */
function byFolder({ files }: Packed): Record<string, number> {
  const folders: Record<string, number> = {};
  for (const { path, size } of files) {
    const parts = path.split("/");
    const name = path.startsWith("docs/figures/") ? "docs/figures" : (parts[0] ?? path);
    folders[name] = (folders[name] ?? 0) + size;
  }
  return Object.fromEntries(Object.entries(folders).sort(([, one], [, other]) => other - one));
}

function report(
  packed: Readonly<Record<typeof OURS | "axios", Packed>>,
  alone: Installed,
  withOthers: Readonly<Record<typeof OURS | "axios", Installed>>,
): void {
  const packedRows = Object.entries(packed).map(([name, { size, unpackedSize, entryCount }]) => [
    name,
    kilobytes(size),
    kilobytes(unpackedSize),
    String(entryCount),
  ]);
  console.log(
    `${table(["the package itself", "packed, kB", "unpacked, kB", "files"], packedRows)}\n`,
  );

  const added = Object.fromEntries(
    Object.entries(withOthers).map(([name, { packages, bytes, each }]) => [
      name,
      {
        packages: packages - alone.packages,
        bytes: bytes - alone.bytes,
        ratio: Number((bytes / alone.bytes).toFixed(3)),
        each: Object.fromEntries(
          Object.entries(each)
            .filter(([one]) => !(one in alone.each))
            .sort(([, one], [, other]) => other - one),
        ),
      },
    ]),
  );
  const head = ["installed", "packages", "kB", "more packages", "more kB", "ratio"];
  const rows = Object.entries(added).map(([name, { packages, bytes, ratio }]) => [
    `${pulumi} + ${name}`,
    String(alone.packages + packages),
    kilobytes(alone.bytes + bytes),
    String(packages),
    kilobytes(bytes),
    ratio.toFixed(3),
  ]);
  const first = [pulumi, String(alone.packages), kilobytes(alone.bytes), "", "", "1.000"];
  console.log(table(head, [first, ...rows]));
  for (const [name, { each }] of Object.entries(added))
    console.log(`\n${name} adds ${listed(each)}`);
  const folders = byFolder(packed[OURS]);
  console.log(`\n${OURS}, unpacked: ${listed(folders)}`);

  writeFigure("installSize", {
    unit: "bytes",
    packed: Object.fromEntries(
      Object.entries(packed).map(([name, { size, unpackedSize, entryCount }]) => [
        name,
        { size, unpackedSize, files: entryCount },
      ]),
    ),
    folders,
    alone: { packages: alone.packages, bytes: alone.bytes },
    added,
  });
}

function listed(sizes: Readonly<Record<string, number>>): string {
  const shown = Object.entries(sizes).filter(([, bytes]) => bytes >= 100_000);
  const rest = Object.keys(sizes).length - shown.length;
  const parts = shown.map(([name, bytes]) => `${name} ${kilobytes(bytes)} kB`);
  return [...parts, ...(rest > 0 ? [`${rest} under 100 kB`] : [])].join(", ");
}

function kilobytes(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString("en");
}
