import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { emulatorCommand } from "../../cli/emulator";
import packageFile from "../../package.json";
import buildOptions from "../../tsconfig.build.json";

const root = join(__dirname, "../..");
const text = (file: string): string => readFileSync(join(root, file), "utf8");
const dockerfile = text("Dockerfile");
const compose = text("compose.yaml");

test("compose.yaml opens the emulator by options that it has; the image alone opens nothing", () => {
  const command = emulatorCommand({
    out: () => undefined,
    err: () => undefined,
    input: () => process.stdin,
    env: {},
    untilStopped: () => Promise.resolve(),
  });
  const given = [...compose.matchAll(/^ +- (--[\w-]+)/gm)].map(([, option]) => option);
  expect(given).toEqual(expect.arrayContaining(["--host", "--allow-remote"]));
  for (const option of given) {
    expect(command.options.map(({ long }) => long)).toContain(option);
  }
  expect(dockerfile).not.toMatch(/^(ENTRYPOINT|CMD).*--(host|allow-remote)/m);
});

test("the published port is this machine's alone, and the user is an ordinary one", () => {
  expect([...compose.matchAll(/^ +- "([\d.:]+)"$/gm)].map(([, port]) => port)).toEqual([
    "127.0.0.1:43017:43017",
  ]);
  expect(/^USER (\S+)$/m.exec(dockerfile)?.[1]).toBe("node");
  expect(compose).not.toMatch(/privileged: true|user: root/);
});

test("the image is built from all that the build reads, and runs what the package has", () => {
  const kept = [...text(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, path = ""]) => path);
  for (const path of kept) expect(existsSync(join(root, path))).toBe(true);
  const read = [...buildOptions.include, "scripts", "node", "package-lock.json", "tsconfig.json"];
  expect(kept).toEqual(expect.arrayContaining(read));
  const run = `/node_modules/${packageFile.name}/${packageFile.bin["cds-redis"]}`;
  expect(dockerfile).toContain(`"/emulator${run}", "emulator"`);
});
