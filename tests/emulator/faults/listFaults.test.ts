import type { Fault } from "../../../emulator";
import { CONTROL_TEXT } from "../../../emulator/faults/controlText";
import { CLUSTER, ORDER, VirtualEmulator } from "../virtualEmulator";

type Listed = Record<string, unknown>[];

interface Account {
  readonly emulator: VirtualEmulator;
  readonly InstanceUuid: string;
  readonly instances: (params?: Record<string, string>) => Listed;
  readonly backups: () => Listed;
  /** Adds a fault for good. */
  readonly always: (fault: Fault) => void;
}

/** A running cluster of five shards with a finished backup, and a new instance. */
function account(): Account {
  const emulator = new VirtualEmulator();
  const InstanceUuid = emulator.runningInstance({ PaasGoodsId: CLUSTER });
  emulator.call("CreateBackup", { InstanceUuid, Desc: "done" });
  emulator.pass(30);
  emulator.call("CreateDBInstance", { ...ORDER, InstanceName: "new" });
  return {
    emulator,
    InstanceUuid,
    instances: (params) => emulator.list("DescribeDBInstances", params),
    backups: () => emulator.list("DescribeBackups", { InstanceUuid }),
    always: (fault) => {
      emulator.api.faults.add({ times: "always", ...fault });
    },
  };
}

const names = (listed: Listed): unknown[] => listed.map(({ InstanceName }) => InstanceName);

describe("lagging-list", () => {
  test("new things are missing, in the status of then; deleted ones are still there", () => {
    const { emulator, InstanceUuid, instances, always } = account();
    emulator.pass(90);
    emulator.call("DeleteDBInstance", { InstanceUuid });
    emulator.pass(15);
    expect(instances()).toMatchObject([{ InstanceName: "new", Status: "RUNNING" }]);
    emulator.api.faults.add({ kind: "lagging-list", seconds: 10 });
    expect(instances()).toMatchObject([{ Status: "DELETING" }, { Status: "CREATING" }]);
    always({ kind: "lagging-list", seconds: 20 });
    expect(instances()).toMatchObject([{ Status: "RUNNING" }, { Status: "CREATING" }]);
    emulator.pass(20);
    expect(names(instances())).toEqual(["new"]);
    emulator.api.faults.clear();
    always({ kind: "lagging-list", seconds: 130 });
    expect(names(instances())).toEqual(["cache"]);
  });

  test("what was changed or removed behind the API is as it was", () => {
    const { emulator, InstanceUuid, instances, backups, always } = account();
    emulator.store.changeInstance(InstanceUuid, { version: "9.9" });
    emulator.store.removeBackup(String(backups()[0]?.["BackupId"]));
    emulator.pass(5);
    emulator.store.removeInstance(String(instances()[1]?.["InstanceUuid"]));
    expect([names(instances()), backups().length]).toEqual([["cache"], 4]);
    always({ kind: "lagging-list", seconds: 1 });
    expect(instances()).toMatchObject([{ Version: "9.9" }, { InstanceName: "new" }]);
    expect(backups()).toHaveLength(4);
    emulator.api.faults.clear();
    always({ kind: "lagging-list", seconds: 6 });
    expect(instances()).toMatchObject([{ Version: "5.0" }]);
    const old = backups();
    expect(old).toHaveLength(5);
    expect(old.every(({ BackupSize }) => BackupSize === "18")).toBe(true);
  });

  test("backups lag as well, and DescribeBackups refuses an instance that is gone", () => {
    const { emulator, InstanceUuid, backups, always } = account();
    always({ kind: "lagging-list", action: "DescribeBackups", seconds: 40 });
    expect(backups()).toEqual([]);
    emulator.pass(15);
    expect(backups().map(({ Status }) => Status)).toEqual(Array(5).fill("running"));
    emulator.store.removeInstance(InstanceUuid);
    expect(emulator.call("DescribeBackups", { InstanceUuid }).code).toBe("ResourceNotFound");
  });

  test("a query by id shows the present and is not counted, unless byId is said", () => {
    const { emulator, InstanceUuid, instances } = account();
    emulator.store.removeInstance(InstanceUuid);
    emulator.pass(1);
    emulator.api.faults.add({ kind: "lagging-list", seconds: 5 });
    expect(instances({ InstanceUuid })).toEqual([]);
    expect(emulator.api.faults.faults).toMatchObject([{ seen: 0 }]);
    expect(names(instances())).toEqual(["cache"]);
    emulator.api.faults.add({ kind: "lagging-list", seconds: 5, byId: true });
    expect(instances({ InstanceUuid })).toHaveLength(1);
  });

  test("for a time, then no more", () => {
    const { emulator, InstanceUuid, instances } = account();
    emulator.store.removeInstance(InstanceUuid);
    emulator.api.faults.add({ kind: "lagging-list", seconds: 60, forSeconds: 10 });
    emulator.pass(9);
    expect(names(instances())).toEqual(["cache"]);
    emulator.pass(9.9);
    expect(names(instances())).toEqual(["cache"]);
    emulator.pass(0.1);
    expect(names(instances())).toEqual(["new"]);
  });
});

describe("hidden-entries", () => {
  test("one instance by its id, for so many calls; the store has it", () => {
    const { emulator, InstanceUuid, instances } = account();
    emulator.api.faults.add({ kind: "hidden-entries", id: InstanceUuid, times: 2 });
    expect(names(instances())).toEqual(["new"]);
    expect(instances({ InstanceUuid })).toHaveLength(1);
    expect(names(instances())).toEqual(["new"]);
    expect(names(instances())).toEqual(["cache", "new"]);
    expect(emulator.store.instances()).toHaveLength(2);
  });

  test("all, for so many seconds, and by id where that is said", () => {
    const { emulator, InstanceUuid, instances, backups } = account();
    emulator.api.faults.add({ kind: "hidden-entries", forSeconds: 3, byId: true });
    expect([instances(), backups(), instances({ InstanceUuid })]).toEqual([[], [], []]);
    emulator.pass(3);
    expect([instances().length, backups().length]).toEqual([2, 5]);
  });

  test("one backup by its id, one shard by its id", () => {
    const { backups, always } = account();
    const [one, other] = backups();
    always({ kind: "hidden-entries", id: String(one?.["BackupId"]) });
    expect(backups()).toHaveLength(4);
    always({ kind: "hidden-entries", id: String(other?.["ShardId"]) });
    expect(backups()).toHaveLength(4);
    expect(backups()).toContainEqual(other);
  });
});

test("doubled-entries: each twice, or one of them", () => {
  const { emulator, InstanceUuid, instances, backups, always } = account();
  emulator.api.faults.add({ kind: "doubled-entries", id: InstanceUuid });
  expect(names(instances())).toEqual(["cache", "cache", "new"]);
  always({ kind: "doubled-entries" });
  expect(names(instances())).toEqual(["cache", "cache", "new", "new"]);
  expect(backups()).toHaveLength(10);
});

test("upper-case-ids: of instances and backups, while calls take the ids as they are", () => {
  const { emulator, InstanceUuid, instances, backups, always } = account();
  always({ kind: "upper-case-ids" });
  expect(instances()[0]).toMatchObject({ InstanceUuid: InstanceUuid.toUpperCase() });
  const { backupId, shardId } = emulator.store.backups()[0] ?? { backupId: "", shardId: "" };
  expect(backups().at(-1)).toMatchObject({
    BackupId: backupId.toUpperCase(),
    ShardId: shardId.toUpperCase(),
    InstanceId: InstanceUuid.toUpperCase(),
  });
  expect(emulator.call("DeleteDBInstance", { InstanceUuid }).code).toBe("Success");
});

test("odd-entry: empty texts in one entry, which still has its ids, name and Status", () => {
  const { emulator, InstanceUuid, instances, backups, always } = account();
  const second = String(instances()[1]?.["InstanceUuid"]);
  emulator.api.faults.add({ kind: "odd-entry", id: second });
  expect(instances()).toMatchObject([
    { Port: 9736 },
    { InstanceUuid: second, InstanceName: "new", Status: "CREATING", Port: "", Ram: "", IP: "" },
  ]);
  always({ kind: "odd-entry" });
  expect(instances()).toMatchObject([{ InstanceUuid, Port: "", Tags: "" }, { Port: 9736 }]);
  const sizes = backups().map(({ BackupSize }) => BackupSize);
  expect(sizes).toEqual(["", "18", "18", "18", "18"]);
});

test("control-status: of what is not ready, so that it still becomes ready", () => {
  const { emulator, instances, always } = account();
  always({ kind: "control-status" });
  expect(instances()).toMatchObject([
    { Status: "RUNNING" },
    { Status: `CREATING${CONTROL_TEXT}`, StatusStr: `创建中${CONTROL_TEXT}` },
  ]);
  emulator.pass(100);
  expect(instances()).toMatchObject([{ Status: "RUNNING" }, { Status: "RUNNING" }]);
});

test("control-names: of the entry that is meant", () => {
  const { InstanceUuid, instances, backups, always } = account();
  always({ kind: "control-names", action: "DescribeDBInstances", id: InstanceUuid });
  expect(names(instances())).toEqual([`cache${CONTROL_TEXT}`, "new"]);
  always({ kind: "control-names", action: "DescribeBackups" });
  expect(backups()[0]).toMatchObject({ Desc: `done${CONTROL_TEXT}` });
});

test("null-empty-list: null without entries, and the entries where there are some", () => {
  const emulator = new VirtualEmulator();
  emulator.api.faults.add({ kind: "null-empty-list", times: "always" });
  expect(emulator.call("DescribeDBInstances").data).toBeNull();
  const InstanceUuid = emulator.runningInstance();
  expect(emulator.call("DescribeBackups", { InstanceUuid }).data).toBeNull();
  emulator.call("CreateBackup", { InstanceUuid });
  expect(emulator.list("DescribeBackups", { InstanceUuid })).toHaveLength(1);
  expect(emulator.list("DescribeDBInstances")).toHaveLength(1);
});
