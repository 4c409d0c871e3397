import { BACKUP_FILE } from "../../emulator/backupFile";
import { CLUSTER, VirtualEmulator } from "./virtualEmulator";

describe("a backup's life", () => {
  test("running, then finished, then deleting, then gone", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    expect(emulator.call("DescribeBackups", { InstanceUuid }).text).toBe(
      '{"Code":"Success","Data":[],"Message":"success"}',
    );
    const created = emulator.call("CreateBackup", { InstanceUuid, Desc: "before 发布" });
    expect(created).toMatchObject({ status: 200, data: {}, message: "succes" });
    const [running] = emulator.list("DescribeBackups", { InstanceUuid });
    expect(running).toMatchObject({ Status: "running", BackupSize: "0", EndTime: "" });
    emulator.pass(20);
    const BackupId = running?.["BackupId"];
    expect(emulator.list("DescribeBackups", { InstanceUuid })).toEqual([
      {
        BackupId,
        BackupMode: "manual",
        BackupSize: "18",
        BackupType: "full-backup",
        Desc: "before 发布",
        EndTime: "2026-11-21 16:33:40",
        InstanceId: InstanceUuid,
        ShardId: "",
        StartTime: "2026-11-21 16:33:20",
        Status: "finished",
      },
    ]);
    expect(emulator.call("DeleteBackup", { InstanceUuid, BackupId })).toMatchObject({
      status: 200,
      data: {},
      message: "success",
    });
    expect(emulator.list("DescribeBackups", { InstanceUuid })).toMatchObject([
      { Status: "deleting" },
    ]);
    emulator.pass(10);
    expect(emulator.list("DescribeBackups", { InstanceUuid })).toEqual([]);
    expect(emulator.call("DeleteBackup", { InstanceUuid, BackupId }).status).toBe(404);
  });

  test("a cluster's backup is one entry for each shard, of one time and description", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance({ PaasGoodsId: CLUSTER });
    emulator.call("CreateBackup", { InstanceUuid, Desc: "all" });
    const entries = emulator.list("DescribeBackups", { InstanceUuid });
    expect(entries).toHaveLength(5);
    expect(new Set(entries.map(({ ShardId }) => ShardId)).size).toBe(5);
    expect(new Set(entries.map(({ BackupId }) => BackupId)).size).toBe(5);
    expect(
      new Set(entries.map(({ StartTime, Desc }) => `${StartTime as string}${Desc as string}`)).size,
    ).toBe(1);
    emulator.pass(20);
    emulator.call("CreateBackup", { InstanceUuid });
    const shards = emulator.store.backups(InstanceUuid).map(({ shardId }) => shardId);
    expect(shards.slice(5)).toEqual(shards.slice(0, 5));
  });

  test.each([
    [8063, 2],
    [8069, 3],
    [8081, 8],
    [8093, 8],
  ])("the cluster of PaasGoodsId %d has %d shards", (PaasGoodsId, shards) => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance({ PaasGoodsId });
    expect(emulator.store.findInstance(uuid)?.shardIds).toHaveLength(shards);
  });

  test("one at a time, and only of a running instance", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    const refused = { status: 409, code: "ResourceInUse" };
    emulator.call("CreateBackup", { InstanceUuid });
    expect(emulator.call("CreateBackup", { InstanceUuid })).toMatchObject(refused);
    const BackupId = emulator.store.backups()[0]?.backupId ?? "";
    expect(emulator.call("DeleteBackup", { InstanceUuid, BackupId })).toMatchObject(refused);
    expect(emulator.call("DownloadBackup", { InstanceUuid, BackupId })).toMatchObject(refused);
    emulator.pass(20);
    emulator.store.changeInstance(InstanceUuid, { status: "ERROR" });
    expect(emulator.call("CreateBackup", { InstanceUuid })).toMatchObject(refused);
    emulator.store.changeInstance(InstanceUuid, { status: "running" });
    expect(emulator.call("CreateBackup", { InstanceUuid }).status).toBe(200);
  });

  test("the only type is full-backup", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    const call = (BackupType: string): number =>
      emulator.call("CreateBackup", { InstanceUuid, BackupType }).status;
    expect([call("incremental"), call("full-backup")]).toEqual([400, 200]);
  });

  test("unknown instances and backups, and another instance's backup, are not found", () => {
    const emulator = new VirtualEmulator();
    const [mine, other] = [emulator.runningInstance(), emulator.runningInstance()];
    emulator.call("CreateBackup", { InstanceUuid: mine });
    emulator.pass(20);
    const BackupId = emulator.store.backups(mine)[0]?.backupId ?? "";
    for (const action of ["DownloadBackup", "DeleteBackup"]) {
      expect(emulator.call(action, { InstanceUuid: other, BackupId }).status).toBe(404);
      expect(emulator.call(action, { InstanceUuid: mine, BackupId: "none" }).status).toBe(404);
      expect(emulator.call(action, { InstanceUuid: "none", BackupId }).status).toBe(404);
    }
    expect(emulator.call("DescribeBackups", { InstanceUuid: "none" })).toMatchObject({
      status: 404,
      code: "ResourceNotFound",
    });
  });

  test("backups go with their instance", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    emulator.call("CreateBackup", { InstanceUuid });
    emulator.pass(20);
    emulator.call("DeleteDBInstance", { InstanceUuid });
    expect(emulator.store.backups()).toHaveLength(1);
    emulator.pass(10);
    expect(emulator.store.backups()).toEqual([]);
  });
});

describe("a backup's file", () => {
  const downloaded = (): { emulator: VirtualEmulator; url: string; again: () => string } => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    emulator.call("CreateBackup", { InstanceUuid });
    emulator.pass(20);
    const BackupId = emulator.store.backups()[0]?.backupId ?? "";
    const again = (): string => {
      const { data } = emulator.call("DownloadBackup", { InstanceUuid, BackupId });
      const { BackupDownloadUrl } = data as { BackupDownloadUrl: string };
      return BackupDownloadUrl.slice("http://127.0.0.1".length);
    };
    return { emulator, url: again(), again };
  };

  test("is an empty RDB file of the size that was told", () => {
    const { emulator, url } = downloaded();
    const answer = emulator.api.download({ method: "GET", url });
    expect(answer.status).toBe(200);
    expect(answer.headers["Content-Type"]).toBe("application/octet-stream");
    expect(answer.body.toString("latin1")).toBe(`REDIS0009\xff${"\0".repeat(8)}`);
    expect(BACKUP_FILE).toHaveLength(18);
  });

  test("its URL is another each time, and ends after an hour", () => {
    const { emulator, url, again } = downloaded();
    expect(again()).not.toBe(url);
    const status = (): number => emulator.api.download({ method: "GET", url }).status;
    emulator.pass(3599);
    expect(status()).toBe(200);
    emulator.pass(1);
    expect(status()).toBe(403);
  });

  test("its URL is good for nothing else", () => {
    const { emulator, url } = downloaded();
    const status = (method: string, changed: string): number =>
      emulator.api.download({ method, url: changed }).status;
    expect(status("GET", url.slice(0, -1))).toBe(403);
    expect(status("GET", url.replace(/\/backups\/./, "/backups/_"))).toBe(403);
    expect(status("GET", url.replace("token=", "token=z"))).toBe(403);
    expect(status("GET", url.split("?")[0] ?? "")).toBe(403);
    expect(status("POST", url)).toBe(400);
    emulator.store.removeBackup(emulator.store.backups()[0]?.backupId ?? "");
    expect(status("GET", url)).toBe(404);
  });
});
