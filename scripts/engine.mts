/**
 * Sets the Pulumi engine up: `node scripts/engine.mts` prints the folder to put on PATH. It tries, in this order, an
 * engine on PATH that is recent enough, an engine in `<PULUMI_HOME or ~/.pulumi>/versions` (left by an earlier run, the
 * npm package `pulumi` or the Automation API), a download, and a build from Go modules.
 *
 * `node scripts/engine.mts yaml python sdk` adds the folders of the language hosts for YAML and Python programs and of the
 * SDK generator, in the form of PATH.
 */
import { realpathSync } from "node:fs";
import { delimiter } from "node:path";
import { buildEngine } from "./engine/build.mts";
import {
  companionRecipe,
  hasCompanion,
  isCompanion,
  type Companion,
} from "./engine/companions.mts";
import { downloadEngine } from "./engine/download.mts";
import { engineVersion, findOnPath, findVersionsFolder, isComplete } from "./engine/installed.mts";
import { ensureProduct, type Recipe } from "./engine/setUp.mts";
import { createProgress } from "./engine/step.mts";

export interface EngineOptions {
  /** Gets each line of progress. Default: stderr. */
  log?: (line: string) => void;
}

const engineRecipe: Recipe = {
  name: `Pulumi engine ${engineVersion}`,
  folder: engineVersion,
  isComplete,
  ways: [
    { name: "download", make: downloadEngine },
    { name: "build from Go modules", make: buildEngine },
  ],
  remedies: [
    "install Pulumi (https://www.pulumi.com/docs/install/) and have it on PATH,",
    "let this machine reach the npm registry and get.pulumi.com (HTTPS_PROXY is used),",
    "or have Go (https://go.dev/doc/install) on PATH, and a Go module proxy in reach.",
  ],
};

/**
 * Returns the folder to put first on PATH: it holds `pulumi`, `pulumi-language-nodejs` and
 * `pulumi-resource-pulumi-nodejs`. The first call on a machine takes minutes, later calls less than a second.
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<string> {
  const progress = createProgress(options.log);
  const onPath = await findOnPath();
  for (const reason of onPath.refused) progress.say(`${reason}: not used.`);
  if (onPath.folder !== undefined) {
    progress.say(`Using Pulumi ${onPath.version ?? ""} on PATH: ${onPath.folder}`);
    return onPath.folder;
  }
  return ensureProduct(engineRecipe, findVersionsFolder(), progress);
}

/**
 * Returns the folder to put on PATH beside the engine's for a program that a compiled engine lacks. That is the
 * engine's own folder where a download brought the program. Elsewhere the first call on a machine takes minutes.
 */
export async function ensureCompanion(
  companion: Companion,
  engine: string,
  options: EngineOptions = {},
): Promise<string> {
  if (hasCompanion(engine, companion)) return engine;
  const progress = createProgress(options.log);
  return ensureProduct(companionRecipe(companion), findVersionsFolder(), progress);
}

async function main(): Promise<void> {
  try {
    const words = process.argv.slice(2);
    const unknown = words.find((word) => !isCompanion(word));
    if (unknown !== undefined) throw new Error(`There is no "${unknown}" to set up.`);
    const engine = await ensureEngine();
    const folders = new Set([engine]);
    for (const word of words.filter(isCompanion)) folders.add(await ensureCompanion(word, engine));
    console.log([...folders].join(delimiter));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

// Older versions of Node do not know `import.meta.main`: with it the command would silently do nothing.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  void main();
}
