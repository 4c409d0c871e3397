import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const EXECUTABLE = resolve(__dirname, "../../../plugin/pulumi-resource-cds-redis");
const unixTest = process.platform === "win32" ? test.skip : test;

unixTest("without Node.js on PATH the plugin says so in one line", () => {
  const folder = mkdtempSync(join(tmpdir(), "cds-redis-path-"));
  try {
    symlinkSync("/bin/sh", join(folder, "sh"));
    const { status, stderr } = spawnSync(EXECUTABLE, [], {
      env: { PATH: folder },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toBe(
      "pulumi-resource-cds-redis needs Node.js 22 or newer on PATH, and there is none.\n",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
