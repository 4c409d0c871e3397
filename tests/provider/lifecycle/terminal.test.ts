import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const TERMINAL = resolve(__dirname, "../../../provider/lifecycle/terminal.ts");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-terminal-"));
  writeFileSync(
    join(folder, "host.cjs"),
    `console.log("it is " + require(${JSON.stringify(TERMINAL)}).hasTerminal(process.env));`,
  );
  // As the engine does: by a shell, with all that it says going to the engine.
  const cli = `#!/bin/sh\nsaid=$(sh -c '"${process.execPath}" host.cjs; true')\necho "$said"\n`;
  for (const name of ["pulumi", "other"]) writeFileSync(join(folder, name), cli, { mode: 0o755 });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a command line in a terminal of its own. */
function inTerminal(line: string, environment: Readonly<Record<string, string>> = {}): string {
  const options = {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...environment },
  } as const;
  return execFileSync("script", ["-qec", line, "/dev/null"], options);
}

/** A process of another system doesn't show what it writes to. */
const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("rows are drawn anew", () => {
  test.each([
    ["where the CLI writes to a terminal", "./pulumi", true],
    ["not where it writes to a pipe, though there is a terminal", "./pulumi | cat", false],
    ["not where it writes to a file", "./pulumi > out; cat out", false],
    ["not where it is told so", "./pulumi --non-interactive", false],
    ["not where there is no CLI", "./other", false],
  ])("%s", (_name, line, expected) => {
    expect(inTerminal(line)).toContain(`it is ${expected}`);
  });

  test("not in a CI's terminal", () => {
    expect(inTerminal("./pulumi", { CI: "true" })).toContain("it is false");
  });
});
