import { startEmulator, type Emulator, type EmulatorOptions } from "../../../emulator";
import {
  createBackup,
  deleteBackup,
  describeBackups,
  downloadBackup,
} from "../../../provider/vendor/backups";
import { describeAvailableDbConfig, describeRegions } from "../../../provider/vendor/catalog";
import type { CdsClient } from "../../../provider/vendor/client";
import {
  createInstance,
  deleteInstance,
  describeInstances,
} from "../../../provider/vendor/instances";
import { answering, clientOf, closeRawServers, startRawServer } from "./rawServer";

const BEIJING_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/;
const order = {
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  instanceName: "cache 缓存",
  paasGoodsId: 8063,
  password: "p'a(s)s*w!ör~d",
};

let emulator: Emulator | undefined;

async function vendor(options: EmulatorOptions = {}): Promise<[Emulator, CdsClient]> {
  emulator = await startEmulator({ deliverySeconds: 0, ...options });
  const { accessKeyId, accessKeySecret } = emulator;
  return [emulator, clientOf(emulator.url, { credentials: { accessKeyId, accessKeySecret } })];
}

afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
  await closeRawServers();
});

describe("over a socket", () => {
  test("regions come with and without an id", async () => {
    const [, client] = await vendor();
    const regions = await describeRegions(client);
    expect(regions).toContainEqual({
      regionId: "CN_Hongkong_A",
      regionName: "亚太地区",
      siteName: "香港1",
      cityId: "27b57297-306d-11e7-9796-0050569b4d9c",
      cityName: "香港",
      forSale: true,
    });
    expect(regions.map((region) => region.regionId)).toContain("");
  });

  test("the catalogue of a region comes with sizes in GB", async () => {
    const [, client] = await vendor();
    const { versions } = await describeAvailableDbConfig(client, "CN_Hongkong_A");
    const cluster = versions.find(({ version }) => version === "5.0")?.architectures[0];
    expect(cluster).toMatchObject({
      architectureName: "集群",
      architectureType: undefined,
      subProductName: "Redis 集群版",
    });
    expect(cluster?.computeRoles[0]?.sizes[0]).toEqual({ paasGoodsId: 8063, ramGb: 8 });
  });

  test("an instance is ordered, listed in our units and deleted", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, { ...order, port: 6379 });
    expect(store.instances()).toMatchObject([
      { instanceUuid: id, instanceName: "cache 缓存", ramGb: 8, port: 6379, basePipeId: "pipe-1" },
    ]);
    expect(await describeInstances(client)).toEqual([
      {
        instanceId: id,
        instanceName: "cache 缓存",
        status: "RUNNING",
        statusText: "运行中",
        ip: store.instances()[0]?.ip,
        port: 6379,
        ramGb: 8,
        version: "5.0",
        subProductName: "Redis 集群版",
        regionId: "CN_Hongkong_A",
        vdcId: "vdc-1",
        vdcName: "香港1",
        createdTime: expect.stringMatching(BEIJING_TIME) as string,
        resourceId: store.instances()[0]?.resourceId,
        tagNames: [],
      },
    ]);
    await deleteInstance(client, id);
    expect(store.instances()).toEqual([]);
  });

  test("an order without a port has the vendor's", async () => {
    const [{ store }, client] = await vendor();
    await createInstance(client, order);
    expect(store.instances()).toMatchObject([{ port: 9736 }]);
  });

  test("the first edition of the API gives no id for an order", async () => {
    const [{ store }, client] = await vendor({ edition: "first" });
    expect(await createInstance(client, order)).toEqual([]);
    expect(store.instances()).toHaveLength(1);
  });

  test("instances are filtered by the vendor", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, { ...order, instanceName: "one" });
    await createInstance(client, { ...order, instanceName: "two" });
    const ids = async (filter: Parameters<typeof describeInstances>[1]): Promise<string[]> =>
      (await describeInstances(client, filter)).map((instance) => instance.instanceId);
    expect(await ids({ instanceId: id })).toEqual([id]);
    expect(await ids({ instanceName: "one" })).toEqual([id]);
    expect(await ids({ ip: store.instances()[0]?.ip ?? "" })).toEqual([id]);
    expect(await ids({ tagName: "none" })).toEqual([]);
  });

  test("a cluster is backed up by shard, fetched and cleared", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, order);
    await createBackup(client, id, "before release");
    const entries = await describeBackups(client, id);
    expect(entries).toHaveLength(2);
    const [entry] = entries;
    expect(entry).toEqual({
      backupId: expect.any(String) as string,
      shardId: expect.stringMatching(/./) as string,
      status: "finished",
      sizeBytes: expect.any(Number) as number,
      mode: "manual",
      description: "before release",
      startTime: expect.stringMatching(BEIJING_TIME) as string,
      endTime: expect.stringMatching(BEIJING_TIME) as string,
    });
    const backupId = entry?.backupId ?? "";
    expect(await downloadBackup(client, id, backupId)).toEqual({
      ...entry,
      downloadUrl: expect.stringContaining("http") as string,
      intranetDownloadUrl: expect.stringContaining("http") as string,
    });
    await deleteBackup(client, id, backupId);
    expect(store.backups(id).map((left) => left.backupId)).not.toContain(backupId);
    expect(store.backups(id)).toHaveLength(1);
  });

  test("each call goes out once, by the method the vendor documents", async () => {
    const [{ requests }, client] = await vendor();
    const [id = ""] = await createInstance(client, order);
    await createBackup(client, id, "");
    await describeRegions(client);
    expect(requests.map(({ action, status }) => [action, status])).toEqual([
      ["CreateDBInstance", 200],
      ["CreateBackup", 200],
      ["DescribeRegins", 200],
    ]);
  });
});

describe("what the vendor writes loosely is read", () => {
  async function answered(data: unknown): Promise<CdsClient> {
    const server = await startRawServer(answering(200, { Code: "Success", Data: data }));
    return clientOf(server.url);
  }

  test("numbers as strings, and null for text and lists", async () => {
    const client = await answered([
      {
        InstanceUuid: "i-1",
        InstanceName: null,
        Status: "running",
        Ram: "20480",
        Port: "9736",
        CreatedTime: "2019-12-23 15:59:07",
        MasterInfo: "",
        Tags: null,
      },
    ]);
    expect(await describeInstances(client)).toMatchObject([
      {
        instanceName: "",
        ramGb: 20,
        port: 9736,
        ip: "",
        createdTime: "2019-12-23T15:59:07+08:00",
      },
    ]);
  });

  test("a backup that is not finished has no size and no end", async () => {
    const client = await answered([
      { BackupId: "b-1", BackupSize: "", EndTime: "", StartTime: "2019-12-23 15:59:07" },
      { BackupId: "b-2", BackupSize: " 1024 ", EndTime: null },
    ]);
    expect(await describeBackups(client, "i-1")).toMatchObject([
      { backupId: "b-1", sizeBytes: 0, endTime: "", startTime: "2019-12-23T15:59:07+08:00" },
      { backupId: "b-2", sizeBytes: 1024, endTime: "", startTime: "" },
    ]);
  });

  test("a region that is for sale as text, and a catalogue without sizes", async () => {
    const regions = await answered([{ RegionId: null, IsSaling: "1" }, { IsSaling: 0 }]);
    expect(await describeRegions(regions)).toMatchObject([
      { regionId: "", forSale: true },
      { regionId: "", forSale: false },
    ]);
    const catalogue = await answered({
      Products: [
        {
          Version: "5.0",
          Architectures: [
            { ArchitectureType: "2", ComputeRoles: [{ ComputeName: "x", Standards: null }] },
          ],
        },
        { Version: "6.0", Architectures: null },
      ],
    });
    expect(await describeAvailableDbConfig(catalogue, "X")).toMatchObject({
      versions: [
        { architectures: [{ architectureType: 2, computeRoles: [{ sizes: [] }] }] },
        { architectures: [] },
      ],
    });
  });

  test("an order answered with no data, null or an empty list has no id", async () => {
    for (const data of [undefined, null, {}, { InstancesUuid: null }, { InstancesUuid: [] }]) {
      expect(await createInstance(await answered(data), order)).toEqual([]);
    }
  });
});
