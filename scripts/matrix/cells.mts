import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createRequire } from "node:module";

import { ensureEngine } from "../engine.mts";
import { succeed } from "./command.mts";
import { writeLayout, type Layout } from "./layouts.mts";
import {
  CACHE,
  PACKAGE_MANAGERS,
  ensureTool,
  installEnvironment,
  type PackageManager,
  type PackageManagerName,
} from "./packageManagers.mts";
import { runStack } from "./stackRun.mts";

const root = resolve(import.meta.dirname, "../..");

export async function runCells(args: readonly string[]): Promise<number> {
  await mkdir(CACHE, { recursive: true });
  const engine = await ensureEngine();
  for (const arg of args) {
    const [name, layout] = arg.split("/");
    const manager: PackageManager = PACKAGE_MANAGERS[name as PackageManagerName];
    const started = Date.now();
    const folder = await mkdtemp(join(tmpdir(), "cds-redis-matrix-"));
    try {
      await succeed(["npm", "pack", "--ignore-scripts", "--pack-destination", folder], {
        cwd: root,
      });
      const tarball = join(folder, `ours-${started}.tgz`);
      await succeed(["mv", join(folder, "pulumi-cds-redis-0.1.0.tgz"), tarball], { cwd: folder });
      const { version: pulumi } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as {
        version: string;
      };
      const project = join(folder, "project");
      const program = await writeLayout(project, layout as Layout, manager, { tarball, pulumi });
      const tool = await ensureTool(manager);
      await succeed(manager.install(tool), {
        cwd: project,
        env: { ...process.env, ...(await installEnvironment()) },
      });
      const installed = Date.now();
      const out = await runStack({
        program,
        engine,
        home: join(folder, "home"),
        before: manager.run?.(tool) ?? [],
      });
      console.log(
        `${arg}: ${out === undefined ? "works" : out} (${installed - started} + ${Date.now() - installed} ms)`,
      );
    } catch (error) {
      console.log(`${arg}: FAILED ${String(error)}`);
    } finally {
      if (process.env["KEEP"]) console.log(folder);
      else await rm(folder, { recursive: true, force: true });
    }
  }
  return 0;
}
