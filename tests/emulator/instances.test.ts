import { CLUSTER, HONG_KONG, ORDER, VirtualEmulator } from "./virtualEmulator";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("regions and what they sell", () => {
  test("the recorded regions, the one without an id among them", () => {
    const { data, text } = new VirtualEmulator().call("DescribeRegins");
    expect(data).toHaveLength(18);
    expect(data).toContainEqual(expect.objectContaining({ RegionId: "", SiteName: "北京8" }));
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["Code", "Data", "Message"]);
  });

  test("a region without a recorded configuration sells what Hong Kong does, under its own id", () => {
    const emulator = new VirtualEmulator();
    const hongKong = emulator.call("DescribeAvailableDBConfig", { RegionId: HONG_KONG });
    const tokyo = emulator.call("DescribeAvailableDBConfig", { RegionId: "APAC_Tokyo_A" });
    expect(tokyo.data).toEqual({ ...(hongKong.data as object), RegionId: "APAC_Tokyo_A" });
    expect(hongKong.text).toContain('"TaskId":""');
  });

  test("an unknown region is refused", () => {
    const answer = new VirtualEmulator().call("DescribeAvailableDBConfig", { RegionId: "X" });
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
  });
});

describe("an order", () => {
  test("the newer edition tells the ids, the first edition nothing", () => {
    const newer = new VirtualEmulator().call("CreateDBInstance", ORDER);
    expect(newer.data).toEqual({ InstancesUuid: [expect.stringMatching(UUID)] });
    const emulator = new VirtualEmulator({ edition: "first" });
    const first = emulator.call("CreateDBInstance", ORDER);
    expect(first.data).toEqual({});
    expect(emulator.store.instances()).toHaveLength(1);
    expect([newer.message, first.message]).toEqual(["Success.", "Success."]);
    expect((JSON.parse(newer.text) as { TaskId: string }).TaskId).toMatch(UUID);
  });

  test("up to three at once, each with its own id and address", () => {
    const emulator = new VirtualEmulator();
    emulator.call("CreateDBInstance", { ...ORDER, Amount: 3 });
    const instances = emulator.store.instances();
    expect(new Set(instances.map(({ instanceUuid }) => instanceUuid)).size).toBe(3);
    expect(new Set(instances.map(({ ip }) => ip)).size).toBe(3);
  });

  test("numbers may come as strings, as in the vendor's example, and optional ones as null", () => {
    const emulator = new VirtualEmulator();
    const answer = emulator.call("CreateDBInstance", {
      ...ORDER,
      PaasGoodsId: "5765",
      ServicePort: "6400",
      Amount: null,
      TestGroupId: 3,
      SubjectId: 4,
    });
    expect(answer.status).toBe(200);
    expect(emulator.store.instances()[0]).toMatchObject({ paasGoodsId: 5765, port: 6400 });
  });

  test("the same seed gives the same ids and addresses, another seed others", () => {
    const made = (seed: number): unknown => {
      const emulator = new VirtualEmulator({ seed });
      emulator.call("CreateDBInstance", { ...ORDER, Amount: 2 });
      return emulator.store.instances().map(({ instanceUuid, ip }) => [instanceUuid, ip]);
    };
    expect(made(7)).toEqual(made(7));
    expect(made(7)).not.toEqual(made(8));
  });

  test("without a seed, no two emulators give the same ids", () => {
    const [one, two] = [undefined, undefined].map((seed) => {
      const emulator = new VirtualEmulator({ seed });
      return emulator.runningInstance();
    });
    expect(one).not.toBe(two);
  });
});

describe("an instance's life", () => {
  test("CREATING until the delivery time, then RUNNING; DELETING until the delete time, then gone", () => {
    const emulator = new VirtualEmulator();
    emulator.call("CreateDBInstance", ORDER);
    const uuid = emulator.store.instances()[0]?.instanceUuid ?? "";
    const status = (): unknown =>
      emulator.list("DescribeDBInstances").map(({ Status, StatusStr }) => [Status, StatusStr]);
    expect(status()).toEqual([["CREATING", "创建中"]]);
    emulator.pass(99.999);
    expect(status()).toEqual([["CREATING", "创建中"]]);
    emulator.pass(0.001);
    expect(status()).toEqual([["RUNNING", "运行中"]]);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid: uuid })).toMatchObject({
      status: 200,
      message: "Success.",
      data: {},
    });
    emulator.pass(9.999);
    expect(status()).toEqual([["DELETING", "删除中"]]);
    emulator.pass(0.001);
    expect(status()).toEqual([]);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid: uuid }).status).toBe(404);
  });

  test("what a list tells of a running instance", () => {
    const emulator = new VirtualEmulator({ anyNetwork: true });
    const uuid = emulator.runningInstance({ RegionId: "CN_Wuxi_A" });
    const stored = emulator.store.findInstance(uuid);
    const [entry] = emulator.list("DescribeDBInstances");
    expect(entry).toEqual({
      CloneServices: null,
      CreatedTime: "2026-11-21 16:30:00",
      DisplayName: "中国大陆-无锡-可用区A",
      IP: stored?.ip,
      InstanceName: "cache",
      InstanceUuid: uuid,
      LinkType: "default_link",
      LinkTypeStr: "默认链路",
      MasterInfo: "",
      Port: 9736,
      ProjectName: "默认项目组",
      Ram: 1024,
      RegionId: "CN_Wuxi_A",
      RelationService: null,
      ResourceId: stored?.resourceId,
      RoGroups: null,
      Status: "RUNNING",
      StatusStr: "运行中",
      SubProductName: "Redis 读写分离版",
      Tags: [],
      VdcId: "vdc-1",
      VdcName: "无锡1",
      Version: "2.8.19",
    });
    expect(stored?.ip).toMatch(/^10\.\d+\.\d+\.\d+$/);
  });

  test("there is no address before the delivery", () => {
    const emulator = new VirtualEmulator();
    emulator.call("CreateDBInstance", ORDER);
    expect(emulator.list("DescribeDBInstances")).toMatchObject([{ IP: "" }]);
    emulator.pass(100);
    expect(emulator.list("DescribeDBInstances")).toMatchObject([
      { IP: expect.stringMatching(/^10\./) as string },
    ]);
  });

  test("jitter spreads the deliveries by the seed, within its fraction", () => {
    const delays = (seed: number): number[] => {
      const emulator = new VirtualEmulator({ seed, deliveryJitter: 0.5 });
      emulator.call("CreateDBInstance", { ...ORDER, Amount: 3 });
      return emulator.store.instances().map(({ createdAt, readyAt }) => readyAt - createdAt);
    };
    expect(delays(1)).toEqual(delays(1));
    expect(new Set(delays(1)).size).toBe(3);
    for (const delay of [...delays(1), ...delays(2)]) {
      expect(delay).toBeGreaterThanOrEqual(50_000);
      expect(delay).toBeLessThanOrEqual(150_000);
    }
  });

  test("a busy instance is in use: while it is made, deleted or backed up", () => {
    const emulator = new VirtualEmulator();
    emulator.call("CreateDBInstance", ORDER);
    const InstanceUuid = emulator.store.instances()[0]?.instanceUuid ?? "";
    const refused = { status: 409, code: "ResourceInUse" };
    expect(emulator.call("DeleteDBInstance", { InstanceUuid })).toMatchObject(refused);
    emulator.pass(100);
    emulator.call("CreateBackup", { InstanceUuid });
    expect(emulator.call("DeleteDBInstance", { InstanceUuid })).toMatchObject(refused);
    emulator.pass(20);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid }).status).toBe(200);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid })).toMatchObject(refused);
  });

  test("a delivery time of zero delivers at once", () => {
    const emulator = new VirtualEmulator({ deliverySeconds: 0 });
    emulator.call("CreateDBInstance", ORDER);
    expect(emulator.store.instances()).toMatchObject([{ status: "RUNNING" }]);
  });
});

describe("filters", () => {
  test("names, addresses and tags match loosely, ids as a whole", () => {
    const emulator = new VirtualEmulator();
    const one = emulator.runningInstance({ InstanceName: "cache-one" });
    const two = emulator.runningInstance({ InstanceName: "cache-two", PaasGoodsId: CLUSTER });
    emulator.store.changeInstance(two, { tags: [{ tagId: 24644, tagName: "test_tag" }] });
    const ids = (filter: Record<string, string>): unknown[] =>
      emulator.list("DescribeDBInstances", filter).map(({ InstanceUuid }) => InstanceUuid);
    expect(ids({})).toEqual([one, two]);
    expect(ids({ InstanceName: "cache" })).toEqual([one, two]);
    expect(ids({ InstanceName: "e-two" })).toEqual([two]);
    expect(ids({ IP: emulator.store.findInstance(one)?.ip.slice(3) ?? "" })).toEqual([one]);
    expect(ids({ TagName: "test" })).toEqual([two]);
    expect(ids({ InstanceUuid: one })).toEqual([one]);
    expect(ids({ InstanceUuid: one.slice(0, 8) })).toEqual([]);
    expect(ids({ InstanceUuid: one, InstanceName: "two" })).toEqual([]);
    expect(emulator.list("DescribeDBInstances", { TagName: "test" })).toMatchObject([
      { Tags: [{ TagID: 24644, TagName: "test_tag" }] },
    ]);
  });

  test("an unknown id gives an empty list, not an error", () => {
    const answer = new VirtualEmulator().call("DescribeDBInstances", { InstanceUuid: "none" });
    expect([answer.status, answer.data]).toEqual([200, []]);
  });
});

describe("behind Pulumi's back", () => {
  test("a changed instance shows its change", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance();
    emulator.store.changeInstance(uuid, {
      ramGb: 4,
      version: "5.0",
      subProductName: "Redis 主从版",
      port: 6380,
      instanceName: "renamed",
      status: "ERROR",
    });
    expect(emulator.list("DescribeDBInstances")).toMatchObject([
      {
        Ram: 4096,
        Version: "5.0",
        SubProductName: "Redis 主从版",
        SubProductKey: "redis-replication",
        Port: 6380,
        InstanceName: "renamed",
        Status: "ERROR",
        StatusStr: "异常",
      },
    ]);
    expect(emulator.call("DeleteDBInstance", { InstanceUuid: uuid }).status).toBe(200);
    expect(emulator.list("DescribeDBInstances")).toMatchObject([{ Status: "DELETING" }]);
  });

  test("a removed instance is gone at once, with its backups", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance();
    emulator.call("CreateBackup", { InstanceUuid: uuid });
    emulator.store.removeInstance(uuid);
    expect(emulator.list("DescribeDBInstances")).toEqual([]);
    expect(emulator.store.backups()).toEqual([]);
    expect(() => {
      emulator.store.removeInstance(uuid);
    }).toThrow(`no instance ${uuid}`);
  });

  test("what the store gives out is a copy", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance();
    const given = emulator.store.instances()[0];
    Object.assign(given ?? {}, { instanceName: "mine" });
    given?.tags.push({ tagId: 1, tagName: "mine" });
    expect(emulator.store.findInstance(uuid)).toMatchObject({ instanceName: "cache", tags: [] });
  });
});
