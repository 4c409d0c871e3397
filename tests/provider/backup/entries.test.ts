import { backupsOf, mostEntries, summaryOf } from "../../../provider/backup/entries";
import type { BackupEntry } from "../../../provider/vendor/types";

let made = 0;

/** Started so many minutes after noon, a minute long. */
function entry(minute: number, change: Partial<BackupEntry> = {}): BackupEntry {
  const at = (minutes: number): string =>
    new Date(Date.parse("2026-11-25T04:00:00Z") + minutes * 60_000)
      .toISOString()
      .replace(".000Z", "Z");
  made += 1;
  return {
    ...{ backupId: `b${made}`, shardId: "", status: "finished", sizeBytes: 1, mode: "manual" },
    ...{ description: "", startTime: at(minute), endTime: at(minute + 1), ...change },
  };
}

const DAY = 24 * 60;

function grouped(entries: readonly BackupEntry[]): number[] {
  return backupsOf(entries).map((backup) => backup.length);
}

describe("entries that are one backup", () => {
  test("are those of a cluster's shards that follow closely, each shard once", () => {
    const both = (minute: number): BackupEntry[] =>
      ["s1", "s2"].map((shardId) => entry(minute, { shardId }));
    expect(grouped([...both(0), ...both(5)])).toEqual([2, 2]);
    expect(grouped([entry(0, { shardId: "s1" }), entry(20, { shardId: "s2" })])).toEqual([2]);
  });

  test("are never of two days, when one lost a shard", () => {
    const [first, second] = [entry(0, { shardId: "s1" }), entry(DAY, { shardId: "s2" })];
    expect(grouped([first, second, entry(DAY, { shardId: "s1" })])).toEqual([1, 2]);
  });

  test("overlap where no shards are told", () => {
    expect(grouped([entry(0), entry(0), entry(0.5)])).toEqual([3]);
    expect(grouped([entry(0), entry(1), entry(2)])).toEqual([1, 1, 1]);
    expect(grouped([entry(0), entry(0, { description: "another" })])).toEqual([1, 1]);
    expect(grouped([entry(0, { status: "running", endTime: "" }), entry(9)])).toEqual([2]);
  });

  test("are not those after one that failed and doesn't say when", () => {
    const failed = { status: "failed", endTime: "" };
    expect(grouped([entry(0, failed), entry(9), entry(DAY)])).toEqual([1, 1, 1]);
  });
});

test("as many entries as any backup of the instance has, or shards it ever showed", () => {
  const shards = ["s1", "s2", "s3"].map((shardId, index) => entry(index * DAY, { shardId }));
  expect(mostEntries(shards)).toBe(3);
  expect(mostEntries([entry(0), entry(0), entry(DAY)])).toBe(2);
  expect(mostEntries([])).toBe(0);
});

test("the vendor's word for finished counts in any case", () => {
  const entries = [entry(0, { status: "FINISHED" }), entry(0, { status: "running" })];
  expect(summaryOf(entries.slice(0, 1)).status).toBe("FINISHED");
  expect(summaryOf(entries).status).toBe("running");
});
