import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { succeed } from "./command.mts";

export type Environment = Readonly<Record<string, string>>;

/** A package manager with the settings that decide where the packages are. */
export interface PackageManager {
  /** The npm package that brings it; npm itself is there. */
  readonly tool?: Tool;
  /** Files beside the package.json of the project or monorepo. */
  readonly files: (isMonorepo: boolean) => Environment;
  readonly install: (tool: string) => readonly string[];
  /** How a package of the same monorepo is named. */
  readonly workspace: "*" | "workspace:*";
  /** What stands before `pulumi` on the command line. */
  readonly run?: (tool: string) => readonly string[];
}

interface Tool {
  readonly packages: readonly string[];
  /** Path of its program below node_modules. */
  readonly program: string;
}

const PNPM: Tool = { packages: ["pnpm@12.21.0"], program: "pnpm/bin/pnpm.mjs" };
const YARN_CLASSIC: Tool = { packages: ["yarn@1.22.22"], program: "yarn/bin/yarn.js" };
const YARN: Tool = {
  packages: ["@yarnpkg/cli-dist@4.18.1"],
  program: "@yarnpkg/cli-dist/bin/yarn.js",
};
/** The package `bun` downloads its program in an install script; this package is that program. */
const BUN: Tool = {
  packages: [`@oven/bun-${process.platform}-${process.arch}@1.4.5`],
  program: `@oven/bun-${process.platform}-${process.arch}/bin/bun`,
};

const none = (): Environment => ({});

function npm(...options: string[]): PackageManager {
  return {
    files: none,
    install: () => ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...options],
    workspace: "*",
  };
}

function pnpm(...settings: string[]): PackageManager {
  return {
    tool: PNPM,
    files: (isMonorepo) => ({
      "pnpm-workspace.yaml": [
        ...(isMonorepo ? ["packages: [packages/*]"] : []),
        // pnpm ends with an error until the project has decided on each install script.
        "allowBuilds: { protobufjs: false }",
        ...settings,
        "",
      ].join("\n"),
    }),
    install: (tool) => [process.execPath, tool, "install", "--no-frozen-lockfile"],
    workspace: "workspace:*",
  };
}

function yarn(...settings: string[]): PackageManager {
  return {
    tool: YARN,
    files: () => ({
      ".yarnrc.yml": ["enableTelemetry: false", "enableScripts: false", ...settings, ""].join("\n"),
      // Without a lock file yarn would look for a project in the folders above.
      "yarn.lock": "",
    }),
    install: (tool) => [process.execPath, tool, "install", "--no-immutable"],
    workspace: "workspace:*",
  };
}

export const PACKAGE_MANAGERS = {
  npm: npm(),
  "npm-linked": npm("--install-strategy=linked"),
  pnpm: pnpm(),
  "pnpm-no-hoist": pnpm("hoist: false"),
  "yarn-classic": {
    tool: YARN_CLASSIC,
    files: none,
    // Yarn classic keeps tarballs by name and version, and would install that of an earlier run.
    install: (tool) => [
      ...[process.execPath, tool, "install", "--ignore-scripts", "--no-progress"],
      ...["--cache-folder", "../yarn-cache"],
    ],
    workspace: "*",
  },
  "yarn-node-modules": yarn("nodeLinker: node-modules"),
  "yarn-limits": yarn("nodeLinker: node-modules", "nmHoistingLimits: workspaces"),
  "yarn-pnp": {
    // With the loader for ES modules, the ts-node that Pulumi brings does not start.
    ...yarn("nodeLinker: pnp", "pnpEnableEsmLoader: false"),
    run: (tool) => [process.execPath, tool, "exec"],
  },
  bun: {
    tool: BUN,
    files: none,
    install: (tool) => [tool, "install"],
    workspace: "workspace:*",
  },
  "bun-isolated": {
    tool: BUN,
    files: none,
    install: (tool) => [tool, "install", "--linker", "isolated"],
    workspace: "workspace:*",
  },
} as const satisfies Record<string, PackageManager>;

export type PackageManagerName = keyof typeof PACKAGE_MANAGERS;

/** Where the package managers, compilers and Node versions stay between runs. */
export const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "pulumi-cds-redis-matrix",
);

/** Installs npm packages into a folder of the cache, once, and returns its node_modules. */
export async function ensurePackages(packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, packages.join("+").replaceAll("/", "-"));
  const modules = join(folder, "node_modules");
  const done = join(folder, "installed");
  if (existsSync(done)) return modules;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  await succeed(["npm", "install", ...quiet, ...packages], { cwd: folder });
  await writeFile(done, "");
  return modules;
}

/** Returns the path of a package manager's program, installed when it is first asked for. */
export async function ensureTool({ tool }: PackageManager): Promise<string> {
  return tool === undefined ? "npm" : join(await ensurePackages(tool.packages), tool.program);
}

/** The environment in which every package manager uses npm's registry, and caches of its own. */
export async function installEnvironment(): Promise<Environment> {
  const registry = (await succeed(["npm", "config", "get", "registry"], { cwd: CACHE })).trim();
  return {
    npm_config_registry: registry,
    pnpm_config_registry: registry,
    YARN_REGISTRY: registry,
    YARN_NPM_REGISTRY_SERVER: registry,
    BUN_CONFIG_REGISTRY: registry,
    YARN_CACHE_FOLDER: join(CACHE, "yarn"),
    YARN_GLOBAL_FOLDER: join(CACHE, "yarn-global"),
    BUN_INSTALL_CACHE_DIR: join(CACHE, "bun"),
    pnpm_config_store_dir: join(CACHE, "pnpm-store"),
  };
}
