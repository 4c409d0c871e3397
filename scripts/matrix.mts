/**
 * Installs the packed package with every package manager, Node.js, Pulumi SDK and TypeScript that docs/compatibility.md
 * names, and uses it as a user does. `node scripts/matrix.mts pnpm/library typescript` runs one cell and one group.
 * Needs `npm run build` and the npm registry. Ends with 1 when a cell has another outcome than its table expects.
 */
import { mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { ensureEngine } from "./engine.mts";
import { allCells, type Cell, type Outcome, type Workplace } from "./matrix/cells.mts";
import { succeed } from "./matrix/command.mts";
import { CACHE } from "./matrix/packageManagers.mts";

/** The end of what a failed cell printed, which holds the engine's diagnostics. */
const SHOWN_LINES = 40;

const repository = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

const cells = chosen(process.argv.slice(2));
await mkdir(CACHE, { recursive: true });
// Compilers and package managers compare real paths.
const folder = await realpath(await mkdtemp(join(tmpdir(), "cds-redis-matrix-")));
let different = 0;
try {
  const place = await prepare();
  for (const cell of cells) different += (await isAsExpected(cell, place)) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${cells.length - different} cells as expected, ${different} not`);
process.exitCode = different > 0 ? 1 : 0;

/** The cells of these names, and of the groups before the slash; all of them without names. */
function chosen(names: readonly string[]): readonly Cell[] {
  const all = allCells();
  const found = (cell: Cell, name: string): boolean =>
    cell.name === name || cell.name.startsWith(`${name}/`);
  const unknown = names.filter((name) => !all.some((cell) => found(cell, name)));
  if (unknown.length > 0)
    throw new Error(
      `There is no cell ${unknown.join(", ")}. The cells:\n${all.map(({ name }) => name).join("\n")}`,
    );
  return names.length === 0 ? all : all.filter((cell) => names.some((name) => found(cell, name)));
}

async function prepare(): Promise<Workplace> {
  const engine = await ensureEngine();
  // dist/ is there: the npm script builds first.
  const pack = ["npm", "pack", "--ignore-scripts", "--pack-destination", folder];
  await succeed(pack, { cwd: repository });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm packed nothing");
  const { version } = require("@pulumi/pulumi/package.json") as { version: string };
  return { repository, engine, tarball: join(folder, tarball), pulumi: version };
}

/** Runs a cell in a folder of its own and prints its line. */
async function isAsExpected(cell: Cell, place: Workplace): Promise<boolean> {
  const own = join(folder, cell.name.replaceAll("/", "-"));
  await mkdir(own);
  const started = Date.now();
  const { result, output = "" } = await cell
    .run(place, own)
    .catch((error: unknown): Outcome => ({ result: "fails", output: String(error) }));
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const isExpected = result === cell.expected;
  const outcome = isExpected ? result : `${result}, not ${cell.expected}`;
  console.log(`${isExpected ? "ok    " : "FAILED"} ${cell.name}: ${outcome} (${seconds} s)`);
  if (!isExpected) console.log(output.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n"));
  await rm(own, { recursive: true, force: true });
  return isExpected;
}
