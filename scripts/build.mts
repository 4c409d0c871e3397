// Compiles the package into an empty dist/, so that no file of an earlier layout is published, and bundles what others wrote.
import { chmodSync, copyFileSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";

import { bundleDependencies, bundlePlugin } from "./bundle.mts";
import { keepPublicTypes, type PackageFile } from "./publicTypes.mts";

rmSync("dist", { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
const packageFile = JSON.parse(readFileSync("package.json", "utf8")) as PackageFile;
keepPublicTypes(packageFile);
await bundleDependencies();
copyFileSync("emulator/page/page.html", "dist/emulator/page/page.html");
chmodSync("dist/cli/main.js", 0o755);

// The examples import the package by its name, as a user's project does.
rmSync("node_modules/pulumi-cds-redis", { recursive: true, force: true });
symlinkSync("..", "node_modules/pulumi-cds-redis", "junction");

await bundlePlugin(packageFile.version);
