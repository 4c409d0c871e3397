// The second way, when the download is impossible: compiles the engine's released Go modules.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineVersion, isOlder } from "./installed.mts";
import { runStep, type Run } from "./step.mts";

/** From the `go` line of the engine's go.mod. */
const minimumGo = "1.25.11";
/** The last SDK release that holds the Node language host, which has no releases of its own. */
const languageHostVersion = "3.68.0";

const pulumi = "github.com/pulumi/pulumi";
const versionVariable = `${pulumi}/sdk/v3/go/common/version.Version`;

interface GoModule {
  folder: string;
  requires: string[];
  /** The package to compile. */
  main: string;
  version: string;
}

const engine: GoModule = {
  folder: "engine",
  requires: [
    `require ${pulumi}/pkg/v3 v${engineVersion}`,
    `require ${pulumi}/sdk/v3 v${engineVersion}`,
    // Repeats a replacement in the engine's go.mod: replacements of a required module do not count.
    "replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e",
  ],
  main: `${pulumi}/pkg/v3/cmd/pulumi`,
  version: engineVersion,
};
const languageHost: GoModule = {
  folder: "language-host",
  requires: [`require ${pulumi}/sdk/v3 v${languageHostVersion}`],
  main: `${pulumi}/sdk/v3/nodejs/cmd/pulumi-language-nodejs`,
  version: languageHostVersion,
};

/** Compiles the engine into `<home>/versions/<version>/bin`. Downloads use the user's own Go settings. */
export async function buildEngine(home: string, run: Run): Promise<void> {
  if (process.platform === "win32") throw new Error("the engine can't be compiled here on Windows");
  const bin = join(home, "versions", engineVersion, "bin");
  for (const module of [engine, languageHost]) writeModule(home, module);
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(home, "tmp"));
  const go = (module: GoModule, ...args: string[]) =>
    runStep(
      {
        command: "go",
        args,
        cwd: join(home, module.folder),
        // GOTMPDIR: leftovers of an interrupted compiler are removed with the home. GOWORK: ignores a workspace above.
        env: { CGO_ENABLED: "0", GOWORK: "off", GOTMPDIR: join(home, "tmp") },
      },
      run,
    );
  const compile = (module: GoModule, output: string) => {
    const linker = `-s -w -X ${versionVariable}=${module.version}`;
    const flags = ["-mod=mod", "-trimpath", `-ldflags=${linker}`, "-v", "-o", join(bin, output)];
    return go(module, "build", ...flags, module.main);
  };

  const goVersion = (await go(engine, "env", "GOVERSION")).trim().replace(/^go/, "");
  if (isOlder(goVersion, minimumGo)) {
    throw new Error(`go on PATH is ${goVersion}, older than ${minimumGo}`);
  }

  run.progress.say("Downloading the engine's Go modules (about a minute).");
  for (const module of [engine, languageHost]) {
    await go(module, "list", "-mod=mod", "-deps", module.main);
  }
  run.progress.say(`Compiling pulumi ${engineVersion} (4 to 6 minutes on two free cores).`);
  await compile(engine, "pulumi");
  run.progress.say("Compiling pulumi-language-nodejs (about a minute).");
  await compile(languageHost, "pulumi-language-nodejs");

  // The script is the same in all versions.
  const sdk = await go(engine, "list", "-mod=mod", "-m", "-f", "{{.Dir}}", `${pulumi}/sdk/v3`);
  const script = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(sdk.trim(), "nodejs", "dist", script), join(bin, script));
  chmodSync(join(bin, script), 0o755);
}

function writeModule(home: string, { folder, requires }: GoModule): void {
  mkdirSync(join(home, folder));
  const lines = [`module ${folder}`, `go ${minimumGo}`, ...requires];
  writeFileSync(join(home, folder, "go.mod"), `${lines.join("\n\n")}\n`);
}
