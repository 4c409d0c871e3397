import { execFile, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { engineVersion } from "../../../scripts/engine/installed.mts";
import type { PulumiProject } from "../pulumiProject";
import { pathWith } from "./companions";
import { addPackage, exampleProject } from "./exampleProject";
import { testQuickStart } from "./quickStartLife";

jest.setTimeout(180_000);

/** Python as Pulumi's package needs it, with what makes a virtual environment: some systems leave these modules out. */
const CHECK = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
const hasPython = spawnSync("python3", ["-c", CHECK]).status === 0;

const run = promisify(execFile);

/** Installs Pulumi of the engine's version and the generated SDK in the project's virtual environment. */
async function install({ folder }: PulumiProject): Promise<void> {
  await run("python3", ["-m", "venv", "venv"], { cwd: folder });
  const packages = ["--requirement", "requirements.txt", `pulumi==${engineVersion}`];
  await run(
    "venv/bin/pip",
    ["install", "--no-input", "--disable-pip-version-check", ...packages, "./sdks/cds-redis"],
    { cwd: folder },
  );
}

const describePython = hasPython ? describe : describe.skip;
const reason = hasPython ? "" : " (skipped: it needs python3, 3.10 or newer, with venv and pip)";

describePython(`a Python program${reason}`, () => {
  testQuickStart(async () => {
    const path = await pathWith("python");
    const project = await exampleProject("python");
    await addPackage(project);
    await install(project);
    // The compiled language host does not look for the virtual environment.
    process.env["PATH"] = [join(project.folder, "venv/bin"), path].join(delimiter);
    return project;
  });
});
