// How long the real engine takes for many resources of ours, of a dynamic provider that does nothing, and of one that
// sends a request with axios for each, where the vendor delivers at once. Needs `npm run build`, `npm run engine` and
// `npm ci --prefix bench`. `--runs=<n>` sets how often each is measured, `--sizes=1,50,200` how many resources there
// are, `--parallel=<n>` is passed on to the engine. Takes minutes.
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

const MOST_RATIO = 1.1;
const LABELS = {
  ours: "pulumi-cds-redis",
  empty: "a dynamic provider that does nothing",
  axios: "a dynamic provider, one axios call each",
};
type Name = keyof typeof PROGRAMS;
const names = Object.keys(PROGRAMS) as Name[];
const runs = Number(option("runs") ?? 3);
const sizes = (option("sizes") ?? "1,50,200").split(",").map(Number);
const parallel = option("parallel");
const engineOptions = parallel === undefined ? [] : [`--parallel=${parallel}`];
const root = resolve(import.meta.dirname, "..");

/** Of one operation on so many resources. */
interface Measured {
  readonly count: number;
  readonly operation: Operation;
  readonly seconds: Record<Name, number[]>;
  /** Of ours, for each run. */
  readonly calls: Calls[];
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), "cds-redis-bench-")));
const server = fork(join(import.meta.dirname, "engineServer.mts"));
try {
  const [listening] = (await once(server, "message")) as [Listening];
  const projects = await makeProjects(listening);
  const measured = await measure(projects);
  const usual = await projects.empty.usualParallel();
  const rows = measured.map(rowOf);
  report(rows, parallel === undefined ? usual : Number(parallel));
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}

async function makeProjects(listening: Listening): Promise<Record<Name, EngineProject>> {
  // A copy, so that a build meanwhile doesn't pull the package from under the engine.
  const copy = join(folder, "package");
  for (const part of ["dist", "package.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  const modules = join(root, "node_modules");
  symlinkSync(modules, join(copy, "node_modules"), "junction");
  const installed: Installed = {
    engine: await ensureEngine(),
    packages: {
      "pulumi-cds-redis": copy,
      "@pulumi": join(modules, "@pulumi"),
      axios: join(modules, "axios"),
    },
    server: listening,
  };
  const make = (name: Name): Promise<EngineProject> =>
    EngineProject.make(join(folder, name), PROGRAMS[name], installed);
  return { ours: await make("ours"), empty: await make("empty"), axios: await make("axios") };
}

async function measure(projects: Readonly<Record<Name, EngineProject>>): Promise<Measured[]> {
  const all: Measured[] = sizes.flatMap((count) =>
    OPERATIONS.map((operation) => ({
      count,
      operation,
      seconds: { ours: [], empty: [], axios: [] },
      calls: [],
    })),
  );
  // The first of each only fills the caches of the disk.
  for (const name of names)
    for (const operation of OPERATIONS) await projects[name].time(operation, 1, engineOptions);
  await callsSince(server);
  for (let run = 0; run < runs; run++)
    for (const { count, operation, seconds, calls } of all) {
      // In turns, so that what else the machine does falls on all.
      for (const name of rotated(names, run)) {
        const time = await projects[name].time(operation, count, engineOptions);
        seconds[name].push(time);
        const seen = await callsSince(server);
        if (name === "ours") calls.push(seen);
        console.error(`run ${run + 1}: ${count} ${operation} ${name} ${time.toFixed(2)} s`);
      }
    }
  return all;
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

interface Row {
  readonly count: number;
  readonly operation: Operation;
  /** Medians. */
  readonly seconds: Readonly<Record<Name, number>>;
  readonly oursToEmpty: number;
  readonly axiosToEmpty: number;
  /** Of ours: of each action the median over the runs. */
  readonly calls: Calls;
  readonly allSeconds: Readonly<Record<Name, readonly number[]>>;
}

function rowOf({ count, operation, seconds, calls }: Measured): Row {
  const median = (name: Name): number => rounded(summary(seconds[name]).median);
  const medians = { ours: median("ours"), empty: median("empty"), axios: median("axios") };
  const actions = [...new Set(calls.flatMap((one) => Object.keys(one)))].sort();
  const usual = (action: string): number => summary(calls.map((one) => one[action] ?? 0)).median;
  const all = (name: Name): number[] => seconds[name].map(rounded);
  return {
    count,
    operation,
    seconds: medians,
    oursToEmpty: rounded(medians.ours / medians.empty),
    axiosToEmpty: rounded(medians.axios / medians.empty),
    calls: Object.fromEntries(actions.map((action) => [action, usual(action)])),
    allSeconds: { ours: all("ours"), empty: all("empty"), axios: all("axios") },
  };
}

function report(rows: readonly Row[], atOnce: number): void {
  const lines = rows.map(({ count, operation, seconds, oursToEmpty, axiosToEmpty, calls }) => [
    `${count} ${operation}`,
    ...names.map((name) => seconds[name].toFixed(2)),
    `×${oursToEmpty.toFixed(2)}`,
    `×${axiosToEmpty.toFixed(2)}`,
    Object.entries(calls)
      .map(([action, number]) => `${number} ${action}`)
      .join(", ") || "none",
  ]);
  const head = [...names, "ours/empty", "axios/empty", "calls of ours"];
  console.log(table([`seconds, median of ${runs}, ${atOnce} at once`, ...head], lines));
  const missed = rows.filter(({ oursToEmpty }) => oursToEmpty > MOST_RATIO);
  const verdict = missed.map(({ count, operation }) => `${count} ${operation}`).join(", ");
  console.log(
    `\nours takes at most ${MOST_RATIO.toFixed(2)} times as long as empty: ${missed.length === 0 ? "yes" : `no, ${verdict}`}`,
  );
  writeFigure(
    "engine",
    { runs, parallel: atOnce, mostRatio: MOST_RATIO, met: missed.length === 0, rows },
    sizes.map((size) => ({
      title: size === 1 ? "The real engine, one resource" : `The real engine, ${size} resources`,
      subtitle: `Wall time of the whole command, ${atOnce} resources at once, a vendor that delivers at once; median of ${runs} in turns; less is better.`,
      unit: "seconds",
      groups: [...OPERATIONS],
      series: names.map((name) => ({
        name: LABELS[name],
        values: rows.filter((row) => row.count === size).map((row) => row.seconds[name]),
      })),
    })),
  );
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function option(name: string): string | undefined {
  const start = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
}
