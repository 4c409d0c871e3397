import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";

import { FileVendor, ID } from "./fileVendor";
import { fileOfSize } from "./rdbBuilder";

const NAME = `${ID}.rdb`;
const PART = `${ID}.rdb.part`;
const LOCK = ".downloading";
let vendor: FileVendor;
beforeEach(async () => {
  vendor = await new FileVendor().start();
  vendor.file = fileOfSize(200_000);
});
afterEach(() => vendor.close());

/** The id of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

describe("two downloads into one folder", () => {
  test("don't write into each other's file: the second is refused", async () => {
    let finish: () => void = () => undefined;
    const isHalf = new Promise<void>((resolve) => {
      vendor.script.push((request, response) => {
        vendor.send(request, response, (body) => {
          response.write(body.subarray(0, 100_000));
          finish = () => response.end(body.subarray(100_000));
          resolve();
        });
      });
    });
    const first = vendor.fetch();
    await isHalf;
    await expect(vendor.fetch()).rejects.toThrow(/another download into .* is under way/);
    finish();
    await first;
    expect(vendor.read(NAME).equals(vendor.file)).toBe(true);
    expect(vendor.names()).toEqual([NAME, "backup.json"]);
  });

  test("what a killed one left is no hindrance, another user's process is", async () => {
    for (const pid of [endedPid(), process.pid]) {
      writeFileSync(vendor.path(LOCK), String(pid));
      await vendor.fetch();
      expect(vendor.names()).not.toContain(LOCK);
    }
    for (const pid of [process.ppid, "", "nobody"]) {
      writeFileSync(vendor.path(LOCK), String(pid));
      await expect(vendor.fetch()).rejects.toThrow(vendor.path(LOCK));
    }
  });

  test("six of one process against the lock of a killed one: exactly one gets in", async () => {
    for (const pid of [endedPid(), process.pid]) {
      writeFileSync(vendor.path(LOCK), String(pid));
      rmSync(vendor.path(NAME), { force: true });
      vendor.requests.length = 0;
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => vendor.fetch()));
      const refused = results.flatMap((each) =>
        each.status === "rejected" ? [String(each.reason)] : [],
      );
      expect(refused).toEqual(
        Array.from({ length: 5 }, () => expect.stringContaining("is under way") as string),
      );
      expect(vendor.requests).toHaveLength(1);
      expect(vendor.names()).toEqual([NAME, "backup.json"]);
    }
  });

  test("through a link to the same folder are told from each other, too", async () => {
    const folder = vendor.path("real");
    mkdirSync(folder);
    symlinkSync(folder, vendor.path("alias"));
    const both = await Promise.allSettled(
      ["real", "alias"].map((name) => vendor.fetch({ folder: vendor.path(name) })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a planted link is not followed", () => {
  const elsewhere = (): string => vendor.path("elsewhere");
  beforeEach(() => {
    writeFileSync(elsewhere(), "of somebody else");
  });
  afterEach(() => {
    expect(readFileSync(elsewhere(), "utf8")).toBe("of somebody else");
  });

  test("in place of the part", async () => {
    symlinkSync(elsewhere(), vendor.path(PART));
    expect((await vendor.failure()).message).toMatch("can't be used: ELOOP");
    rmSync(vendor.path(PART));
    linkSync(elsewhere(), vendor.path(PART));
    expect((await vendor.failure()).message).toMatch("can't be used: EMLINK");
    expect(vendor.urlsGiven).toBe(0);
  });

  test.each(["elsewhere", "missing"])("in place of the lock, to a file that is %s", async (to) => {
    symlinkSync(vendor.path(to), vendor.path(LOCK));
    expect((await vendor.failure()).message).toMatch("can't be used: ELOOP");
    expect([vendor.urlsGiven, vendor.names()]).toEqual([0, [LOCK, "elsewhere"]]);
  });

  test("in place of a claim on a killed one's lock", async () => {
    const killed = endedPid();
    writeFileSync(vendor.path(LOCK), String(killed));
    symlinkSync(elsewhere(), vendor.path(`${LOCK}.${killed}`));
    const error = await vendor.failure();
    expect(error.message).toMatch(`If there is none, delete ${vendor.path(LOCK)}.${killed}.`);
    rmSync(vendor.path(`${LOCK}.${killed}`));
    await vendor.fetch();
  });

  test("in place of the manifest, or of its temporary file", async () => {
    const temporary = `backup.json.${process.pid}.tmp`;
    symlinkSync(elsewhere(), vendor.path(temporary));
    symlinkSync(vendor.path("missing"), vendor.path("backup.json"));
    await vendor.fetch();
    expect(vendor.names()).toEqual([NAME, "backup.json", temporary, "elsewhere"].sort());
    expect(vendor.read("backup.json").toString()).toContain(ID);
  });
});
