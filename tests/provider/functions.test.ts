import * as pulumi from "@pulumi/pulumi";

import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator";
import * as cds from "../../provider";

let emulator: Emulator;

/** Starts a vendor, and a run of a program that is configured for it. */
async function startRun(
  options: EmulatorOptions = {},
  config: Record<string, string> = {},
): Promise<void> {
  emulator = await startEmulator({ deliverySeconds: 0, ...options });
  await newRun(config);
}

async function newRun(config: Record<string, string> = {}): Promise<void> {
  await pulumi.runtime.setMocks({
    newResource: () => ({ id: "none", state: {} }),
    call: () => ({}),
  });
  // The engine's own monitor is a gRPC client, and functions ask the vendor.
  Object.assign(pulumi.runtime.getMonitor() ?? {}, { getChannel: () => undefined });
  pulumi.runtime.setAllConfig({
    "cds:endpoint": emulator.url,
    "cds:accessKeyId": emulator.accessKeyId,
    "cds:accessKeySecret": emulator.accessKeySecret,
    ...config,
  });
}

afterEach(() => emulator.close());

function order(instanceName: string, isCluster = false): string {
  const [id = ""] = emulator.store.createInstances(
    {
      instanceName,
      regionId: "CN_Hongkong_A",
      displayName: "香港1",
      vdcId: "vdc-1",
      vdcName: "香港1",
      basePipeId: "pipe-1",
      paasGoodsId: 8063,
      ramGb: 8,
      version: "5.0",
      subProductName: isCluster ? "Redis 集群版" : "Redis 主从版",
      isCluster,
      linkType: "default_link",
      linkName: "默认链路",
      port: 9736,
    },
    1,
  );
  return id;
}

function calls(action: string): number {
  return emulator.requests.filter((request) => request.action === action).length;
}

async function valueOf<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const secret = await pulumi.isSecret(output);
  return new Promise((resolve) =>
    output.apply((value) => {
      resolve({ value, secret });
    }),
  );
}

describe("getRegions", () => {
  test("gives the regions that have an id, and asks once in a run", async () => {
    await startRun();
    const [regions] = await Promise.all([cds.getRegions(), cds.getRegions({ forSaleOnly: true })]);
    expect(regions).toHaveLength(17);
    expect(regions).toContainEqual(
      expect.objectContaining({ regionId: "CN_Hongkong_A", siteName: "香港1", forSale: true }),
    );
    expect(regions.every((region) => region.regionId !== "")).toBe(true);
    await cds.getRegions();
    expect(calls("DescribeRegins")).toBe(1);
  });

  test("asks again in another run of the same process", async () => {
    await startRun();
    await cds.getRegions();
    await newRun();
    await cds.getRegions();
    expect(calls("DescribeRegins")).toBe(2);
  });

  test("asks again after a failure", async () => {
    await startRun({}, { "cds:accessKeyId": "CANARY-ID" });
    const failure = await cds.getRegions().catch((error: unknown) => error);
    expect(pulumi.RunError.isInstance(failure)).toBe(true);
    expect(String(failure)).toMatch(/getRegions: DescribeRegins: .*Check the access key/);
    expect(String(failure)).not.toContain("CANARY");
    await cds.getRegions().catch(() => undefined);
    expect(calls("DescribeRegins")).toBe(2);
  });
});

describe("getAvailableDbConfig", () => {
  test("gives what a region sells in our words, and asks once per region", async () => {
    await startRun();
    const { offers } = await cds.getAvailableDbConfig({ regionId: "CN_Hongkong_A" });
    expect(offers).toHaveLength(14);
    expect(offers).toContainEqual({
      paasGoodsId: 8075,
      version: "5.0",
      architecture: "cluster",
      computeRole: "high-io",
      ramGb: 20,
    });
    await cds.getAvailableDbConfig({ regionId: "CN_Hongkong_A" });
    await cds.getAvailableDbConfig({ regionId: "CN_Wuxi_A" });
    expect(calls("DescribeAvailableDBConfig")).toBe(2);
  });

  test("takes the configured region, or says how to give one", async () => {
    await startRun({}, { "cds:regionId": "CN_Wuxi_A" });
    expect(await cds.getAvailableDbConfig()).toMatchObject({ regionId: "CN_Wuxi_A" });
    await newRun();
    await expect(cds.getAvailableDbConfig()).rejects.toThrow(/regionId is missing.*cds:regionId/);
  });
});

describe("getVdcs, getVdc, getPrivateNetworks and getPrivateNetwork", () => {
  test("give what an order needs, by names, and ask once in a run", async () => {
    await startRun();
    const regionId = "CN_Hongkong_A";
    const network = await cds.getPrivateNetwork({ vdcName: "hongkong", name: "cache" });
    expect(network).toEqual({
      ...{ basePipeId: "pipe-1", name: "cache", vdcId: "vdc-1", vdcName: "hongkong", regionId },
      ...{ status: "ok", segments: ["10.1.0.0/16~10.1.255.255/16"], freeAddresses: 65_533 },
    });
    const { value } = await valueOf(cds.getVdcOutput({ vdcName: pulumi.output("beijing") }));
    expect(value.privateNetworks.map(({ basePipeId }) => basePipeId)).toEqual(["pipe-3"]);
    const vdcs = await cds.getVdcs({ regionId });
    expect(vdcs.map(({ vdcId }) => vdcId)).toEqual(["vdc-1", "vdc-2"]);
    const networks = await cds.getPrivateNetworks({ name: "cache" });
    expect(networks.map(({ basePipeId }) => basePipeId)).toEqual(["pipe-1", "pipe-2", "pipe-3"]);
    expect(calls("DescribeVdc")).toBe(1);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "no data center",
      () => cds.getVdc({ vdcName: "tokyo" }),
      'getVdc: no data center matches {"vdcName":"tokyo"}. Data centers of the account: hongkong (vdc-1, CN_Hongkong_A), hongkong-staging (vdc-2, CN_Hongkong_A), beijing (vdc-3, CN_Beijing_A).',
    ],
    [
      "no network",
      () => cds.getPrivateNetwork({ vdcName: "beijing", name: "full" }),
      'getPrivateNetwork: no private network matches {"vdcName":"beijing","name":"full"}. Private networks of the account: cache in hongkong (CN_Hongkong_A), full in hongkong (CN_Hongkong_A), cache in hongkong-staging (CN_Hongkong_A), cache in beijing (CN_Beijing_A).',
    ],
    [
      "several networks",
      () => cds.getPrivateNetwork({ regionId: "CN_Hongkong_A", name: "cache" }),
      'getPrivateNetwork: 2 private networks match {"regionId":"CN_Hongkong_A","name":"cache"}: cache in hongkong (CN_Hongkong_A), cache in hongkong-staging (CN_Hongkong_A). Give regionId, vdcName and name.',
    ],
  ])("name those to choose from where %s match", async (_name, ask, message) => {
    await startRun();
    await expect(ask()).rejects.toThrow(message);
  });

  test("say that there is none where the account has no data center", async () => {
    await startRun({ anyNetwork: true });
    await expect(cds.getVdc({})).rejects.toThrow(
      "no data center matches {}. Data centers of the account: none.",
    );
  });
});

describe("getInstances and getInstance", () => {
  beforeEach(async () => {
    await startRun();
    for (const name of ["cache", "cache-2", "other"]) order(name);
  });

  test("match exactly, though the vendor does not", async () => {
    expect(await cds.getInstances({ instanceName: "cache" })).toHaveLength(1);
    expect(await cds.getInstances({ instanceName: "cache", match: "vendor" })).toHaveLength(2);
    expect(await cds.getInstances({ regionId: "CN_Wuxi_A" })).toEqual([]);
    expect(await cds.getInstances()).toHaveLength(3);
  });

  test("ask once for the same filters", async () => {
    await Promise.all([
      cds.getInstances({ ip: "1" }),
      cds.getInstances({ ip: "1", match: "vendor" }),
    ]);
    expect(calls("DescribeDBInstances")).toBe(1);
  });

  test("ask again once a resource of the program is ready", async () => {
    await cds.getInstances();
    const args = { regionId: "CN_Hongkong_A", vdcId: "v", basePipeId: "p", password: "p" } as const;
    const cache = new cds.RedisInstance("mine", { ...args, paasGoodsId: 8063 });
    const all = cds.getInstancesOutput({ match: cache.id.apply(() => "exact" as const) });
    await valueOf(all);
    await cds.getInstances();
    expect(calls("DescribeDBInstances")).toBe(2);
  });

  test("match a tag by its name", async () => {
    const [first] = emulator.store.instances();
    emulator.store.changeInstance(first?.instanceUuid ?? "", {
      tags: [{ tagId: 1, tagName: "prod" }],
    });
    expect(await cds.getInstances({ tagName: "prod" })).toMatchObject([{ tagNames: ["prod"] }]);
  });

  test("getInstance gives the instance with its values", async () => {
    const [first] = emulator.store.instances();
    expect(await cds.getInstance({ instanceName: "cache" })).toMatchObject({
      instanceId: first?.instanceUuid,
      ip: first?.ip,
      ramGb: 8,
      status: "RUNNING",
    });
  });

  test("no match and several matches are errors that name the instances", async () => {
    await expect(cds.getInstance({ instanceName: "cach" })).rejects.toThrow(
      /no instance matches {"instanceName":"cach"}\. Instances of the account: cache \(.*\), cache-2 \(.*\), other/,
    );
    await expect(cds.getInstance({ instanceName: "cache", match: "vendor" })).rejects.toThrow(
      /2 instances match .*: cache \(.*\), cache-2 \(.*\)\. Give instanceId/,
    );
  });

  test("the Output function takes outputs", async () => {
    const instanceName = pulumi.output("other");
    const { value } = await valueOf(cds.getInstanceOutput({ instanceName }));
    expect(value).toMatchObject({ instanceName: "other" });
  });
});

describe("getBackups and getBackup", () => {
  let id: string;

  beforeEach(async () => {
    await startRun();
    id = order("cluster", true);
    emulator.store.createBackup(id, "nightly pulumi-0123456789ab");
    emulator.store.createBackup(id, "nightly");
  });

  test("a backup of a cluster has an entry for each shard", async () => {
    const backups = await cds.getBackups({ instanceId: id });
    expect(backups.map((backup) => backup.entries.length)).toEqual([2, 2]);
    for (const { entries } of backups)
      expect(new Set(entries.map((entry) => entry.shardId)).size).toBe(2);
    expect(backups[0]).toMatchObject({ description: "nightly", status: "finished", sizeBytes: 36 });
  });

  test("several backups need an entry's id or mostRecent", async () => {
    await expect(cds.getBackup({ instanceId: id })).rejects.toThrow(
      /has 2 backups\. Give backupId or mostRecent\. Backups of the instance: /,
    );
    const [first, last] = await cds.getBackups({ instanceId: id });
    expect(await cds.getBackup({ instanceId: id, mostRecent: true })).toEqual(last);
    const backupId = first?.entries[1]?.backupId;
    expect(await cds.getBackup({ instanceId: id, backupId })).toEqual(first);
    await expect(cds.getBackup({ instanceId: id, backupId: "none" })).rejects.toThrow(
      /has no backup with the entry none\. Backups of the instance: .*finished/,
    );
    expect(calls("DescribeBackups")).toBe(1);
  });

  test("a missing instance is an error that says so", async () => {
    await expect(cds.getBackups({ instanceId: "none" })).rejects.toThrow(
      /getBackups: DescribeBackups: ResourceNotFound/,
    );
  });

  test("the URLs of a download are secret, and asked for each time", async () => {
    const { entries } = await cds.getBackup({ instanceId: id, mostRecent: true });
    const args = { instanceId: id, backupId: entries[0]?.backupId ?? "" };
    const [one, other] = [await cds.getBackupDownload(args), await cds.getBackupDownload(args)];
    expect(calls("DownloadBackup")).toBe(2);
    const { value, secret } = await valueOf(one.downloadUrl);
    expect(secret).toBe(true);
    expect(value).not.toBe((await valueOf(other.downloadUrl)).value);
    const rdb = await fetch(value);
    expect((await rdb.text()).startsWith("REDIS")).toBe(true);
    const twin = cds.getBackupDownloadOutput({ ...args, instanceId: pulumi.output(id) });
    expect((await valueOf(twin)).secret).toBe(true);
  });
});

describe("wrong arguments", () => {
  const asks: [string, () => Promise<unknown>, RegExp][] = [
    [
      "a misspelt one",
      () => cds.getInstances({ instancename: "a" } as never),
      /instancename is not an argument\. Arguments: instanceId, instanceName/,
    ],
    [
      "a word that is not a choice",
      () => cds.getInstances({ match: "loose" as never }),
      /match must be exact or vendor/,
    ],
    [
      "a number for a text",
      () => cds.getInstances({ instanceName: 5 as never }),
      /instanceName must be text/,
    ],
    ["an empty text", () => cds.getAvailableDbConfig({ regionId: "" }), /regionId is empty/],
    ["a missing one", () => cds.getBackups({} as never), /getBackups: instanceId is missing/],
    [
      "a text for a flag",
      () => cds.getBackup({ instanceId: "a", mostRecent: "yes" as never }),
      /mostRecent must be true or false/,
    ],
    [
      "an account name that cannot be a namespace",
      () => cds.getRegions({ account: "a b:c" }),
      /account must be the name in/,
    ],
  ];

  test.each(asks)("are an error before the vendor is asked: %s", async (_name, ask, message) => {
    await startRun();
    const failure: unknown = await ask().catch((error: unknown) => error);
    expect(String(failure)).toMatch(message);
    // Node shows the stack of an unhandled error.
    expect((failure as Error).stack).toBe((failure as Error).message);
    expect(emulator.requests).toEqual([]);
  });
});

describe("a named account", () => {
  test("has its own keys, endpoint and default region, and shares no answers with another", async () => {
    await startRun({ accessKeyId: "PROD-ID", accessKeySecret: "prod-secret" });
    await newRun({
      "cds:accessKeyId": "WRONG",
      "cds-prod:endpoint": emulator.url,
      "cds-prod:accessKeyId": "PROD-ID",
      "cds-prod:accessKeySecret": "prod-secret",
      "cds-prod:regionId": "CN_Wuxi_A",
    });
    expect(await cds.getRegions({ account: "prod" })).toHaveLength(17);
    expect(await cds.getAvailableDbConfig({ account: "prod" })).toMatchObject({
      regionId: "CN_Wuxi_A",
    });
    await expect(cds.getRegions()).rejects.toThrow(/InvalidAccessKeyId/);
  });

  test("without keys is an error that names its configuration, whatever the environment has", async () => {
    await startRun();
    process.env["CDS_SECRET_ID"] = "env-id";
    try {
      await expect(cds.getRegions({ account: "prod" })).rejects.toThrow(
        /no access key: set cds-prod:accessKeyId\. For example: `pulumi config set --secret cds-prod:accessKeyId`\./,
      );
    } finally {
      delete process.env["CDS_SECRET_ID"];
    }
  });
});
