// Programs that a download of the engine brings and a build of it lacks. Only some tests need them.
import { chmodSync, copyFileSync, linkSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { engineRequires, languageHostModule, languageHostVersion, sdk } from "./build.mts";
import { GoBuild, type GoModule } from "./goModule.mts";
import { engineVersion, isExecutable } from "./installed.mts";
import type { Recipe } from "./setUp.mts";
import type { Run } from "./step.mts";

/** The language hosts for YAML and Python programs, and those that generate SDKs (`pulumi package gen-sdk`). */
export type Companion = "yaml" | "python" | "sdk";

interface Parts {
  /** As messages name it. */
  name: string;
  version: string;
  module: GoModule;
  /** The names of the compiled program. */
  programs: readonly [string, ...string[]];
  /** Where the SDK's module has the script that belongs beside the program. */
  script?: string;
  /** How long the compiler takes on two free cores. */
  duration: string;
}

const yaml = "github.com/pulumi/pulumi-yaml";
const yamlVersion = "1.25.0";

const companions: Readonly<Record<Companion, Parts>> = {
  yaml: {
    name: "language host for YAML",
    version: yamlVersion,
    module: {
      name: "yaml-host",
      requires: [`require ${yaml} v${yamlVersion}`],
      main: `${yaml}/cmd/pulumi-language-yaml`,
      version: [`${yaml}/pkg/version.Version`, `v${yamlVersion}`],
    },
    programs: ["pulumi-language-yaml"],
    duration: "1 to 2 minutes",
  },
  python: {
    name: "language host for Python",
    version: languageHostVersion,
    module: languageHostModule("python"),
    programs: ["pulumi-language-python"],
    script: "python/cmd/pulumi-language-python-exec",
    duration: "half a minute",
  },
  // The last released hosts of Go, Python and Node do not generate SDKs yet.
  sdk: {
    name: "SDK generator",
    version: engineVersion,
    module: {
      name: "sdk-generator",
      requires: engineRequires,
      source: join(import.meta.dirname, "sdkGenerator", "main.go"),
      main: ".",
      version: [`${sdk}/go/common/version.Version`, engineVersion],
    },
    programs: ["pulumi-language-go", "pulumi-language-python", "pulumi-language-nodejs"],
    duration: "a minute",
  },
};

export function isCompanion(word: string): word is Companion {
  return Object.hasOwn(companions, word);
}

/** Whether the folder holds all programs of the companion. */
export function hasCompanion(folder: string, companion: Companion): boolean {
  const { programs, script } = companions[companion];
  const suffix = process.platform === "win32" ? ".exe" : "";
  const files = programs.map((program) => program + suffix);
  if (script !== undefined) files.push(basename(script));
  return files.every((file) => isExecutable(join(folder, file)));
}

/** How to make the companion in a folder of its own: the engine's folder may be another tool's. */
export function companionRecipe(companion: Companion): Recipe {
  const { name, version } = companions[companion];
  return {
    name: `${name} ${version}`,
    folder: folderOf(companion),
    isComplete: (bin) => hasCompanion(bin, companion),
    ways: [
      { name: "build from Go modules", make: (home, run) => buildCompanion(companion, home, run) },
    ],
    remedies: [
      "install Pulumi (https://www.pulumi.com/docs/install/), which brings it, and have it on PATH,",
      "or have Go (https://go.dev/doc/install) on PATH, and a Go module proxy in reach.",
    ],
  };
}

/** Compiles the companion into `<home>/versions/<folder>/bin`. */
async function buildCompanion(companion: Companion, home: string, run: Run): Promise<void> {
  const { name, module, programs, script, duration } = companions[companion];
  const bin = join(home, "versions", folderOf(companion), "bin");
  mkdirSync(bin, { recursive: true });
  const build = new GoBuild(module, home, run);
  await build.checkGo();
  run.progress.say(`Downloading the Go modules of the ${name}.`);
  await build.download();
  run.progress.say(`Compiling the ${name} (${duration} on two free cores).`);
  const [first, ...others] = programs;
  await build.compile(join(bin, first));
  for (const other of others) linkSync(join(bin, first), join(bin, other));
  if (script === undefined) return;
  const copy = join(bin, basename(script));
  copyFileSync(join(await build.folderOf(sdk), script), copy);
  chmodSync(copy, 0o755);
}

function folderOf(companion: Companion): string {
  return `pulumi-${companion}-${companions[companion].version}`;
}
