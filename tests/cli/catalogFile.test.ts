import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generateCatalog } from "../../sdk/generate";
import { parseAnswers } from "../../sdk/recorded";
import { wireAnswers } from "../sdk/vendorAnswers";
import { ENV, runCatalog } from "./runCatalog";
import type { Run } from "./captured";

const [OLD, NEW] = [
  wireAnswers({ A: [{ sizes: [[8, 1]] }], B: [{ sizes: [[8, 1]] }] }),
  wireAnswers({ A: [{ sizes: [[12, 2]] }], B: [{ sizes: [[8, 1]] }] }),
];
const OLD_TEXT = generateCatalog(parseAnswers(OLD)).text;
const NEW_TEXT = generateCatalog(parseAnswers(NEW)).text;

let folder: string;
let out: string;
let json: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-cli-"));
  mkdirSync(join(folder, "src"));
  out = join(folder, "src/catalog.gen.ts");
  json = join(folder, "catalog.json");
  writeFileSync(json, JSON.stringify(NEW));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs without a key, since recorded answers need none. */
const run = (...flags: string[]): Promise<Run> =>
  runCatalog(["--out", out, "--from", json, ...flags], {});

const files = (): string[] => readdirSync(join(folder, "src"));

describe("recorded answers", () => {
  test("are written without a key", async () => {
    expect(await run()).toEqual({
      exitCode: 0,
      out: `wrote ${out}: 2 sizes in 2 regions\n`,
      err: "",
    });
    expect([readFileSync(out, "utf8"), files()]).toEqual([NEW_TEXT, ["catalog.gen.ts"]]);
  });

  test("are used for the named regions only", async () => {
    expect((await run("--region", "B")).out).toContain("1 size in 1 region\n");
    expect((await run("--region", "C")).err).toBe(
      'error: not for sale, withdrawn or misspelt: "C". For sale: A, B.\n',
    );
  });

  test("with several goods for one size give a remark", async () => {
    writeFileSync(json, JSON.stringify(wireAnswers({ A: [{ sizes: [[8, 2, 1]] }] })));
    const { exitCode, err } = await run();
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^note: A: 5\.0 cluster high-io 8 GB is sold as 1 and 2; [^\n]*\n$/);
  });

  test.each([
    ["no JSON", "canary: [", "is not JSON"],
    ["an empty file", "", "is not JSON"],
    ["another JSON file", '{"name":"canary"}', "regions: "],
    ["an empty catalogue", '{"regions":[],"configurations":{}}', "the catalogue is empty"],
  ])("that are %s are refused", async (_what, text, reason) => {
    writeFileSync(json, text);
    writeFileSync(out, OLD_TEXT);
    const { exitCode, out: said, err } = await run();
    expect([exitCode, said, readFileSync(out, "utf8")]).toEqual([2, "", OLD_TEXT]);
    expect(err).toContain(reason);
    expect(err).toMatch(/^error: [^\n]*\n$/);
  });

  test.each([
    ["missing", "nothing.json", "there is no such file"],
    ["a folder", "src", "EISDIR"],
  ])("in a file that is %s are refused", async (_what, name, reason) => {
    const { exitCode, err } = await run("--from", join(folder, name));
    expect([exitCode, files()]).toEqual([2, []]);
    expect(err).toContain(`${name} can't be read: ${reason}`);
  });
});

describe("an existing file", () => {
  test("is replaced, and the command says what changed", async () => {
    writeFileSync(out, OLD_TEXT);
    expect((await run()).out).toBe(
      "new size in A: 5.0 cluster high-io 12 GB\n" +
        "withdrawn size in A: 5.0 cluster high-io 8 GB\n" +
        `wrote ${out}: 2 sizes in 2 regions\n`,
    );
    expect(readFileSync(out, "utf8")).toBe(NEW_TEXT);
  });

  test("that the command did not write is kept without --force", async () => {
    writeFileSync(out, "export const mine = 1;\n");
    const { exitCode, err } = await run();
    expect([exitCode, readFileSync(out, "utf8")]).toEqual([2, "export const mine = 1;\n"]);
    expect(err).toBe(
      `error: ${out} exists and is not a generated catalogue. Name another file with --out, or overwrite it with --force.\n`,
    );
    expect(await run("--force")).toMatchObject({ exitCode: 0 });
    expect(readFileSync(out, "utf8")).toBe(NEW_TEXT);
  });

  test("that the command wrote is written again after a merge conflict damaged it", async () => {
    writeFileSync(out, OLD_TEXT.replace("    A: {", "<<<<<<< HEAD\n    A: {"));
    expect(await run()).toMatchObject({ exitCode: 0 });
    expect(readFileSync(out, "utf8")).toBe(NEW_TEXT);
  });

  test("can be read by whoever the umask lets", async () => {
    const umask = process.umask(0o022);
    try {
      expect(await run()).toMatchObject({ exitCode: 0 });
      expect(statSync(out).mode & 0o777).toBe(0o644);
    } finally {
      process.umask(umask);
    }
  });

  test("that is a link stays a link", async () => {
    const target = join(folder, "linked.ts");
    writeFileSync(target, OLD_TEXT);
    symlinkSync(target, out);
    expect(await run()).toMatchObject({ exitCode: 0 });
    expect([lstatSync(out).isSymbolicLink(), readFileSync(target, "utf8")]).toEqual([
      true,
      NEW_TEXT,
    ]);
  });

  const failure = (): never => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  test.each<[string, () => void]>([
    ["the disk is full", () => void jest.spyOn(promises, "rename").mockImplementation(failure)],
    [
      "half of it is written",
      () => {
        const { writeFile } = promises;
        jest.spyOn(promises, "writeFile").mockImplementationOnce(async (path, text, options) => {
          await writeFile(path, (text as string).slice(0, 100), options);
          failure();
        });
      },
    ],
  ])("stays as it was when %s", async (_what, breakIt) => {
    writeFileSync(out, OLD_TEXT);
    breakIt();
    const { exitCode, out: said, err } = await run();
    expect([exitCode, said]).toEqual([2, ""]);
    expect(err).toContain("can't be written: ENOSPC: no space left on device");
    expect([readFileSync(out, "utf8"), files()]).toEqual([OLD_TEXT, ["catalog.gen.ts"]]);
  });

  test.each([
    ["a folder that is missing", "nowhere/catalog.gen.ts", "there is no folder"],
    ["a file for a folder", "catalog.json/catalog.gen.ts", "there is no folder"],
    ["a folder for the file", "src/folder.ts", "can't be read: EISDIR"],
    ["another kind of file", "src/catalog.json", "It must be a .ts file"],
  ])("cannot be %s", async (_what, name, reason) => {
    mkdirSync(join(folder, "src/folder.ts"));
    const { exitCode, err } = await run("--out", join(folder, name));
    expect(exitCode).toBe(2);
    expect(err).toContain(reason);
  });
});

describe("--check", () => {
  test.each<[string, string | undefined, string]>([
    ["is missing", undefined, "FILE does not exist. Run the same command without --check"],
    ["is not generated", "export {};\n", "FILE is not a generated catalogue"],
    ["is damaged", OLD_TEXT.replace("A: {", ""), "FILE holds no readable catalogue"],
  ])("of a file that %s says how to write it", async (_what, text, reason) => {
    if (text !== undefined) writeFileSync(out, text);
    const { exitCode, err } = await run("--check");
    expect(exitCode).toBe(2);
    expect(err).toContain(`error: ${reason.replace("FILE", out)}`);
    expect(err).toContain("without --check");
  });

  test("writes nothing, stale or not", async () => {
    writeFileSync(out, OLD_TEXT);
    expect(await run("--check")).toMatchObject({ exitCode: 1 });
    writeFileSync(json, JSON.stringify(OLD));
    expect(await run("--check")).toMatchObject({ exitCode: 0, err: "" });
    expect([readFileSync(out, "utf8"), files()]).toEqual([OLD_TEXT, ["catalog.gen.ts"]]);
  });
});

describe("--json", () => {
  const size = (regionId: string, ramGb: number): object => ({
    ...{ regionId, version: "5.0", architecture: "cluster", computeRole: "high-io", ramGb },
  });
  const CHANGED = {
    added: [size("A", 12)],
    withdrawn: [size("A", 8)],
    changes: [
      "new size in A: 5.0 cluster high-io 12 GB",
      "withdrawn size in A: 5.0 cluster high-io 8 GB",
    ],
  };
  const fields = (result: string): object => ({
    ...{ file: out, result, sizes: 2, remarks: [] },
    regions: [
      { regionId: "A", sizes: 1 },
      { regionId: "B", sizes: 1 },
    ],
    ...{ added: [], withdrawn: [], changes: [] },
  });

  test("tells what was written and what changed", async () => {
    const first = await run("--json");
    expect([first.exitCode, JSON.parse(first.out), first.err]).toEqual([0, fields("written"), ""]);
    expect(JSON.parse((await run("--json")).out)).toEqual(fields("up-to-date"));
    writeFileSync(out, OLD_TEXT);
    const changed = await run("--json");
    expect(JSON.parse(changed.out)).toEqual({ ...fields("written"), ...CHANGED });
  });

  test("with --check is written where the module is stale, too", async () => {
    writeFileSync(out, OLD_TEXT);
    const { exitCode, out: said, err } = await run("--json", "--check");
    expect([exitCode, JSON.parse(said)]).toEqual([1, { ...fields("stale"), ...CHANGED }]);
    expect(err).toMatch(/^error: .* is stale: 2 changes\./);
    expect(readFileSync(out, "utf8")).toBe(OLD_TEXT);
  });
});

describe("wrong use is refused before the vendor is asked, in the command's own words", () => {
  test.each<[string[], Readonly<Record<string, string>>, string]>([
    [[], {}, "no access key: set CDS_SECRET_ID."],
    [[], { CDS_SECRET_ID: "x" }, "no access key secret: set CDS_SECRET_KEY."],
    [
      ["--endpoint", "mars"],
      ENV,
      '--endpoint is "mars": use one of china, asia, america, or a URL.',
    ],
    [["--endpoint", "http://example.com"], ENV, "--endpoint is http://example.com: use https://"],
    [["--endpoint", "https://canary:canary@example.com"], ENV, "--endpoint must be a bare URL"],
    [["--endpoint", "asia", "--from", "x.json"], ENV, "'--endpoint <name>' cannot be used with"],
    [["--force", "--check"], ENV, "'--force' cannot be used with option '--check'"],
    [["src/catalog.gen.ts"], ENV, "too many arguments"],
    [["--regions", "A"], ENV, "unknown option '--regions' (Did you mean --region?)"],
  ])("%j", async (flags, env, reason) => {
    const { exitCode, out: said, err } = await runCatalog(["--out", out, ...flags], env);
    expect([exitCode, said, files()]).toEqual([2, "", []]);
    expect(err).toContain(reason);
    expect(err).not.toContain("cds:");
  });

  test("--help explains the key, --force and the exit codes", async () => {
    const { exitCode, out: help } = await runCatalog(["--help"]);
    expect(exitCode).toBe(0);
    for (const word of ["CDS_SECRET_ID", "--force", "Exit codes", "--region CN_Hongkong_A"])
      expect(help).toContain(word);
  });
});
