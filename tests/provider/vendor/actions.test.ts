import { startEmulator, type Emulator, type EmulatorOptions } from "../../../emulator";
import {
  createBackup,
  deleteBackup,
  describeBackups,
  downloadBackup,
} from "../../../provider/vendor/actions/backups";
import {
  describeAvailableDbConfig,
  describeRegions,
} from "../../../provider/vendor/actions/catalog";
import type { CdsClient } from "../../../provider/vendor/client";
import {
  createInstance,
  deleteInstance,
  describeInstances,
  ORDER_PARAMETERS,
} from "../../../provider/vendor/actions/instances";
import { describeVdcs } from "../../../provider/vendor/actions/networks";
import { sameId } from "../../../provider/vendor/ids";
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

  test("data centers come with their private networks", async () => {
    const [, client] = await vendor();
    const [first, ...others] = await describeVdcs(client);
    expect(first).toEqual({
      vdcId: "vdc-1",
      vdcName: "hongkong",
      regionId: "CN_Hongkong_A",
      privateNetworks: [
        {
          basePipeId: "pipe-1",
          name: "cache",
          vdcId: "vdc-1",
          vdcName: "hongkong",
          regionId: "CN_Hongkong_A",
          status: "ok",
          segments: ["10.1.0.0/16~10.1.255.255/16"],
          freeAddresses: 65_533,
        },
        expect.objectContaining({ basePipeId: "pipe-full", freeAddresses: 0 }),
      ],
    });
    expect(others.map(({ vdcId }) => vdcId)).toEqual(["vdc-2", "vdc-3"]);
  });

  test("data centers of all pages come, each once", async () => {
    const vdcs = Array.from({ length: 45 }, (_, index) => {
      const vdcId = `vdc-${index}`;
      return { vdcId, vdcName: vdcId, regionId: "CN_Hongkong_A", privateNetworks: [] };
    });
    const [{ requests }, client] = await vendor({ vdcs });
    expect((await describeVdcs(client)).map(({ vdcId }) => vdcId)).toEqual(
      vdcs.map(({ vdcId }) => vdcId),
    );
    expect(requests).toHaveLength(4);
  });

  test("the catalogue of a region comes with sizes in GB", async () => {
    const [, client] = await vendor();
    const { versions } = await describeAvailableDbConfig(client, "CN_Hongkong_A");
    const cluster = versions.find(({ version }) => version === "5.0")?.architectures[0];
    expect(cluster).toMatchObject({
      architectureName: "集群",
      architectureType: 2,
      subProductName: "Redis 集群版",
    });
    expect(cluster?.computeRoles[0]?.sizes[0]).toEqual({ paasGoodsId: 8063, ramGb: 8 });
  });

  test("an instance is ordered, listed in our units and deleted", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, { ...order, port: 6379 }, 30_000);
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
        architecture: "cluster",
        subProductName: "Redis 集群版",
        regionId: "CN_Hongkong_A",
        vdcId: "vdc-1",
        vdcName: "hongkong",
        createdTime: expect.stringMatching(BEIJING_TIME) as string,
        resourceId: store.instances()[0]?.resourceId,
        tagNames: [],
      },
    ]);
    await deleteInstance(client, id, 30_000);
    expect(store.instances()).toEqual([]);
  });

  test("an order without a port has the vendor's", async () => {
    const [{ store }, client] = await vendor();
    await createInstance(client, order, 30_000);
    expect(store.instances()).toMatchObject([{ port: 9736 }]);
  });

  test("the first edition of the API gives no id for an order", async () => {
    const [{ store }, client] = await vendor({ edition: "first" });
    expect(await createInstance(client, order, 30_000)).toEqual([]);
    expect(store.instances()).toHaveLength(1);
  });

  test("instances are filtered by the vendor", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, { ...order, instanceName: "one" }, 30_000);
    await createInstance(client, { ...order, instanceName: "two" }, 30_000);
    const ids = async (filter: Parameters<typeof describeInstances>[1]): Promise<string[]> =>
      (await describeInstances(client, filter)).map((instance) => instance.instanceId);
    expect(await ids({ instanceId: id })).toEqual([id]);
    expect(await ids({ instanceName: "one" })).toEqual([id]);
    expect(await ids({ ip: store.instances()[0]?.ip ?? "" })).toEqual([id]);
    expect(await ids({ tagName: "none" })).toEqual([]);
  });

  test("a cluster is backed up by shard, fetched and cleared", async () => {
    const [{ store }, client] = await vendor();
    const [id = ""] = await createInstance(client, order, 30_000);
    await createBackup(client, id, "before release", 30_000);
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
    await deleteBackup(client, id, backupId, 30_000);
    expect(store.backups(id).map((left) => left.backupId)).not.toContain(backupId);
    expect(store.backups(id)).toHaveLength(1);
  });

  test("each call goes out once, by the method the vendor documents", async () => {
    const [{ requests }, client] = await vendor();
    const [id = ""] = await createInstance(client, order, 30_000);
    await createBackup(client, id, "", 30_000);
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

  test("data centers of the document's example and table, with other spellings and null lists", async () => {
    const client = await answered([
      {
        ...{ PageCount: 0, PageNumber: 0, RegionId: "CN_Beijing_A", VdcId: "v-1", VdcName: "a" },
        PrivateNetwork: [
          {
            PrivateId: "p-1",
            Name: "one",
            Status: "ok",
            UnuseIpNum: "253",
            Segments: ["10.0.0.0"],
          },
          { Id: "p-2", Segments: null },
          { ID: "p-3", UnuseIpNum: "many" },
          { Name: "none" },
          null,
        ],
      },
      { VdcId: "v-2", PrivateNetwork: null },
      { VdcName: "without an id" },
    ]);
    const center = { vdcId: "v-1", vdcName: "a", regionId: "CN_Beijing_A" };
    const untold = { ...center, name: "", status: "", segments: [], freeAddresses: undefined };
    expect(await describeVdcs(client)).toEqual([
      {
        ...center,
        privateNetworks: [
          {
            ...{ ...center, basePipeId: "p-1", name: "one", status: "ok" },
            ...{ segments: ["10.0.0.0"], freeAddresses: 253 },
          },
          { ...untold, basePipeId: "p-2" },
          { ...untold, basePipeId: "p-3" },
        ],
      },
      { vdcId: "v-2", vdcName: "", regionId: "", privateNetworks: [] },
    ]);
  });

  test("an empty list as null, or left out", async () => {
    for (const data of [null, undefined, []]) {
      expect(await describeInstances(await answered(data))).toEqual([]);
      expect(await describeBackups(await answered(data), "i-1")).toEqual([]);
      expect(await describeRegions(await answered(data))).toEqual([]);
      expect(await describeVdcs(await answered(data))).toEqual([]);
    }
  });

  test("a field that can't be read is unknown, and hides nothing", async () => {
    const good = { InstanceUuid: "i-good", Port: 6379, Ram: 1024 };
    const odd = [
      { Port: "" },
      { Port: "soon" },
      { Ram: "big" },
      { Ram: {} },
      { InstanceName: ["x"] },
      { Status: {} },
      { CreatedTime: 5 },
      { Tags: "none" },
      { Tags: [null, { TagName: "kept" }, { TagName: 5 }] },
    ].map((fields, index) => ({ InstanceUuid: `i-${index}`, ...fields }));
    const instances = await describeInstances(await answered([...odd, good]));
    expect(instances.map(({ instanceId }) => instanceId)).toEqual([
      ...odd.map(({ InstanceUuid }) => InstanceUuid),
      "i-good",
    ]);
    expect(instances.at(-1)).toMatchObject({ port: 6379, ramGb: 1, tagNames: [] });
    expect(instances.slice(0, 4)).toMatchObject([
      { port: 0 },
      { port: 0 },
      { ramGb: 0 },
      { ramGb: 0 },
    ]);
    expect(instances[4]).toMatchObject({ instanceName: "" });
    expect(instances[8]).toMatchObject({ tagNames: ["kept", "5"] });
    const backups = [{ BackupId: "b-1", BackupSize: "much", StartTime: {} }, { BackupId: 2 }];
    expect(await describeBackups(await answered(backups), "i-1")).toMatchObject([
      { backupId: "b-1", sizeBytes: 0, startTime: "" },
      { backupId: "2", sizeBytes: 0 },
    ]);
  });

  test("an entry without a usable id is left out", async () => {
    const odd = [
      null,
      "text",
      [],
      {},
      { InstanceUuid: null },
      { InstanceUuid: "" },
      { InstanceUuid: {} },
    ];
    const instances = await describeInstances(await answered([...odd, { InstanceUuid: "i-1" }]));
    expect(instances).toMatchObject([{ instanceId: "i-1" }]);
    const backups = [{ BackupId: "" }, { Desc: "x" }, { BackupId: "b-1" }];
    expect(await describeBackups(await answered(backups), "i-1")).toMatchObject([
      { backupId: "b-1" },
    ]);
  });

  test("an instance comes once, in whatever case its id is written", async () => {
    const instances = await describeInstances(
      await answered([
        { InstanceUuid: "ab-1", Status: "RUNNING" },
        { InstanceUuid: "AB-1", Status: "CREATING" },
        { InstanceUuid: "ab-2" },
        { InstanceUuid: "ab-1" },
      ]),
    );
    expect(instances).toMatchObject([
      { instanceId: "ab-1", status: "RUNNING" },
      { instanceId: "ab-2" },
    ]);
    expect(sameId("ab-1", "AB-1")).toBe(true);
    expect(sameId("ab-1", "ab-2")).toBe(false);
  });

  test("a backup entry comes once; shards of one backup are entries of their own", async () => {
    const entries = await describeBackups(
      await answered([
        { BackupId: "b-1", ShardId: "s-1" },
        { BackupId: "b-1", ShardId: "s-2" },
        { BackupId: "b-1", ShardId: "s-1" },
        { BackupId: "b-2" },
        { BackupId: "b-2" },
      ]),
      "i-1",
    );
    expect(entries.map(({ backupId, shardId }) => `${backupId} ${shardId}`)).toEqual([
      "b-1 s-1",
      "b-1 s-2",
      "b-2 ",
    ]);
  });

  test("one odd region or size leaves the others in the catalogue", async () => {
    const regions = [null, { RegionId: "A", IsSaling: {} }, { RegionId: "B", IsSaling: 1 }];
    expect(await describeRegions(await answered(regions))).toMatchObject([{ regionId: "B" }]);
    const CpuRam = [
      { PaasGoodsId: 1, RAM: "much" },
      { PaasGoodsId: 2, RAM: 2 },
    ];
    const ComputeRoles = [{ ComputeName: "x", Standards: { CpuRam } }];
    const catalogue = {
      Products: [{}, { Version: "5.0", Architectures: [null, { ComputeRoles }] }],
    };
    const { versions } = await describeAvailableDbConfig(await answered(catalogue), "B");
    expect(versions).toMatchObject([
      { version: "5.0", architectures: [{ computeRoles: [{ sizes: [{ paasGoodsId: 2 }] }] }] },
    ]);
  });

  test("an instance has our word for its architecture", async () => {
    const names = ["Redis 集群版", "Redis 主从版", "Redis 新版", null];
    const list = names.map((name, index) => ({ InstanceUuid: `i-${index}`, SubProductName: name }));
    const instances = await describeInstances(await answered(list));
    expect(instances.map(({ architecture }) => architecture)).toEqual([
      "cluster",
      "master-replica",
      "新",
      "",
    ]);
  });

  test("an order's ids come once each", async () => {
    const data = { InstancesUuid: ["i-1", "I-1", "", null, "i-2"] };
    expect(await createInstance(await answered(data), order, 30_000)).toEqual(["i-1", "i-2"]);
  });

  test("an order answered with no data, null or an empty list has no id", async () => {
    for (const data of [undefined, null, {}, { InstancesUuid: null }, { InstancesUuid: [] }]) {
      expect(await createInstance(await answered(data), order, 30_000)).toEqual([]);
    }
  });
});

test("an order sends each argument of the table under the vendor's name, and nothing else", async () => {
  const server = await startRawServer(answering(200, { Code: "Success", Data: {} }));
  const { required, optional } = ORDER_PARAMETERS;
  const names = Object.entries<string>({ ...required, ...optional });
  const request = { ...order, port: 6379, testGroupId: 5, subjectId: 6, another: "argument" };
  await createInstance(clientOf(server.url), request, 30_000);
  const values = new Map<string, unknown>(Object.entries(request));
  expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
    ...Object.fromEntries(names.map(([ours, theirs]) => [theirs, values.get(ours)])),
    Amount: 1,
  });
  expect(names.map(([, theirs]) => theirs)).toEqual(
    expect.arrayContaining(["RegionId", "ServicePort", "TestGroupId", "SubjectId", "Password"]),
  );
});
