// Compiles programs of released Go modules. Downloads use the user's own Go settings.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOlder } from "./installed.mts";
import { runStep, type Run } from "./step.mts";

/** The highest `go` line in the go.mod files of what is compiled: the engine's. */
const minimumGo = "1.25.11";

/** A module that is written only to compile a program of another module. */
export interface GoModule {
  /** Its name, and the name of its folder. */
  name: string;
  /** Lines of its go.mod. */
  requires: string[];
  /** A Go file of its own. */
  source?: string;
  /** The package to compile. */
  main: string;
  /** The variable that tells the program its version, and the version. */
  version: readonly [variable: string, value: string];
}

/** A module whose go.mod is written, to be compiled in the temporary home of a set-up. */
export class GoBuild {
  readonly #module: GoModule;
  readonly #home: string;
  readonly #run: Run;

  constructor(module: GoModule, home: string, run: Run) {
    this.#module = module;
    this.#home = home;
    this.#run = run;
    mkdirSync(this.#folder);
    // GOTMPDIR must exist.
    mkdirSync(this.#temporary, { recursive: true });
    const lines = [`module ${module.name}`, `go ${minimumGo}`, ...module.requires];
    writeFileSync(join(this.#folder, "go.mod"), `${lines.join("\n\n")}\n`);
    if (module.source !== undefined) copyFileSync(module.source, join(this.#folder, "main.go"));
  }

  /** Throws where Go is missing or too old, or a program compiled here would not be found. */
  async checkGo(): Promise<void> {
    if (process.platform === "win32") throw new Error("nothing can be compiled here on Windows");
    const version = (await this.#go("env", "GOVERSION")).trim().replace(/^go/, "");
    if (isOlder(version, minimumGo)) {
      throw new Error(`go on PATH is ${version}, older than ${minimumGo}`);
    }
  }

  /** Downloads all modules that the program needs. */
  async download(): Promise<void> {
    await this.#go("list", "-mod=mod", "-deps", this.#module.main);
  }

  async compile(output: string): Promise<void> {
    const linker = `-s -w -X ${this.#module.version.join("=")}`;
    const flags = ["-mod=mod", "-trimpath", `-ldflags=${linker}`, "-v", "-o", output];
    await this.#go("build", ...flags, this.#module.main);
  }

  /** Returns the folder that has the files of a required module. */
  async folderOf(required: string): Promise<string> {
    return (await this.#go("list", "-mod=mod", "-m", "-f", "{{.Dir}}", required)).trim();
  }

  get #folder(): string {
    return join(this.#home, this.#module.name);
  }

  get #temporary(): string {
    return join(this.#home, "tmp");
  }

  #go(...args: string[]): Promise<string> {
    return runStep(
      {
        command: "go",
        args,
        cwd: this.#folder,
        // GOTMPDIR: leftovers of an interrupted compiler are removed with the home. GOWORK: ignores a workspace above.
        env: { CGO_ENABLED: "0", GOWORK: "off", GOTMPDIR: this.#temporary },
      },
      this.#run,
    );
  }
}
