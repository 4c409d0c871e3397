import type { EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { CLUSTER, ids, SINGLE, storedIds, withInstance } from "../backups";
import { count, elapsed, MINUTE, SECOND } from "../observed";
import { PartlyMadeError } from "../../../provider/core/errors";
import {
  answerInstead,
  backupLife,
  backupOrder,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  type Bag,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

const SHARDS = 5;
const EACH = 2 * MINUTE;

interface WireEntry {
  readonly BackupId: string;
  readonly Desc: string;
}

/** Lets a test change the list of backups. */
function listing(
  { api }: EmulatedVendor,
  change: (entries: readonly WireEntry[]) => readonly object[],
): void {
  answerInstead(api, "DescribeBackups", (vendor) => {
    const { Data, ...others } = JSON.parse(vendor().body) as { Data: WireEntry[] };
    return jsonAnswer(200, { ...others, Data: change(Data) });
  });
}

/** The vendor backs the shards up one after another, and lists an entry when its turn comes. */
function oneAfterAnother(vendor: EmulatedVendor, gap: number): void {
  const old = new Set(vendor.api.store.backups().map(({ backupId }) => backupId));
  let start: number | undefined;
  listing(vendor, (entries) => {
    const fresh = entries.filter(({ BackupId }) => !old.has(BackupId));
    if (fresh.length > 0) start ??= Date.now();
    const passed = Date.now() - (start ?? Date.now());
    const turns = fresh.map((entry, index) => ({ entry, begins: index * (EACH + gap) }));
    const shown = turns
      .filter(({ begins }) => passed >= begins)
      .map(({ entry, begins }) => ({
        ...entry,
        ...(passed >= begins + EACH ? { Status: "finished" } : { Status: "running", EndTime: "" }),
      }));
    return [...entries.filter(({ BackupId }) => old.has(BackupId)), ...shown];
  });
}

/** A cluster with one backup, and what another one takes. */
async function withBackup(): Promise<{
  vendor: EmulatedVendor;
  instanceId: string;
  id: string;
  outs: Bag;
  news: Bag;
}> {
  const { vendor, instanceId } = await withInstance(CLUSTER);
  const life = backupLife(vendor.host());
  const { id, outs } = await life.create(backupOrder(instanceId, { triggers: [1] }));
  const news = await life.inputs(backupOrder(instanceId, { triggers: [2] }), outs);
  return { vendor, instanceId, id, outs, news };
}

async function deleteWithFinalBackup(shape: Bag, arrange: (vendor: EmulatedVendor) => void) {
  const { vendor, instanceId } = await withInstance(shape);
  const life = instanceLife(vendor.host());
  const { props } = await life.read(instanceId, order({ ...shape, finalBackup: true }));
  arrange(vendor);
  await instanceLife(vendor.host()).delete(instanceId, props);
  return vendor;
}

describe("a cluster's backup of which the vendor lists one shard after another", () => {
  test.each([0, 20 * SECOND, MINUTE])("has all of them, %s ms between them", (gap) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      oneAfterAnother(vendor, gap);
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toHaveLength(SHARDS);
    }),
  );

  test.each([20 * SECOND, MINUTE])("is whole before its instance is deleted, %s ms", (gap) =>
    inVirtualTime(async () => {
      const vendor = await deleteWithFinalBackup(CLUSTER, (emulated) => {
        oneAfterAnother(emulated, gap);
      });
      expect(vendor.fetches[0]?.entries).toHaveLength(SHARDS);
      expect(vendor.api.store.instances()).toEqual([]);
    }),
  );

  test("has as many as the one before, however long that takes, before that is deleted", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId, id, outs, news } = await withBackup();
      const old = ids(outs["entries"]);
      oneAfterAnother(vendor, 100 * SECOND);
      const next = await backupLife(vendor.host()).update(id, outs, news);
      expect(ids(next.outs["entries"])).toHaveLength(SHARDS);
      expect(count(vendor, "DeleteBackup")).toBe(SHARDS);
      expect(storedIds(vendor.api, instanceId).sort()).toEqual(ids(next.outs["entries"]).sort());
      expect(ids(next.outs["entries"])).not.toContain(old[0]);
    }));
});

test("a backup with fewer shards than the one before is partly made, and none is deleted", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId, id, outs, news } = await withBackup();
    const old = new Set(ids(outs["entries"]));
    listing(vendor, (entries) => {
      const [missing] = entries.filter(({ BackupId }) => !old.has(BackupId));
      return entries.filter((entry) => entry !== missing);
    });
    const error = await failureOf(backupLife(vendor.host()).update(id, outs, news));
    expect(error).toBeInstanceOf(PartlyMadeError);
    expect(String(error)).toContain("has 4 of the 5 entries");
    expect(count(vendor, "DeleteBackup")).toBe(0);
    expect(vendor.api.store.backups(instanceId)).toHaveLength(2 * SHARDS);
  }));

test.each([20 * SECOND, 45 * SECOND])(
  "a shard of a cluster's first backup that is listed %s ms late is in the state",
  (lateMs) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER, { backupSeconds: 1 });
      let finishedAt: number | undefined;
      listing(vendor, (entries) => {
        if (entries.some((entry) => "Status" in entry && entry.Status === "finished"))
          finishedAt ??= Date.now();
        const isShown = Date.now() >= (finishedAt ?? Number.POSITIVE_INFINITY) + lateMs;
        return isShown ? entries : entries.slice(1);
      });
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toHaveLength(SHARDS);
    }),
);

test("where the vendor tells no shards they are found all the same", () =>
  inVirtualTime(async () => {
    const vendor = await deleteWithFinalBackup(CLUSTER, (emulated) => {
      let lists = 0;
      listing(emulated, (entries) => {
        if (entries.length > 0) lists += 1;
        return entries
          .slice(0, lists > 12 ? SHARDS : 3)
          .map((entry) => ({ ...entry, ShardId: undefined }));
      });
    });
    expect(vendor.fetches[0]?.entries).toHaveLength(SHARDS);
  }));

test.each(["RedisBackup", "final backup"])(
  "nobody waits for shards of an instance that is no cluster: %s",
  (what) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = instanceLife(vendor.host());
      const { props } = await life.read(instanceId, order({ ...SINGLE, finalBackup: true }));
      const took = await elapsed(() =>
        what === "RedisBackup"
          ? backupLife(vendor.host()).create(backupOrder(instanceId))
          : instanceLife(vendor.host()).delete(instanceId, props),
      );
      const deletionMs = what === "RedisBackup" ? 0 : 45 * SECOND;
      expect(took).toBeLessThan(2 * MINUTE + 15 * SECOND + deletionMs);
    }),
);

test("where it can't be told what the instance is, shards may come", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(CLUSTER);
    vendor.faults.add({ kind: "http-500", action: "DescribeDBInstances", times: "always" });
    listing(vendor, (entries) => {
      const isLate = entries.some((entry) => "Status" in entry && entry.Status === "finished");
      return isLate ? entries : entries.slice(0, 1);
    });
    const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    expect(ids(outs["entries"])).toHaveLength(SHARDS);
  }));
