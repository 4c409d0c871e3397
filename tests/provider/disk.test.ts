import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import type * as crypto from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import type * as promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { removeAbandonedFiles, writeFileAtomically } from "../../provider/disk";
import { compileCli } from "../compiledCli";

let folder: string;
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), "utf8");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-atomic-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("writeFileAtomically", () => {
  test("writes a file for its owner alone, and leaves nothing else", async () => {
    await writeFileAtomically(at("note.json"), "first");
    await writeFileAtomically(at("note.json"), "second");
    expect([read("note.json"), readdirSync(folder)]).toEqual(["second", ["note.json"]]);
    expect(statSync(at("note.json")).mode & 0o777).toBe(0o600);
  });

  test("gives another mode as far as the umask lets it", async () => {
    const umask = process.umask(0o022);
    try {
      await writeFileAtomically(at("module.ts"), "text", 0o666);
      expect(statSync(at("module.ts")).mode & 0o777).toBe(0o644);
    } finally {
      process.umask(umask);
    }
  });

  test("replaces a link at the path, and leaves what it leads to", async () => {
    writeFileSync(at("elsewhere"), "of somebody else");
    symlinkSync(at("elsewhere"), at("note.json"));
    await writeFileAtomically(at("note.json"), "ours");
    expect([read("note.json"), read("elsewhere")]).toEqual(["ours", "of somebody else"]);
    expect(lstatSync(at("note.json")).isSymbolicLink()).toBe(false);
  });

  test.each(["link", "file"])("never writes through a planted %s", async (kind) => {
    const random = Buffer.alloc(8, 7);
    jest
      .spyOn(jest.requireActual<typeof crypto>("node:crypto"), "randomBytes")
      .mockImplementation(() => random);
    const temporary = `note.json.${random.toString("hex")}.tmp`;
    writeFileSync(at("elsewhere"), "of somebody else");
    if (kind === "link") symlinkSync(at("elsewhere"), at(temporary));
    else writeFileSync(at(temporary), "of somebody else");
    const written = writeFileAtomically(at("note.json"), "ours");
    await expect(written).rejects.toMatchObject({ code: "EEXIST" });
    expect([read("elsewhere"), read(temporary)]).toEqual(["of somebody else", "of somebody else"]);
    expect(readdirSync(folder).sort()).toEqual(["elsewhere", temporary].sort());
  });

  test("keeps the old text and leaves nothing behind when it fails", async () => {
    mkdirSync(at("taken"));
    await expect(writeFileAtomically(at("taken"), "x")).rejects.toMatchObject({ code: "EISDIR" });
    await expect(writeFileAtomically(at("none/note"), "x")).rejects.toMatchObject({
      code: "ENOENT",
    });
    writeFileSync(at("note.json"), "old");
    const actual = jest.requireActual<typeof promises>("node:fs/promises");
    const file = await actual.open(at("note.json"));
    jest
      .spyOn(Object.getPrototypeOf(file) as promises.FileHandle, "sync")
      .mockRejectedValue(Object.assign(new Error("full"), { code: "ENOSPC" }));
    await file.close();
    await expect(writeFileAtomically(at("note.json"), "x")).rejects.toMatchObject({
      code: "ENOSPC",
    });
    expect([read("note.json"), readdirSync(folder).sort()]).toEqual([
      "old",
      ["note.json", "taken"],
    ]);
  });

  test("by many at once leaves the whole text of one", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(texts.map((text) => writeFileAtomically(at("note.json"), text)));
    expect(texts).toContain(read("note.json"));
    expect(readdirSync(folder)).toEqual(["note.json"]);
  });
});

test("temporary files that a kill left are removed when they are old, and nothing else", async () => {
  const left = "note.json.0123456789abcdef.tmp";
  for (const name of [left, "note.json", "other.tmp", "a.0123456789abcdef.tmp.json"]) {
    writeFileSync(at(name), "");
    utimesSync(at(name), 0, 0);
  }
  writeFileSync(at("new.0123456789abcdef.tmp"), "");
  await removeAbandonedFiles(folder);
  expect(readdirSync(folder)).not.toContain(left);
  expect(readdirSync(folder)).toHaveLength(4);
  await removeAbandonedFiles(at("missing"));
});

/** Takes each lock that it reads, and holds it until the next line. */
const CONTENDER = `
const { takeLock } = require(process.argv[1] + "/provider/disk.js");
const { rmSync } = require("node:fs");
let release = () => undefined;
require("node:readline").createInterface({ input: process.stdin }).on("line", async (lock) => {
  release();
  release = () => undefined;
  if (lock === "") return;
  const inTheWay = await takeLock(lock);
  if (inTheWay === undefined) release = () => rmSync(lock);
  console.log(inTheWay ?? "in");
});
console.log("ready");
`;

test("six processes against the lock of a killed one: exactly one gets in, every time", async () => {
  const built = compileCli();
  const children: ChildProcess[] = [];
  try {
    const contenders = Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ["-e", CONTENDER, built], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      children.push(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const said = async (): Promise<string> => String((await lines.next()).value);
      return { tell: (line: string) => child.stdin.write(`${line}\n`), said };
    });
    const allSaid = (): Promise<string[]> =>
      Promise.all(contenders.map((contender) => contender.said()));
    await allSaid();
    const killed = spawnSync(process.execPath, ["--version"]).pid;
    for (let round = 0; round < 25; round += 1) {
      const lock = at(`lock-${round}`);
      writeFileSync(lock, String(killed));
      for (const { tell } of contenders) tell(lock);
      const results = await allSaid();
      expect(results.filter((said) => said === "in")).toHaveLength(1);
      expect(results.filter((said) => [lock, `${lock}.${killed}`].includes(said))).toHaveLength(5);
      const winner = children[results.indexOf("in")]?.pid;
      expect(readFileSync(lock, "utf8")).toMatch(new RegExp(`^${winner} `));
      for (const { tell } of contenders) tell("");
    }
  } finally {
    for (const child of children) child.kill();
    rmSync(built, { recursive: true });
  }
}, 60_000);
