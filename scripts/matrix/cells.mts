import { join } from "node:path";

import { runCommand, succeed } from "./command.mts";
import { writeLayout, type Layout } from "./layouts.mts";
import {
  ensurePackages,
  ensureTool,
  installEnvironment,
  PACKAGE_MANAGERS,
  type PackageManager,
  type PackageManagerName,
} from "./packageManagers.mts";
import { runStack } from "./stackRun.mts";
import { compilerCells } from "./compilers.mts";

/** What all cells of a run share. */
export interface Workplace {
  /** Folder of this repository. */
  readonly repository: string;
  /** Path of the packed package. */
  readonly tarball: string;
  /** Folder of the Pulumi engine. */
  readonly engine: string;
  /** Version of `@pulumi/pulumi` that this repository is tested with. */
  readonly pulumi: string;
}

/** `cure`: the run ends with the message that says what to install, and where. */
export type Expected = "works" | "cure";

/** What happened, and why where it is no success. */
export interface Outcome {
  readonly result: Expected | "fails";
  readonly output?: string;
}

export interface Cell {
  readonly name: string;
  readonly expected: Expected;
  /** Runs in an empty folder of its own. */
  readonly run: (place: Workplace, folder: string) => Promise<Outcome>;
}

const CURE =
  /The engine loads pulumi-cds-redis from \S+, where it is not installed: add pulumi-cds-redis to the package\.json there\./;

/** Node versions that a single project is run with; the first is the oldest that the package allows. */
const NODE_VERSIONS = ["22.12.0", "24.21.0", "26.10.0"];
const NEWEST_PULUMI = "3.270.0";

/** What is expected of each layout: one package, a library alone names ours, the program names it too. */
const LAYOUTS: Readonly<Record<PackageManagerName, Readonly<Record<Layout, Expected>>>> = {
  npm: works("works"),
  "npm-linked": works("cure"),
  pnpm: works("works"),
  "pnpm-no-hoist": works("cure"),
  "yarn-classic": works("works"),
  "yarn-node-modules": works("works"),
  "yarn-limits": works("cure"),
  "yarn-pnp": works("cure"),
  bun: works("works"),
  "bun-isolated": works("works"),
};

/** A project that names the package itself works everywhere. */
function works(library: Expected): Readonly<Record<Layout, Expected>> {
  return { single: "works", library, "library-and-program": "works" };
}

export function allCells(): readonly Cell[] {
  const managers = Object.keys(PACKAGE_MANAGERS) as PackageManagerName[];
  return [
    ...managers.flatMap((name) =>
      (Object.keys(LAYOUTS[name]) as Layout[]).map((layout) => managerCell(name, layout)),
    ),
    ...NODE_VERSIONS.map(nodeCell),
    pulumiCell(NEWEST_PULUMI),
    pulumiTests(NEWEST_PULUMI),
    ...compilerCells(),
  ];
}

function managerCell(name: PackageManagerName, layout: Layout): Cell {
  return {
    name: `${name}/${layout}`,
    expected: LAYOUTS[name][layout],
    run: (place, folder) => bringUpAndDown(place, folder, PACKAGE_MANAGERS[name], { layout }),
  };
}

function nodeCell(version: string): Cell {
  return {
    name: `node/${version}`,
    expected: "works",
    run: async (place, folder) => {
      const packageName = `node-${process.platform}-${process.arch}`;
      const modules = await ensurePackages([`${packageName}@${version}`]);
      const node = join(modules, packageName, "bin");
      return bringUpAndDown(place, folder, PACKAGE_MANAGERS.npm, { node });
    },
  };
}

function pulumiCell(version: string): Cell {
  return {
    name: `pulumi/${version}`,
    expected: "works",
    run: (place, folder) =>
      bringUpAndDown({ ...place, pulumi: version }, folder, PACKAGE_MANAGERS.npm, {}),
  };
}

/** The engine tests of a whole life and of states that earlier releases left. */
function pulumiTests(version: string): Cell {
  return {
    name: `pulumi/${version}-tests`,
    expected: "works",
    run: async ({ repository }) => {
      const tests = ["--selectProjects", "engine", "--testPathPatterns", "(lifecycle|olderState)"];
      const jest = join(repository, "node_modules/jest/bin/jest.js");
      const { code, output } = await runCommand([process.execPath, jest, "-w", "1", ...tests], {
        cwd: repository,
        env: { ...process.env, CDS_TEST_PULUMI: version },
      });
      return code === 0 ? { result: "works" } : { result: "fails", output };
    },
  };
}

interface RunOptions {
  readonly layout?: Layout;
  /** Folder of the `node` that the program runs with. */
  readonly node?: string;
}

/** Installs the package in a layout and brings a stack up and down. */
async function bringUpAndDown(
  place: Workplace,
  folder: string,
  manager: PackageManager,
  { layout = "single", node }: RunOptions,
): Promise<Outcome> {
  const project = join(folder, "project");
  const program = await writeLayout(project, layout, manager, place);
  const tool = await ensureTool(manager);
  const env = { ...process.env, ...(await installEnvironment()) };
  await succeed(manager.install(tool), { cwd: project, env });
  const output = await runStack({
    program,
    engine: place.engine,
    home: join(folder, "home"),
    before: manager.run?.(tool) ?? [],
    ...(node === undefined ? {} : { node }),
  });
  if (output === undefined) return { result: "works" };
  return { result: CURE.test(output) ? "cure" : "fails", output };
}
