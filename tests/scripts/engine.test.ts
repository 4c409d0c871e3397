// The order of the ways and what each leaves behind. `pulumi`, `npx` and `go` are shell scripts in a folder that is all
// of PATH, so nothing here reaches the network.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { ensureEngine } from "../../scripts/engine.mts";
import { engineVersion, isOlder } from "../../scripts/engine/installed.mts";

const script = join(__dirname, "../../scripts/engine.mts");
const programs = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

let root: string;
/** All of PATH. */
let path: string;
let versions: string;
let bin: string;

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "engine-test-")));
  path = join(root, "path");
  versions = join(root, "home", "versions");
  bin = join(versions, engineVersion, "bin");
  fs.mkdirSync(path);
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function start(...companions: string[]) {
  const child = spawn(process.execPath, [script, ...companions], {
    env: { PATH: path, PULUMI_HOME: dirname(versions), HOME: root, ROOT: root },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const ended = output.then(([stdout, stderr]): Ending => {
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  });
  return { child, ended };
}

const run = (...companions: string[]): Promise<Ending> => start(...companions).ended;

function write(file: string, ...lines: string[]): void {
  fs.mkdirSync(dirname(file), { recursive: true });
  const body = ["#!/bin/sh", "PATH=/usr/bin:/bin", ...lines, ""];
  fs.writeFileSync(file, body.join("\n"), { mode: 0o755 });
}

/** A folder with the three programs of an engine that answers with this version. */
function writeEngine(folder: string, version: string): void {
  for (const name of programs) write(join(folder, name), `echo v${version}`);
}

/** A `go` that logs its arguments and makes an engine of the given version; `build` runs first in its build. */
function writeGo({ makes = engineVersion, build = ":", version = "go1.26.0" } = {}): void {
  write(
    join(path, "go"),
    `echo "$@" >> "$ROOT/go.log"`,
    `if [ "$1" = env ]; then echo ${version}; exit; fi`,
    `if [ "$1 $3" = "list -m" ]; then echo "$ROOT/sdk"; exit; fi`,
    `if [ "$1" != build ]; then exit; fi`,
    build,
    `while [ "$1" != -o ]; do shift; done`,
    `printf '#!/bin/sh\\necho ${makes}\\n' > "$2"`,
    `chmod 755 "$2"`,
  );
  write(join(root, "sdk/nodejs/dist/pulumi-resource-pulumi-nodejs"));
  write(join(root, "sdk/python/cmd/pulumi-language-python-exec"));
}

const readGoLog = (): string => fs.readFileSync(join(root, "go.log"), "utf8");

describe("an engine that is there", () => {
  test("on PATH, and recent enough", async () => {
    writeEngine(path, "3.1000.0");
    writeEngine(bin, engineVersion);
    expect(await run()).toMatchObject({ code: 0, stdout: `${path}\n` });
  });

  test("on PATH by a link: the folder that holds all the programs", async () => {
    writeEngine(join(root, "installed"), engineVersion);
    fs.symlinkSync(join(root, "installed/pulumi"), join(path, "pulumi"));
    expect(await run()).toMatchObject({ code: 0, stdout: `${join(root, "installed")}\n` });
  });

  const unfit: [string, () => void, RegExp][] = [
    [
      "too old",
      () => {
        writeEngine(path, "3.99.0");
      },
      /pulumi is 3\.99\.0, older than 3\.\d+\.0: not used/,
    ],
    [
      "without the language host",
      () => {
        writeEngine(path, engineVersion);
        fs.rmSync(join(path, "pulumi-language-nodejs"));
      },
      /has no pulumi-language-nodejs beside it or on PATH: not used/,
    ],
    [
      "broken",
      () => {
        write(join(path, "pulumi"), "exit 1");
      },
      /doesn't answer "pulumi version": not used/,
    ],
  ];
  test.each(unfit)("on PATH, but %s: the cache is used instead", async (_, prepare, message) => {
    prepare();
    writeEngine(bin, engineVersion);
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${bin}\n` });
    expect(stderr).toMatch(message);
  });

  test("in the cache: nothing else is started", async () => {
    writeEngine(bin, engineVersion);
    writeGo();
    write(join(path, "npx"), `touch "$ROOT/npx-ran"`);
    expect(await run()).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(fs.readdirSync(root).sort()).toEqual(["home", "path", "sdk"]);
  });
});

describe("the set-up", () => {
  test("downloads by the npm launcher, and does not build then", async () => {
    const lines = programs.map(
      (name) =>
        `d="$PULUMI_HOME/versions/${engineVersion}/bin"; mkdir -p "$d"; f="$d/${name}"; printf '#!/bin/sh\\necho ${engineVersion}\\n' > "$f"; chmod 755 "$f"`,
    );
    write(join(path, "npx"), `echo "$@" > "$ROOT/npx.log"`, ...lines);
    writeGo();
    expect(await run()).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(fs.readFileSync(join(root, "npx.log"), "utf8")).toBe(
      `--yes pulumi@${engineVersion} version\n`,
    );
    expect(fs.existsSync(join(root, "go.log"))).toBe(false);
    expect(fs.readdirSync(versions)).toEqual([engineVersion]);
  });

  test("builds when the download fails; a second run only finds", async () => {
    write(join(path, "npx"), "echo 'fetch failed' >&2", "exit 1");
    writeGo();
    const first = await run();
    expect(first).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(first.stderr).toMatch(/download is not possible: npx failed:\s+fetch failed/);
    expect(fs.readdirSync(versions)).toEqual([engineVersion]);
    expect(fs.readdirSync(bin).sort()).toEqual(programs);
    const log = readGoLog();
    expect(await run()).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(readGoLog()).toBe(log);
  });

  test("replaces an incomplete engine that another tool left", async () => {
    write(join(bin, "pulumi"), "exit 1");
    writeGo();
    expect(await run()).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(fs.readdirSync(bin).sort()).toEqual(programs);
  });

  const failures: [string, () => void, RegExp][] = [
    ["neither npx nor go", () => undefined, /npx isn't on PATH[^]*go isn't on PATH/],
    [
      "a go that is too old",
      () => {
        writeGo({ version: "go1.20.1" });
      },
      /go on PATH is 1\.20\.1, older than 1\.\d+/,
    ],
    [
      "a build that fails",
      () => {
        writeGo({ build: "echo 'no space left' >&2; exit 1" });
      },
      /go failed:\s+no space left/,
    ],
    [
      "a build of something else",
      () => {
        writeGo({ makes: "3.1.0" });
      },
      /not a complete Pulumi engine/,
    ],
  ];
  test.each(failures)("%s: a clear error, and nothing left behind", async (_, prepare, reason) => {
    prepare();
    const { code, stdout, stderr } = await run();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(reason);
    expect(stderr).toContain("https://www.pulumi.com/docs/install/");
    expect(stderr).not.toMatch(/^ +at /m);
    expect(fs.readdirSync(versions)).toEqual([]);
  });

  test.each(["INT", "TERM"] as const)(
    "SIG%s: ends the build and leaves nothing behind",
    async (name) => {
      // The build itself sends the signal, so that it comes in the middle.
      writeGo({ build: `echo $$ > "$ROOT/pid"; kill -${name} $PPID; exec sleep 600` });
      expect(await run()).toMatchObject({ code: null, signal: `SIG${name}`, stdout: "" });
      expect(fs.readdirSync(versions)).toEqual([]);
      const pid = Number(fs.readFileSync(join(root, "pid"), "utf8"));
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    },
  );
});

describe("other runs", () => {
  const stagingOf = (pid: number): string => join(versions, `.${engineVersion}-${pid}-tmp`);

  test("what killed ones left is removed", async () => {
    const ended = stagingOf(spawnSync(process.execPath, ["--version"]).pid);
    const idOfAnotherProgram = stagingOf(process.pid);
    for (const folder of [ended, idOfAnotherProgram]) fs.mkdirSync(folder, { recursive: true });
    fs.utimesSync(idOfAnotherProgram, 0, 0);
    writeGo();
    expect(await run()).toMatchObject({ code: 0, stdout: `${bin}\n` });
    expect(fs.readdirSync(versions)).toEqual([engineVersion]);
  });

  test("one at work is waited for, and its engine used", async () => {
    fs.mkdirSync(stagingOf(process.pid), { recursive: true });
    const { child, ended } = start();
    let seen = "";
    child.stderr.on("data", (data: Buffer) => {
      seen += data.toString();
      if (!seen.includes("waiting for it") || fs.existsSync(bin)) return;
      writeEngine(bin, engineVersion);
      fs.rmdirSync(stagingOf(process.pid));
    });
    expect(await ended).toMatchObject({ code: 0, stdout: `${bin}\n` });
  });

  test("calls of one process share a set-up, and may have their own log", async () => {
    writeGo();
    const restore = { ...process.env };
    Object.assign(process.env, { PATH: path, PULUMI_HOME: dirname(versions), ROOT: root });
    try {
      const lines: string[] = [];
      const log = (line: string) => lines.push(line);
      expect(await Promise.all([ensureEngine({ log }), ensureEngine({ log })])).toEqual([bin, bin]);
      expect(lines.filter((line) => line.startsWith("Compiling pulumi "))).toHaveLength(1);
    } finally {
      process.env = restore;
    }
  });

  test("two at once end well", async () => {
    writeGo();
    for (const ending of await Promise.all([run(), run()])) {
      expect(ending).toMatchObject({ code: 0, stdout: `${bin}\n` });
    }
    expect(fs.readdirSync(versions)).toEqual([engineVersion]);
  });
});

describe("programs that a compiled engine lacks", () => {
  const folders = {
    yaml: "pulumi-yaml-1.25.0",
    python: "pulumi-python-3.68.0",
    sdk: `pulumi-sdk-${engineVersion}`,
  };
  const binOf = (companion: keyof typeof folders): string =>
    join(versions, folders[companion], "bin");
  const pathOf = (...places: string[]): string => `${places.join(":")}\n`;

  beforeEach(() => {
    writeEngine(path, engineVersion);
  });

  test("beside the engine are used, and nothing is built", async () => {
    for (const name of ["yaml", "python", "python-exec", "go"])
      write(join(path, `pulumi-language-${name}`));
    writeGo();
    expect(await run("yaml", "python", "sdk")).toMatchObject({ code: 0, stdout: pathOf(path) });
    expect(fs.existsSync(versions)).toBe(false);
  });

  test("are built when they are asked for, in folders of their own; a second run only finds", async () => {
    writeGo();
    const first = await run("yaml", "python", "sdk");
    const stdout = pathOf(path, binOf("yaml"), binOf("python"), binOf("sdk"));
    expect(first).toMatchObject({ code: 0, stdout });
    expect(first.stderr).toContain("Compiling the language host for YAML");
    expect(fs.readdirSync(versions).sort()).toEqual(Object.values(folders).sort());
    expect(fs.readdirSync(binOf("yaml"))).toEqual(["pulumi-language-yaml"]);
    expect(fs.readdirSync(binOf("python")).sort()).toEqual([
      "pulumi-language-python",
      "pulumi-language-python-exec",
    ]);
    expect(fs.readdirSync(binOf("sdk")).sort()).toEqual([
      "pulumi-language-go",
      "pulumi-language-nodejs",
      "pulumi-language-python",
    ]);
    const log = readGoLog();
    expect(await run("yaml", "python", "sdk")).toMatchObject({ code: 0, stdout });
    expect(readGoLog()).toBe(log);
  });

  test("without go: a clear error, and nothing left behind", async () => {
    const { code, stdout, stderr } = await run("yaml");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /language host for YAML 1\.25\.0 could not be set up\.\s.*go isn't on PATH/,
    );
    expect(fs.readdirSync(versions)).toEqual([]);
  });

  test("that nobody knows are an error before anything is set up", async () => {
    const { code, stderr } = await run("cobol");
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'There is no "cobol" to set up.\n' });
    expect(fs.existsSync(versions)).toBe(false);
  });

  test("SIGINT: ends the build and leaves nothing behind", async () => {
    writeGo({ build: `kill -INT $PPID; exec sleep 600` });
    expect(await run("python")).toMatchObject({ code: null, signal: "SIGINT", stdout: "" });
    expect(fs.readdirSync(versions)).toEqual([]);
  });

  test("two runs at once end well, and do not wait for a run that makes an engine", async () => {
    writeGo();
    const other = join(versions, `.${engineVersion}-${process.pid}-tmp`);
    fs.mkdirSync(other, { recursive: true });
    for (const ending of await Promise.all([run("yaml"), run("yaml")]))
      expect(ending).toMatchObject({ code: 0, stdout: pathOf(path, binOf("yaml")) });
    fs.rmdirSync(other);
    expect(fs.readdirSync(versions)).toEqual([folders.yaml]);
  });
});

test.each([
  ["3.99.0", "3.259.0", true],
  ["3.259.0", "3.259.0", false],
  ["3.1000.0", "3.259.0", false],
  ["4.0.0", "3.259.0", false],
])("isOlder(%s, %s) is %s", (a, b, expected) => {
  expect(isOlder(a, b)).toBe(expected);
});
