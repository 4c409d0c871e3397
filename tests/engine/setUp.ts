import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";

import type { Config } from "jest";

import { ensureEngine } from "../../scripts/engine.mts";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");

/** Where the tests find what was made here. */
export const INSTALLED = "CDS_TEST_INSTALLED";

/**
 * Sets the engine up and installs the package once as a user does: from its tarball, beside the
 * packages a user's project has.
 */
export default async function setUp(_global: unknown, project: Config): Promise<void> {
  if (project.displayName === undefined) return;
  const engine = await ensureEngine();
  process.env["PATH"] = [engine, process.env["PATH"] ?? ""].join(delimiter);

  const folder = await mkdtemp(join(tmpdir(), "cds-redis-installed-"));
  // dist/ is there: `npm test` builds first.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const version = await versionOf(join(root, "package.json"));
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: {
        "pulumi-cds-redis": `file:pulumi-cds-redis-${version}.tgz`,
        // `npm run test:matrix` runs tests with a newer SDK.
        "@pulumi/pulumi":
          process.env["CDS_TEST_PULUMI"] ??
          (await versionOf(join(root, "node_modules/@pulumi/pulumi/package.json"))),
        typescript: await versionOf(join(root, "node_modules/typescript/package.json")),
        "@types/node": await versionOf(join(root, "node_modules/@types/node/package.json")),
      },
    }),
  );
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
  await mkdir(join(folder, "projects"));
  process.env[INSTALLED] = folder;
}

async function versionOf(manifest: string): Promise<string> {
  const { version } = (await import(manifest)) as { version: string };
  return version;
}
