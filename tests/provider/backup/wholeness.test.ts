import { Wholeness } from "../../../provider/backup/finish";
import { sleep } from "../../../provider/time";
import { inVirtualTime } from "../../virtualTime";
import type { BackupEntry } from "../../../provider/vendor/types";

const START = "2026-01-01T00:00:00+08:00";

/** The entry of a shard, whose backup took no time. */
function entryOf(backupId: string, shardId = ""): BackupEntry {
  const times = { startTime: START, endTime: START };
  return {
    ...{ backupId, shardId, ...times, mode: "manual", description: "" },
    ...{ status: "finished", sizeBytes: 1 },
  };
}

const ONE = [entryOf("b-1", "s-1")];
const BEFORE = ["s-1", "s-2"].map((shardId) => entryOf(`old ${shardId}`, shardId));

test("a backup without entries is not whole", () => {
  for (const mayBeMany of [false, true])
    expect(new Wholeness(mayBeMany).isCertain([], [])).toBe(false);
});

test("an entry of no shard is the whole backup of an instance that is no cluster", () => {
  expect(new Wholeness(false).isCertain([entryOf("b-1")], [])).toBe(true);
});

test("time without lists proves nothing: shards may come in the next ones", () =>
  inVirtualTime(async () => {
    const wholeness = new Wholeness(false);
    expect(wholeness.isCertain(ONE, [])).toBe(false);
    await sleep(600_000);
    expect(wholeness.isCertain(ONE, [])).toBe(false);
    expect(wholeness.isCertain(ONE, [])).toBe(true);
  }));

test("nor does it prove that shards lack that other backups have", () =>
  inVirtualTime(async () => {
    const wholeness = new Wholeness(true);
    expect(wholeness.isCertain(ONE, BEFORE)).toBe(false);
    await sleep(600_000);
    for (let lists = 2; lists < 5; lists += 1) expect(wholeness.isCertain(ONE, BEFORE)).toBe(false);
    expect(() => wholeness.isCertain(ONE, BEFORE)).toThrow("has 1 of the 2 entries");
  }));
