// The second way, when the download is impossible: compiles the engine's released Go modules.
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { GoBuild, type GoModule } from "./goModule.mts";
import { engineVersion } from "./installed.mts";
import type { Run } from "./step.mts";

const pulumi = "github.com/pulumi/pulumi";
export const sdk = `${pulumi}/sdk/v3`;

/** The last SDK release that holds the Node and Python language hosts, which have no releases of their own. */
export const languageHostVersion = "3.68.0";

/** The modules of the engine. */
export const engineRequires = [
  `require ${pulumi}/pkg/v3 v${engineVersion}`,
  `require ${sdk} v${engineVersion}`,
  // Repeats a replacement in the engine's go.mod: replacements of a required module do not count.
  "replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e",
];

const engineModule: GoModule = {
  name: "engine",
  requires: engineRequires,
  main: `${pulumi}/pkg/v3/cmd/pulumi`,
  version: [`${sdk}/go/common/version.Version`, engineVersion],
};

/** Returns the module of a language host that an SDK release holds. */
export function languageHostModule(language: "nodejs" | "python"): GoModule {
  return {
    name: "language-host",
    requires: [`require ${sdk} v${languageHostVersion}`],
    main: `${sdk}/${language}/cmd/pulumi-language-${language}`,
    version: [`${sdk}/go/common/version.Version`, languageHostVersion],
  };
}

/** Compiles the engine into `<home>/versions/<version>/bin`. */
export async function buildEngine(home: string, run: Run): Promise<void> {
  const bin = join(home, "versions", engineVersion, "bin");
  mkdirSync(bin, { recursive: true });
  const engine = new GoBuild(engineModule, home, run);
  const languageHost = new GoBuild(languageHostModule("nodejs"), home, run);
  await engine.checkGo();

  run.progress.say("Downloading the engine's Go modules (about a minute).");
  await engine.download();
  await languageHost.download();
  run.progress.say(`Compiling pulumi ${engineVersion} (4 to 6 minutes on two free cores).`);
  await engine.compile(join(bin, "pulumi"));
  run.progress.say("Compiling pulumi-language-nodejs (about a minute).");
  await languageHost.compile(join(bin, "pulumi-language-nodejs"));

  // The script is the same in all versions.
  const script = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(await engine.folderOf(sdk), "nodejs", "dist", script), join(bin, script));
  chmodSync(join(bin, script), 0o755);
}
