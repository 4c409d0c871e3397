// How much the typed arguments cost a user's compiler and editor, beside a program whose arguments are plain texts and
// numbers. Needs `npm run build`. `--json` prints the figures as JSON, `--runs=<n>` sets how often each is measured.
// Ends with 1 when the compiler takes 5 seconds more or worse.
import { spawnSync } from "node:child_process";
import { cpus, tmpdir } from "node:os";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import ts from "typescript";

import type * as GenerateModule from "../sdk/generate.ts";
import { completionTimes } from "./completions.mts";
import { largeAnswers, typedProgram, untypedProgram } from "./largeProgram.mts";
import { format, summary, type Summary } from "./summary.mts";

const LIMIT_SECONDS = 5;
const root = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const { generateCatalog } = require("../dist/sdk/generate.js") as typeof GenerateModule;
const runs = Number(
  process.argv.find((argument) => argument.startsWith("--runs="))?.slice("--runs=".length) ?? 7,
);

const folder = realpathSync(mkdtempSync(join(tmpdir(), "cds-redis-bench-")));
try {
  const untyped = project("untyped", { "index.ts": untypedProgram() });
  const typed = project("typed", {
    "catalog.gen.ts": generateCatalog(largeAnswers()).text,
    "index.ts": typedProgram(),
  });
  const seconds = { untyped: [] as number[], typed: [] as number[] };
  // In turns, so that what else the machine does falls on both.
  for (let run = 0; run < runs; run++) {
    seconds.untyped.push(checkSeconds(untyped));
    seconds.typed.push(checkSeconds(typed));
  }
  const editor = completionTimes(typed, "index.ts");
  report(summary(seconds.untyped), summary(seconds.typed), editor);
} finally {
  rmSync(folder, { recursive: true });
}

/** A project as a user has it, with this package installed. */
function project(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(join(path, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(path, "node_modules/pulumi-cds-redis"), "junction");
  for (const library of ["@pulumi", "@types/node"])
    symlinkSync(
      join(root, "node_modules", library),
      join(path, "node_modules", library),
      "junction",
    );
  const compilerOptions = {
    strict: true,
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    types: ["node"],
    skipLibCheck: true,
    noEmit: true,
  };
  const all = {
    ...files,
    "package.json": JSON.stringify({ name, private: true }),
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["index.ts"] }),
  };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(path, file), text);
  return path;
}

/** The whole time of a fresh compiler. */
function checkSeconds(path: string): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(
    process.execPath,
    [require.resolve("typescript/bin/tsc"), "-p", path],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the program does not compile:\n${stdout}`);
  return (performance.now() - start) / 1000;
}

function report(untyped: Summary, typed: Summary, editor: Readonly<Record<string, Summary>>): void {
  const difference = typed.median - untyped.median;
  const ratio = typed.median / untyped.median;
  if (process.argv.includes("--json")) {
    const machine = { cpus: cpus().length, node: process.version, typescript: ts.version };
    const figures = { machine, runs, untyped, typed, difference, ratio, editor };
    console.log(JSON.stringify(figures, undefined, 2));
  } else {
    console.log(`tsc ${ts.version}, fresh process, ${runs} runs, seconds      min  median     max`);
    console.log(`untyped arguments                           ${format(untyped)}`);
    console.log(`typed by a catalogue of 20 × 6 × 4 × 10     ${format(typed)}`);
    console.log(
      `difference of the medians ${difference.toFixed(2)} s, ratio ${ratio.toFixed(2)}, limit ${LIMIT_SECONDS} s\n`,
    );
    console.log("completions in the typed program, seconds      min  median     max");
    for (const [name, times] of Object.entries(editor))
      console.log(`${name.padEnd(43)} ${format(times)}`);
  }
  if (difference >= LIMIT_SECONDS) process.exitCode = 1;
}
