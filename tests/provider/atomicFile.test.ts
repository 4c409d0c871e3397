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

import { removeAbandonedFiles, writeFileAtomically } from "../../provider/atomicFile";

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
    const { open } = actual;
    jest.spyOn(actual, "open").mockImplementation(async (...given) =>
      Object.assign(await open(...given), {
        sync: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
      }),
    );
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
