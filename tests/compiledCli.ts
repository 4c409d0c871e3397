import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transformFileSync } from "@swc/core";

const ROOT = join(__dirname, "..");

/**
 * Compiles the package into a folder of its own, for node to run `cli/main.js` in a process. Without
 * the type checker, which the build has. Gives the folder, to be removed by the caller.
 */
export function compileCli(): string {
  const built = mkdtempSync(join(tmpdir(), "cds-redis-built-"));
  for (const folder of ["cli", "emulator", "provider", "sdk"]) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      const [source, target] = [join(ROOT, folder, name), join(built, folder, name)];
      mkdirSync(dirname(target), { recursive: true });
      if (name.endsWith(".json")) copyFileSync(source, target);
      if (!name.endsWith(".ts")) continue;
      const { code } = transformFileSync(source, {
        jsc: { target: "es2023", parser: { syntax: "typescript" } },
        module: { type: "commonjs" },
      });
      writeFileSync(target.replace(/\.ts$/, ".js"), code);
    }
  }
  copyFileSync(join(ROOT, "package.json"), join(built, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(built, "node_modules"));
  return built;
}
