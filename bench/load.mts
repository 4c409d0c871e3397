// What loading this package costs a Pulumi program: time and memory of fresh processes that load nothing,
// `@pulumi/pulumi`, this package with it, and axios with it. Needs `npm run build` and `npm ci --prefix bench`.
// `--runs=<n>` sets how many processes each gets. Ends with 1 when ours takes 30 milliseconds or more.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { table, writeFigure } from "./figures.mts";
import { summary, type Summary } from "./summary.mts";

const LIMIT_MILLISECONDS = 30;
const PULUMI = "@pulumi/pulumi";
const OURS = "pulumi-cds-redis";
/** What each process loads, in this order. */
const subjects = {
  nothing: [],
  [PULUMI]: [PULUMI],
  [`${PULUMI} + ${OURS}`]: [PULUMI, OURS],
  [`${PULUMI} + axios`]: [PULUMI, "axios"],
};
const names = Object.keys(subjects) as (keyof typeof subjects)[];
const runs = Number(
  process.argv.find((argument) => argument.startsWith("--runs="))?.slice("--runs=".length) ?? 31,
);

/** Of one process. */
interface Measured {
  /** From the start of the process to its end. */
  readonly processMilliseconds: number;
  /** Of the loading alone. */
  readonly loadMilliseconds: number;
  /** Of that, the last package: within one process, it isn't lost in the noise between processes. */
  readonly lastMilliseconds: number;
  /** After a garbage collection. */
  readonly rssMB: number;
  readonly heapMB: number;
}
type Kind = keyof Measured;
interface Difference {
  readonly difference: number;
  readonly ratio: number;
}
const LAST = "lastMilliseconds";
const COMPARED = ["loadMilliseconds", "processMilliseconds", "rssMB", "heapMB"] as const;
const SHOWN = [...COMPARED, LAST] as const;
type Summaries = Readonly<Record<Kind, Summary>>;

const root = resolve(import.meta.dirname, "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "cds-redis-bench-")));
try {
  install();
  const measured = new Map(names.map((name) => [name as string, [] as Measured[]]));
  // The first of each only fills the caches of the disk.
  for (const name of names) load(subjects[name]);
  // In turns, so that what else the machine does falls on all.
  for (let run = 0; run < runs; run++)
    for (const name of names) measured.get(name)?.push(load(subjects[name]));
  report(new Map([...measured].map(([name, all]) => [name, summaries(all)])));
} finally {
  rmSync(folder, { recursive: true });
}

/** Lays the packages out as a user has them. */
function install(): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", OURS), "junction");
  for (const library of ["@pulumi", "axios"])
    symlinkSync(
      join(root, "node_modules", library),
      join(folder, "node_modules", library),
      "junction",
    );
}

/** What a fresh process says that loads these, as a program compiled to CommonJS does. */
function load(packages: readonly string[]): Measured {
  const script = `
    const start = performance.now();
    let last = start;
    for (const name of ${JSON.stringify(packages)}) {
      last = performance.now();
      require(name);
    }
    const end = performance.now();
    gc();
    const { rss, heapUsed } = process.memoryUsage();
    console.log(JSON.stringify({
      loadMilliseconds: end - start,
      lastMilliseconds: end - last,
      rssMB: rss / 2 ** 20,
      heapMB: heapUsed / 2 ** 20,
    }));`;
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", "-e", script], {
    cwd: folder,
    encoding: "utf8",
  });
  const processMilliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`${packages.join(" and ")} can't be loaded:\n${stderr}`);
  return { ...(JSON.parse(stdout) as Omit<Measured, "processMilliseconds">), processMilliseconds };
}

function summaries(all: readonly Measured[]): Summaries {
  const of = (kind: Kind): Summary => {
    const { min, median, max } = summary(all.map((one) => one[kind]));
    return { min: rounded(min), median: rounded(median), max: rounded(max) };
  };
  return {
    lastMilliseconds: of("lastMilliseconds"),
    loadMilliseconds: of("loadMilliseconds"),
    processMilliseconds: of("processMilliseconds"),
    rssMB: of("rssMB"),
    heapMB: of("heapMB"),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What a subject has over `@pulumi/pulumi` alone. */
function over(measured: ReadonlyMap<string, Summaries>, name: string, kind: Kind): Difference {
  const alone = measured.get(PULUMI)?.[kind].median ?? Number.NaN;
  const both = measured.get(name)?.[kind].median ?? Number.NaN;
  return { difference: rounded(both - alone), ratio: rounded(both / alone) };
}

function report(measured: ReadonlyMap<string, Summaries>): void {
  const median = (name: string, kind: Kind): number =>
    measured.get(name)?.[kind].median ?? Number.NaN;
  const heads = ["all, ms", "process, ms", "RSS, MB", "heap, MB", "last package, ms"];
  const rows = names.map((name) => [name, ...SHOWN.map((kind) => median(name, kind).toFixed(1))]);
  console.log(`${table([`median of ${runs} processes`, ...heads], rows)}\n`);

  const added = names.slice(2).map((name) => ({
    name: name.slice(PULUMI.length + 1),
    lastMilliseconds: median(name, LAST),
    differences: COMPARED.map((kind) => ({ kind, ...over(measured, name, kind) })),
  }));
  const addedRows = added.map(({ name, lastMilliseconds, differences }) => [
    name,
    ...differences.map(
      ({ difference, ratio }) => `${difference.toFixed(1)} (×${ratio.toFixed(2)})`,
    ),
    lastMilliseconds.toFixed(1),
  ]);
  console.log(`${table([`over ${PULUMI} alone`, ...heads], addedRows)}\n`);

  // Not by the difference between processes, in which what else the machine does comes out as tens of milliseconds.
  const met = median(`${PULUMI} + ${OURS}`, LAST) < LIMIT_MILLISECONDS;
  console.log(
    `ours, the last package, takes less than ${LIMIT_MILLISECONDS} ms: ${met ? "yes" : "no"}`,
  );
  const limit = { limitMilliseconds: LIMIT_MILLISECONDS, met };
  writeFigure("load", {
    runs,
    measured: Object.fromEntries(measured),
    overPulumiAlone: added,
    ...limit,
  });
  if (!met) process.exitCode = 1;
}
