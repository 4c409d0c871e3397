// How long the engine waits for a provider's process: from its start to the line with its port. The plugin beside the
// dynamic provider's process with this package loaded. Needs `npm run build`. `--runs=<n>` sets how often. Ends with 1
// when the plugin takes 200 milliseconds or more.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

import { table } from "./figures.mts";
import { format, summary } from "./summary.mts";
import { reportTargets } from "./targets.mts";

const LIMIT_SECONDS = 0.2;
const root = resolve(import.meta.dirname, "..");
const given = process.argv.find((argument) => argument.startsWith("--runs="));
const runs = Number(given?.slice("--runs=".length) ?? 21);

/** The engine loads the package when the first resource comes: here at once. */
const HOST = ["-r", resolve(root, "dist/provider/dynamic/host.js")];
const COMMANDS = {
  plugin: [resolve(root, "plugin/pulumi-resource-cds-redis"), "127.0.0.1:1"],
  dynamic: [
    process.execPath,
    ...HOST,
    resolve(root, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"),
    "127.0.0.1:1",
  ],
} as const;
type Name = keyof typeof COMMANDS;
const names = Object.keys(COMMANDS) as Name[];

const seconds: Record<Name, number[]> = { plugin: [], dynamic: [] };
// The first of each only fills the caches of the disk.
for (const name of names) await start(COMMANDS[name]);
for (let run = 0; run < runs; run++)
  for (const name of names) seconds[name].push(await start(COMMANDS[name]));
const [plugin, dynamic] = [summary(seconds.plugin), summary(seconds.dynamic)];
console.log(
  table(
    ["seconds to the port", "min, median, max"],
    [
      ["plugin", format(plugin)],
      ["dynamic provider", format(dynamic)],
      ["plugin / dynamic", `×${(plugin.median / dynamic.median).toFixed(2)}`],
    ],
  ),
);
reportTargets([
  { what: "seconds of the plugin's start", measured: plugin.median, limit: LIMIT_SECONDS },
]);

async function start([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  const begin = performance.now();
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const took = (performance.now() - begin) / 1000;
  child.kill();
  await once(child, "close");
  return took;
}
