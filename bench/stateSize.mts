// How much of a stack's state a resource of this package takes, beside dynamic resources as people write them. Runs the
// real engine against the emulator. Needs `npm run build` and `npm ci --prefix bench`. Ends with 1 when `__provider` of
// ours has 250 bytes or more.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

import type * as EmulatorModule from "../emulator/index.ts";
import { ensureEngine } from "../scripts/engine.mts";
import { table, writeFigure } from "./figures.mts";
import { OURS, PROGRAMS } from "./statePrograms.mts";

interface Resource {
  readonly urn: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Bytes of one resource in `pulumi stack export`, without indentation. */
interface Sizes {
  readonly provider: number;
  readonly inputs: number;
  readonly outputs: number;
  /** What the engine adds, such as the place in the program. */
  readonly engine: number;
  /** All of it. */
  readonly resource: number;
  /** What the arguments themselves take: the inputs but for those hidden by two underscores. */
  readonly arguments: number;
}

const LIMIT_BYTES = 250;
const root = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const { startEmulator } = require("../dist/emulator/index.js") as typeof EmulatorModule;
const { version } = require("@pulumi/pulumi/package.json") as { version: string };

const engine = await ensureEngine({ log: () => undefined });
const folder = mkdtempSync(join(tmpdir(), "cds-redis-bench-"));
const emulator = await startEmulator({ deliverySeconds: 0 });
const orders = createServer((_, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ id: "cache-1", ip: "10.0.0.5" }));
});
await new Promise<void>((listening) => orders.listen(0, "127.0.0.1", listening));
try {
  const sizes = new Map<string, Sizes | string>();
  for (const [index, [name, program]] of Object.entries(PROGRAMS).entries())
    sizes.set(name, await measure(`bench-${index + 1}`, program));
  report(sizes);
} finally {
  orders.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The sizes of the resource that the program makes, or why Pulumi refuses the program. */
async function measure(project: string, program: string): Promise<Sizes | string> {
  const path = join(folder, project);
  mkdirSync(path);
  symlinkSync(join(root, "node_modules"), join(path, "node_modules"), "junction");
  const compilerOptions = { target: "es2022", module: "nodenext", types: ["node"], noEmit: true };
  const files = {
    "Pulumi.yaml": `name: ${project}\nruntime: nodejs\n`,
    "package.json": JSON.stringify({ private: true, main: "index.ts" }),
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["index.ts"] }),
    "index.ts": program,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  await succeed(path, "stack", "init", "bench", "--non-interactive");
  for (const setting of [
    ["--plaintext", `cds:endpoint=${emulator.url}`],
    ["--plaintext", `cds:accessKeyId=${emulator.accessKeyId}`],
    ["--secret", `cds:accessKeySecret=${emulator.accessKeySecret}`],
  ])
    await succeed(path, "config", "set-all", ...setting);
  const { code, output } = await pulumi(path, "up", "--yes", "--skip-preview", "--non-interactive");
  if (code !== 0) return refusal(output);
  const exported = JSON.parse(await succeed(path, "stack", "export")) as {
    deployment: { resources: readonly Resource[] };
  };
  const resource = exported.deployment.resources.find(({ urn }) => urn.endsWith("::cache"));
  if (resource === undefined) throw new Error(`${project} has no cache in its state`);
  return sizesOf(resource);
}

function sizesOf(resource: Resource): Sizes {
  const { inputs = {}, outputs = {} } = resource;
  const provider = inputs["__provider"];
  if (typeof provider !== "string")
    throw new Error(`${resource.urn} has no provider in its inputs`);
  const plain = Object.entries(inputs).filter(([name]) => !name.startsWith("__"));
  return {
    provider: Buffer.byteLength(provider),
    inputs: bytes(inputs),
    outputs: bytes(outputs),
    engine: bytes(resource) - bytes(inputs) - bytes(outputs),
    resource: bytes(resource),
    arguments: bytes(Object.fromEntries(plain)),
  };
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The error's first line, and what ends the chain of what was captured. */
function refusal(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const first = lines.find((line) => line.startsWith("error: "));
  if (first === undefined) throw new Error(`the program fails without an error:\n${output}`);
  const cause = lines.findIndex((line) => line.includes("could not be serialized"));
  return [first, ...(cause < 0 ? [] : ["…", ...lines.slice(cause, cause + 2)])].join(" ");
}

async function succeed(path: string, ...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await pulumi(path, ...args);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}${errors}`);
  return output;
}

async function pulumi(
  path: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(join(engine, "pulumi"), args, {
    cwd: path,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: [engine, process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Stack configuration has what is needed; a key of the user's has no place here.
      CDS_SECRET_ID: "",
      CDS_SECRET_KEY: "",
      ORDERS_URL: `http://127.0.0.1:${(orders.address() as AddressInfo).port}`,
    },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const code = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  return { code, output, errors };
}

function report(sizes: ReadonlyMap<string, Sizes | string>): void {
  const measured = [...sizes].filter(
    (entry): entry is [string, Sizes] => typeof entry[1] !== "string",
  );
  const refused = [...sizes].filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const ours = measured.find(([name]) => name === OURS)?.[1];
  if (ours === undefined) throw new Error(`ours fails: ${new Map(refused).get(OURS) ?? ""}`);
  const rows = measured.map(([name, size]) => [
    name,
    ...[size.provider, size.arguments, size.inputs, size.outputs, size.engine, size.resource].map(
      String,
    ),
    (size.provider / ours.provider).toFixed(1),
    (size.resource / size.arguments).toFixed(1),
  ]);
  const head = [
    "bytes in the state",
    "__provider",
    "arguments",
    "inputs",
    "outputs",
    "engine's",
    "all",
    "__provider to ours",
    "all to arguments",
  ];
  console.log(`${table(head, rows)}\n`);
  for (const [name, reason] of refused) console.log(`${name}: Pulumi refuses it: ${reason}\n`);
  const met = ours.provider < LIMIT_BYTES;
  console.log(`__provider of ours under ${LIMIT_BYTES} bytes: ${met ? "yes" : "no"}`);
  writeFigure("stateSize", {
    pulumi: version,
    unit: "bytes",
    limit: LIMIT_BYTES,
    met,
    sizes: Object.fromEntries(measured),
    refused: Object.fromEntries(refused),
  });
  if (!met) process.exitCode = 1;
}
