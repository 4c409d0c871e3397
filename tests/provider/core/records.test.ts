import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { nextToken } from "../../../provider/backup/order";
import {
  exportStack,
  notesInFolder,
  parseStackRecord,
  type OrderNote,
} from "../../../provider/core/records";
import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { failureOf, instanceLife, order, PASSWORD } from "../orders";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "cds-journal-"));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

const note = (token: string): OrderNote => ({
  token,
  urn: "urn:pulumi:dev::shop::t::cache",
  provider: "p",
  inputs: { instanceName: "cache-1" },
});

test("a note is there for the next process until it is settled", async () => {
  await notesInFolder({ PULUMI_HOME: home }).begin(note("a1"));
  await notesInFolder({ PULUMI_HOME: home }).begin(note("b2"));
  const later = notesInFolder({ PULUMI_HOME: home });
  expect(await later.unsettled()).toEqual([note("a1"), note("b2")]);
  await later.end("a1");
  await later.end("a1");
  expect(await later.unsettled()).toEqual([note("b2")]);
});

test("so is one of a backup that follows another", async () => {
  const journal = notesInFolder({ PULUMI_HOME: home });
  const token = nextToken("abcdef123456", [2]);
  await journal.begin(note(token));
  expect(await journal.unsettled()).toEqual([note(token)]);
});

test("a machine without notes has none", async () => {
  expect(await notesInFolder({ PULUMI_HOME: join(home, "no") }).unsettled()).toEqual([]);
});

test("nobody else on the machine can read the notes", async () => {
  await notesInFolder({ PULUMI_HOME: home }).begin(note("a1"));
  const folder = join(home, "cds-redis", "orders");
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect((await stat(join(folder, "a1.json"))).mode & 0o077).toBe(0);
});

test("half a note, or somebody else's file, is no proof of anything", async () => {
  const journal = notesInFolder({ PULUMI_HOME: home });
  await journal.begin(note("a1"));
  const folder = join(home, "cds-redis", "orders");
  const whole = await readFile(join(folder, "a1.json"), "utf8");
  await writeFile(join(folder, "c3.json"), whole.slice(0, 20));
  await writeFile(
    join(folder, "d4.json"),
    '{"token":"../../etc","urn":"u","provider":"p","inputs":{}}',
  );
  expect(await journal.unsettled()).toEqual([note("a1")]);
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a note that can't be read is no missing note: nothing is ordered", () =>
  inVirtualTime(async () => {
    const notes = notesInFolder({ PULUMI_HOME: home });
    // Nobody can read a folder as a file.
    await mkdir(join(home, "cds-redis", "orders", "a1.json"), { recursive: true });
    await expect(notes.unsettled()).rejects.toThrow("EISDIR");
    const vendor = emulatedVendor();
    jest.spyOn(vendor.stack.journal, "unsettled").mockImplementation(() => notes.unsettled());
    const error = await failureOf(instanceLife(vendor.host()).create(order()));
    expect(String(error)).toMatch(/notes of earlier orders can't be read.*nothing is ordered/);
    expect(vendor.api.store.instances()).toEqual([]);
  }));

test("a note holds no secret", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const begin = jest.spyOn(vendor.stack.journal, "begin");
    await instanceLife(vendor.host()).create(order());
    expect(begin).toHaveBeenCalledTimes(1);
    expect(JSON.stringify(begin.mock.calls)).not.toContain(PASSWORD);
    expect(begin.mock.calls[0]?.[0].inputs).toMatchObject({ ramGb: 8, regionId: "CN_Hongkong_A" });
  }));

test("where no note can be kept the order is made all the same, and a warning says so", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    jest.spyOn(vendor.stack.journal, "begin").mockRejectedValue(new Error("EROFS: read-only"));
    await instanceLife(vendor.host()).create(order());
    expect(vendor.warnings.join("\n")).toContain("no note of the order could be written (EROFS");
  }));

test("of a stack's export the resources and the creates under way are read", () => {
  const text = JSON.stringify({
    version: 3,
    deployment: {
      resources: [{ urn: "u1", id: "i1", custom: true, inputs: { a: 1 } }, { urn: "stack" }],
      pending_operations: [
        { type: "creating", resource: { urn: "u2", inputs: { __token: "t" }, provider: "p" } },
        { type: "deleting", resource: { urn: "u1" } },
      ],
    },
  });
  expect(parseStackRecord(text)).toMatchObject({
    resources: [{ urn: "u1", id: "i1", inputs: { a: 1 } }, { urn: "stack" }],
    creating: [{ urn: "u2", inputs: { __token: "t" }, provider: "p" }],
  });
  expect(parseStackRecord('{"deployment":{}}')).toEqual({ resources: [], creating: [] });
  expect(() => parseStackRecord("error: no stack")).toThrow(SyntaxError);
});

describe("where the program runs outside of a project folder, as the Automation API may", () => {
  const { PATH } = process.env;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cds-redis-records-"));
    jest.spyOn(process, "cwd").mockReturnValue(folder);
    process.env["PATH"] = `${folder}:${PATH ?? ""}`;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    process.env["PATH"] = PATH;
    await rm(folder, { recursive: true });
  });

  /** A CLI that answers with the project it finds, and fails without one. */
  async function install(answer: string): Promise<void> {
    await writeFile(join(folder, "pulumi"), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  }

  test("the CLI gets a project of the URN's name, for the time of the question", async () => {
    await install(
      `name=$(cut -d'"' -f4 Pulumi.yaml)\necho '{"deployment":{"resources":[{"urn":"'$name $4'"}]}}'`,
    );
    const before = await readdir(tmpdir());
    const { resources } = await exportStack("urn:pulumi:dev::shop::some:Type::cache");
    expect(resources[0]?.urn).toBe("shop dev");
    const left = (await readdir(tmpdir())).filter((name) => !before.includes(name));
    expect(left.filter((name) => /^cds-redis-[A-Za-z0-9]{6}$/.test(name))).toEqual([]);
  });

  test("what the CLI printed is the reason why the record can't be read", async () => {
    await install("echo 'error: no such stack' >&2\nexit 1");
    await expect(exportStack("urn:pulumi:dev::shop::some:Type::cache")).rejects.toMatchObject({
      stderr: expect.stringContaining("no such stack") as string,
    });
  });
});
