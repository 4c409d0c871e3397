import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Cell, Outcome, Workplace } from "./cells.mts";
import { runCommand, succeed } from "./command.mts";
import { runStack } from "./stackRun.mts";

type CompilerOptions = Readonly<Record<string, string>>;

const NODE10 = { module: "commonjs", moduleResolution: "node" };
const NODE16 = { module: "node16", moduleResolution: "node16" };
const NODENEXT = { module: "nodenext", moduleResolution: "nodenext" };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };

interface Compiler {
  readonly version: string;
  /** A version or tag of `@types/node` that this compiler reads. */
  readonly nodeTypes: string;
  /** The kinds of module resolution that this compiler has. */
  readonly modules: readonly CompilerOptions[];
}

const COMPILERS: readonly Compiler[] = [
  { version: "4.8.4", nodeTypes: "22.5.0", modules: [NODE10, NODE16] },
  { version: "5.0.4", nodeTypes: "22.13.0", modules: [NODE10, NODE16, BUNDLER] },
  { version: "5.4.5", nodeTypes: "24.10.0", modules: [NODE10, NODE16, NODENEXT, BUNDLER] },
  { version: "5.9.3", nodeTypes: "latest", modules: [NODE10, NODE16, NODENEXT, BUNDLER] },
  {
    version: "6.0.3",
    nodeTypes: "latest",
    modules: [{ ...NODE10, ignoreDeprecations: "6.0" }, NODE16, NODENEXT, BUNDLER],
  },
  {
    version: "7.0.2",
    nodeTypes: "latest",
    modules: [{ ...BUNDLER, module: "commonjs" }, NODE16, NODENEXT, BUNDLER],
  },
];

/** Pulumi compiles a project that has no TypeScript of its own with the compiler in its own package. */
const PULUMIS_COMPILER = "3.8.3";

const CURE = "pulumi-cds-redis needs TypeScript 4.8 or newer: npm install --save-dev typescript@5";

const ENTRY_POINTS = ["pulumi-cds-redis", "pulumi-cds-redis/sdk", "pulumi-cds-redis/emulator"];

export function compilerCells(): readonly Cell[] {
  return [
    ...COMPILERS.map((compiler): Cell => ({
      name: `typescript/${compiler.version}`,
      expected: "works",
      run: (place, folder) => compile(place, folder, compiler),
    })),
    { name: `typescript/${PULUMIS_COMPILER}`, expected: "cure", run: runWithPulumisCompiler },
  ];
}

/** Compiles the quick start and all public names with every kind of module resolution. */
async function compile(place: Workplace, folder: string, compiler: Compiler): Promise<Outcome> {
  await install(place, folder, {
    typescript: compiler.version,
    "@types/node": compiler.nodeTypes,
  });
  await copyFile(join(place.repository, "examples/quickstart/index.ts"), join(folder, "index.ts"));
  const names = ENTRY_POINTS.map((entry, index): [string, string] => [
    `names${index}.ts`,
    `export * from "${entry}";\n`,
  ]);
  for (const [name, text] of names) await writeFile(join(folder, name), text);
  const files = ["index.ts", ...names.map(([name]) => name)];
  const failures: string[] = [];
  for (const options of compiler.modules) {
    const output = await errorsOf(folder, options, files);
    if (output !== "")
      failures.push(`${options["module"]}, ${options["moduleResolution"]}:\n${output}`);
  }
  return failures.length === 0
    ? { result: "works" }
    : { result: "fails", output: failures.join("\n") };
}

/** The compiler's errors, without those that are in the files of other packages alone. */
async function errorsOf(
  folder: string,
  options: CompilerOptions,
  files: readonly string[],
): Promise<string> {
  const compilerOptions = { strict: true, target: "es2020", noEmit: true, types: ["node"] };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files }),
  );
  const tsc = join(folder, "node_modules/.bin/tsc");
  const { code, output } = await runCommand([tsc, "--pretty", "false"], { cwd: folder });
  if (code === 0) return "";
  const errors = output.split("\n").filter((line) => /error TS\d+/.test(line));
  const isForeign = (line: string): boolean =>
    /^node_modules\/(?!pulumi-cds-redis\/)\S+\(\d+,\d+\)/.test(line);
  if (errors.length === 0) return output;
  return errors.filter((line) => !isForeign(line)).join("\n");
}

/** Runs the quick start in a project without TypeScript. The error says what to install. */
async function runWithPulumisCompiler(place: Workplace, folder: string): Promise<Outcome> {
  const program = join(folder, "project");
  await mkdir(program);
  await install(place, program, {});
  await copyFile(join(place.repository, "examples/quickstart/index.ts"), join(program, "index.ts"));
  await writeFile(join(program, "Pulumi.yaml"), "name: matrix\nruntime: nodejs\n");
  const output = await runStack({ program, engine: place.engine, home: join(folder, "home") });
  if (output === undefined) return { result: "works" };
  return { result: output.includes(CURE) ? "cure" : "fails", output };
}

async function install(
  { tarball, pulumi }: Workplace,
  folder: string,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  const dependencies = { "pulumi-cds-redis": `file:${tarball}`, "@pulumi/pulumi": pulumi, ...more };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  // Pulumi's peer range leaves TypeScript 7 out.
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--legacy-peer-deps"];
  await succeed(["npm", "install", ...options], { cwd: folder });
}
