import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

import { COMPILE_MS, stepBack } from "./companions";
import { addFolder, exampleProject } from "./exampleProject";

const run = promisify(execFile);
const hasGo = spawnSync("go", ["version"]).status === 0;
const goTest = hasGo ? test : test.skip;
const reason = hasGo ? "" : " (skipped: it needs go)";

/** Settings of the engine's set-up: what it compiled is not compiled again. */
const SETTINGS = { CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=mod -trimpath" };

goTest(
  `pulumi package add takes the folder of the npm package, and the Go program fits its SDK${reason}`,
  async () => {
    const project = await exampleProject("go");
    try {
      await addFolder(project);
      expect(await project.read("Pulumi.yaml")).toContain("./node_modules/pulumi-cds-redis/plugin");
      const env = { ...process.env, ...SETTINGS };
      const vet = run("go", ["vet", "."], { cwd: project.folder, env });
      stepBack(vet.child);
      await vet;
    } finally {
      await project.remove();
    }
  },
  COMPILE_MS,
);
