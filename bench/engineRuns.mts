// Measures the real engine with resources of this package, on both faces, of a dynamic provider that does nothing, and of one that
// sends a request with axios for each. Needs `npm run build`, `npm run engine` and `npm ci --prefix bench`. Takes half
// an hour. `--runs=<n>` sets how often each command runs, `--sizes=1,50,200` how many resources the vendor delivers at
// once, `--many=500` how many are ordered together, `--scenes=instant,deletion,many` what is measured. Prints every
// target with its ratio, and ends with 1 when one is missed. Only a run that leaves nothing out writes the figures.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { ensureEngine } from "../scripts/engine.mts";
import { PROGRAMS } from "./enginePrograms.mts";
import { EngineProject, OPERATIONS, type Installed, type Operation } from "./engineProject.mts";
import type { Calls, Listening } from "./engineServer.mts";
import { table, writeFigure } from "./figures.mts";
import { summary } from "./summary.mts";
import { reportTargets, type Target } from "./targets.mts";

const MOST_MEMORY_MB = 300;
type Name = keyof typeof PROGRAMS;

interface Scene {
  readonly name: string;
  readonly deliverySeconds: number;
  readonly deleteSeconds: number;
  readonly sizes: readonly number[];
  readonly names: readonly Name[];
  readonly operations: readonly Operation[];
  /** Whether the engine works on all resources at once. Otherwise it takes its own number. */
  readonly isAllAtOnce: boolean;
  /** The most seconds that ours may take, by what the empty dynamic resource took. */
  readonly limits: Partial<Record<Operation, (empty: number, count: number) => number>>;
}

const DELETE_SECONDS = 10;
const DELIVERY_SECONDS = 5;
const allScenes: readonly Scene[] = [
  {
    ...{ name: "instant", deliverySeconds: 0, deleteSeconds: 0, isAllAtOnce: false },
    sizes: (option("sizes") ?? "1,50,200").split(",").map(Number),
    names: ["ours", "plugin", "empty", "axios"],
    operations: OPERATIONS,
    limits: {
      up: (empty, count) => (count === 1 ? empty + 0.3 : empty * 1.1),
      destroy: (empty, count) => (count === 1 ? empty + 0.3 : empty * 1.4),
    },
  },
  {
    ...{ name: "deletion", deliverySeconds: 0, deleteSeconds: DELETE_SECONDS },
    ...{ isAllAtOnce: true, sizes: [10], names: ["ours", "empty"], operations: ["up", "destroy"] },
    limits: { destroy: (empty) => 1.25 * (DELETE_SECONDS + empty) },
  },
  {
    ...{ name: "many", deliverySeconds: DELIVERY_SECONDS, deleteSeconds: 0 },
    ...{ isAllAtOnce: true, sizes: [Number(option("many") ?? 500)], names: ["ours", "empty"] },
    operations: ["up", "destroy"],
    limits: { up: (empty) => 1.3 * empty + DELIVERY_SECONDS },
  },
];
const chosen = option("scenes")?.split(",");
const scenes = allScenes.filter(({ name }) => chosen?.includes(name) ?? true);
const runs = Number(option("runs") ?? 3);
const root = resolve(import.meta.dirname, "..");

/** Some runs of one operation on this many resources. */
interface Measured {
  readonly scene: Scene;
  readonly count: number;
  readonly operation: Operation;
  readonly seconds: Record<Name, number[]>;
  /** Most memory of the process that runs the dynamic provider. */
  readonly memoryMB: Record<Name, number[]>;
  /** What ours called in each run. */
  readonly calls: Calls[];
}

interface Row {
  readonly scene: string;
  readonly count: number;
  readonly operation: Operation;
  /** Medians, by program. */
  readonly seconds: Readonly<Partial<Record<Name, number>>>;
  /** Not where the vendor takes time, which is ours alone to wait for. */
  readonly oursToEmpty: number | null;
  readonly limitSeconds: number | null;
  /** The most of all runs. */
  readonly oursMemoryMB: number;
  /** The median of each action that ours called. */
  readonly calls: Calls;
  readonly allSeconds: Readonly<Record<Name, readonly number[]>>;
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), "cds-redis-bench-")));
try {
  const packages = copyPackages();
  const engine = await ensureEngine();
  const rows: Row[] = [];
  let parallel = Number.NaN;
  for (const scene of scenes) {
    const { deliverySeconds, deleteSeconds } = scene;
    const script = join(import.meta.dirname, "engineServer.mts");
    const server = fork(script, [`${deliverySeconds}`, `${deleteSeconds}`]);
    try {
      const [listening] = (await once(server, "message")) as [Listening];
      const projects = await makeProjects(scene, { engine, packages, server: listening });
      rows.push(...(await measure(scene, projects, server)).map(rowOf));
      parallel = await projects.empty.usualParallel();
    } finally {
      server.kill();
    }
  }
  report(rows, parallel);
} finally {
  rmSync(folder, { recursive: true });
}

/** Where the packages are that a project imports. A build meanwhile must not change ours: the engine gets a copy. */
function copyPackages(): Installed["packages"] {
  const copy = join(folder, "package");
  for (const part of ["dist", "plugin", "package.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  const modules = join(root, "node_modules");
  symlinkSync(modules, join(copy, "node_modules"), "junction");
  return {
    "pulumi-cds-redis": copy,
    "@pulumi": join(modules, "@pulumi"),
    axios: join(modules, "axios"),
  };
}

async function makeProjects(
  scene: Scene,
  installed: Installed,
): Promise<Record<Name, EngineProject>> {
  const make = (name: Name): Promise<EngineProject> =>
    EngineProject.make(join(folder, scene.name, name), PROGRAMS[name], installed);
  const made = Object.keys(PROGRAMS).map(async (name) => [name, await make(name as Name)] as const);
  return Object.fromEntries(await Promise.all(made)) as Record<Name, EngineProject>;
}

async function measure(
  scene: Scene,
  projects: Readonly<Record<Name, EngineProject>>,
  server: ChildProcess,
): Promise<Measured[]> {
  const { names, operations, sizes, isAllAtOnce } = scene;
  const all: Measured[] = sizes.flatMap((count) =>
    operations.map((operation) => ({
      ...{ scene, count, operation, calls: [] },
      seconds: noneOf(),
      memoryMB: noneOf(),
    })),
  );
  // The first run of each program only fills the caches of the disk.
  for (const name of names)
    for (const operation of operations) await projects[name].run(operation, 1, []);
  await callsSince(server);
  for (let run = 0; run < runs; run++)
    for (const { count, operation, seconds, memoryMB, calls } of all) {
      const options = isAllAtOnce ? [`--parallel=${count}`] : [];
      // In turns, so that other work of the machine slows all programs alike.
      for (const name of rotated(names, run)) {
        const timed = await projects[name].run(operation, count, options);
        seconds[name].push(timed.seconds);
        memoryMB[name].push(timed.providerMB);
        const seen = await callsSince(server);
        if (name === "ours") calls.push(seen);
        console.error(
          `${scene.name}, run ${run + 1}: ${count} ${operation} ${name} ${timed.seconds.toFixed(2)} s, ${timed.providerMB} MB`,
        );
      }
    }
  return all;
}

function noneOf(): Record<Name, number[]> {
  return { ours: [], plugin: [], empty: [], axios: [] };
}

function rotated<T>(all: readonly T[], by: number): T[] {
  const start = by % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
}

async function callsSince(child: ChildProcess): Promise<Calls> {
  child.send("calls");
  const [calls] = (await once(child, "message")) as [Calls];
  return calls;
}

function rowOf({ scene, count, operation, seconds, memoryMB, calls }: Measured): Row {
  const medians = Object.fromEntries(
    scene.names.map((name) => [name, rounded(summary(seconds[name]).median)]),
  ) as Partial<Record<Name, number>>;
  const { ours = Number.NaN, empty = Number.NaN } = medians;
  const limit = scene.limits[operation]?.(empty, count);
  const actions = [...new Set(calls.flatMap((one) => Object.keys(one)))].sort();
  const usual = (action: string): number => summary(calls.map((one) => one[action] ?? 0)).median;
  const all = (name: Name): number[] => seconds[name].map(rounded);
  return {
    ...{ scene: scene.name, count, operation, seconds: medians },
    oursToEmpty: scene.name === "instant" ? rounded(ours / empty) : null,
    limitSeconds: limit === undefined ? null : rounded(limit),
    oursMemoryMB: Math.max(...memoryMB.ours),
    calls: Object.fromEntries(actions.map((action) => [action, usual(action)])),
    allSeconds: {
      ...{ ours: all("ours"), plugin: all("plugin") },
      ...{ empty: all("empty"), axios: all("axios") },
    },
  };
}

function report(rows: readonly Row[], parallel: number): void {
  const names = Object.keys(PROGRAMS) as Name[];
  const lines = rows.map(
    ({ scene, count, operation, seconds, oursToEmpty, oursMemoryMB, calls }) => [
      `${scene}: ${count} ${operation}`,
      ...names.map((name) => seconds[name]?.toFixed(2) ?? ""),
      oursToEmpty === null ? "" : `×${oursToEmpty.toFixed(2)}`,
      `${oursMemoryMB}`,
      Object.entries(calls)
        .map(([action, number]) => `${number} ${action}`)
        .join(", ") || "none",
    ],
  );
  const head = [`seconds, median of ${runs}`, ...names, "ours/empty", "MB of ours"];
  console.log(`${table([...head, "calls of ours"], lines)}\n`);
  const targets = targetsOf(rows);
  reportTargets(targets);
  if (["sizes", "many", "scenes"].some((name) => option(name) !== undefined)) return;
  writeFigure("engine", { runs, parallel, targets, rows });
}

function targetsOf(rows: readonly Row[]): Target[] {
  const timed = rows.flatMap(({ scene, count, operation, seconds, limitSeconds }) =>
    limitSeconds === null || seconds.ours === undefined
      ? []
      : {
          what: `${scene}: seconds of ${operation}, ${count}`,
          measured: seconds.ours,
          limit: limitSeconds,
        },
  );
  const most = Math.max(...rows.map(({ oursMemoryMB }) => oursMemoryMB));
  return [
    ...timed,
    { what: "MB of the provider's process", measured: most, limit: MOST_MEMORY_MB },
  ];
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function option(name: string): string | undefined {
  const start = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
}
