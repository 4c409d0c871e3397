// The language hosts that a download of the engine brings and a build of it lacks. Only some tests need them.
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { languageHostModule, languageHostVersion, sdk } from "./build.mts";
import { GoBuild, type GoModule } from "./goModule.mts";
import { isExecutable } from "./installed.mts";
import type { Recipe } from "./setUp.mts";
import type { Run } from "./step.mts";

/** The languages, beside that of Node, whose hosts are in released Go modules. */
export type Language = "yaml" | "python";

interface LanguageHost {
  version: string;
  module: GoModule;
  /** Where the SDK's module has the script that belongs beside the host. */
  script?: string;
  /** How long the compiler takes on two free cores. */
  duration: string;
}

const yaml = "github.com/pulumi/pulumi-yaml";
const yamlVersion = "1.25.0";

const hosts: Readonly<Record<Language, LanguageHost>> = {
  yaml: {
    version: yamlVersion,
    module: {
      name: "yaml-host",
      requires: [`require ${yaml} v${yamlVersion}`],
      main: `${yaml}/cmd/pulumi-language-yaml`,
      version: [`${yaml}/pkg/version.Version`, `v${yamlVersion}`],
    },
    duration: "2 minutes",
  },
  python: {
    version: languageHostVersion,
    module: languageHostModule("python"),
    script: "python/cmd/pulumi-language-python-exec",
    duration: "a minute",
  },
};

export function isLanguage(word: string): word is Language {
  return Object.hasOwn(hosts, word);
}

/** Whether the folder holds all programs of the language host. */
export function hasLanguageHost(folder: string, language: Language): boolean {
  return programsOf(language).every((name) => isExecutable(join(folder, name)));
}

/** How to make the language host in a folder of its own: the engine's folder may be another tool's. */
export function languageHostRecipe(language: Language): Recipe {
  return {
    name: `language host for ${language} ${hosts[language].version}`,
    folder: folderOf(language),
    isComplete: (bin) => hasLanguageHost(bin, language),
    ways: [
      {
        name: "build from Go modules",
        make: (home, run) => buildLanguageHost(language, home, run),
      },
    ],
    remedies: [
      "install Pulumi (https://www.pulumi.com/docs/install/), which brings it, and have it on PATH,",
      "or have Go (https://go.dev/doc/install) on PATH, and a Go module proxy in reach.",
    ],
  };
}

/** Compiles the language host into `<home>/versions/<folder>/bin`. */
async function buildLanguageHost(language: Language, home: string, run: Run): Promise<void> {
  const { module, script, duration } = hosts[language];
  const bin = join(home, "versions", folderOf(language), "bin");
  mkdirSync(bin, { recursive: true });
  const build = new GoBuild(module, home, run);
  await build.checkGo();
  run.progress.say(`Downloading the Go modules of ${hostOf(language)}.`);
  await build.download();
  run.progress.say(`Compiling ${hostOf(language)} (${duration} on two free cores).`);
  await build.compile(join(bin, hostOf(language)));
  if (script === undefined) return;
  const copy = join(bin, basename(script));
  copyFileSync(join(await build.folderOf(sdk), script), copy);
  chmodSync(copy, 0o755);
}

function hostOf(language: Language): string {
  return `pulumi-language-${language}`;
}

function folderOf(language: Language): string {
  return `${hostOf(language)}-${hosts[language].version}`;
}

function programsOf(language: Language): string[] {
  const { script } = hosts[language];
  const host = hostOf(language) + (process.platform === "win32" ? ".exe" : "");
  return script === undefined ? [host] : [host, basename(script)];
}
