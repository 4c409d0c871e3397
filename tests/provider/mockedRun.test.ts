import * as pulumi from "@pulumi/pulumi";

import * as cds from "../../provider";
import { valueOf } from "./programSide";

const REGION = { regionId: "CN_Hongkong_A", siteName: "香港1", forSale: true };

/** What the functions asked the mocks. */
const asked: pulumi.runtime.MockCallArgs[] = [];

async function mock(
  call: (args: pulumi.runtime.MockCallArgs) => pulumi.runtime.MockCallResult,
  preview = false,
): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name }) => ({ id: `${name}-id`, state: {} }),
      call: (args) => {
        asked.push(args);
        return call(args);
      },
    },
    "shop",
    "test",
    preview,
  );
  // Nothing listens there: a function that asked the vendor would fail.
  pulumi.runtime.setAllConfig({
    "cds:endpoint": "http://127.0.0.1:9",
    "cds:accessKeyId": "fake-id",
    "cds:accessKeySecret": "fake-secret",
  });
}

beforeEach(() => {
  asked.length = 0;
});

test("the mock `call` answers every function, under the token that the plugin's schema has", async () => {
  await mock(({ token }) => ({
    regions: [REGION],
    instances: [{ instanceId: "one" }],
    backups: [{ instanceId: "one", sizeBytes: 5 }],
    offers: [],
    regionId: token,
  }));
  expect(await cds.getRegions()).toEqual([REGION]);
  expect(await cds.getInstances({ instanceName: "cache" })).toEqual([{ instanceId: "one" }]);
  expect(await cds.getBackups({ instanceId: "one" })).toEqual([
    { instanceId: "one", sizeBytes: 5 },
  ]);
  expect(await cds.getAvailableDbConfig()).toMatchObject({ offers: [] });
  expect(await cds.getInstance({ ip: "10.0.0.1" })).toMatchObject({
    regionId: "cds-redis:index:getInstance",
  });
  expect(await cds.getBackup({ instanceId: "one", mostRecent: true })).toMatchObject({
    regionId: "cds-redis:index:getBackup",
  });
  expect(asked.map(({ token, inputs }) => [token, inputs as unknown])).toEqual([
    ["cds-redis:index:getRegions", {}],
    ["cds-redis:index:getInstances", { instanceName: "cache" }],
    ["cds-redis:index:getBackups", { instanceId: "one" }],
    ["cds-redis:index:getAvailableDbConfig", {}],
    ["cds-redis:index:getInstance", { ip: "10.0.0.1" }],
    ["cds-redis:index:getBackup", { instanceId: "one", mostRecent: true }],
  ]);
});

test("the twins for outputs ask the mock, too", async () => {
  await mock(() => ({ regions: [REGION] }));
  const cache = new cds.RedisInstance("cache", {
    ...{ regionId: "CN_Hongkong_A", vdcId: "v", basePipeId: "p", paasGoodsId: 8063 },
    password: "a-password",
  });
  const regions = cds.getRegionsOutput({ forSaleOnly: cache.id.apply(() => true) });
  expect(await valueOf(regions)).toEqual([REGION]);
  expect(asked).toMatchObject([{ inputs: { forSaleOnly: true } }]);
});

test("the URLs of a download stay secret", async () => {
  const args = { instanceId: "one", backupId: "two" };
  await mock(() => ({ ...args, shardId: "", downloadUrl: "https://one.test/a" }));
  const download = await cds.getBackupDownload(args);
  expect(download).toMatchObject({ ...args, shardId: "" });
  expect(await pulumi.isSecret(download.downloadUrl)).toBe(true);
  expect(await valueOf(download.downloadUrl)).toBe("https://one.test/a");
  expect(await pulumi.isSecret(cds.getBackupDownloadOutput(args))).toBe(true);
});

test("a mock may answer later, and is asked at every call", async () => {
  let answers = 0;
  await mock(async () =>
    Promise.resolve({ regions: Array.from({ length: ++answers }, () => REGION) }),
  );
  expect(await cds.getRegions()).toHaveLength(1);
  expect(await cds.getRegions()).toHaveLength(2);
});

describe("an error", () => {
  test.each(["at once", "later"])(
    "of a mock that throws %s is the function's error",
    async (when) => {
      await mock(async () => {
        if (when === "later") await Promise.resolve();
        throw new Error("no instance matches");
      });
      for (const ask of [() => cds.getInstance({ instanceName: "a" }), () => cds.getRegions()]) {
        const failure: unknown = await ask().catch((error: unknown) => error);
        expect(pulumi.RunError.isInstance(failure)).toBe(true);
        expect((failure as Error).message).toMatch(/^get(Instance|Regions): no instance matches$/);
      }
    },
  );

  test("of a mock that does not know the function says what to return", async () => {
    await mock(() => ({}));
    await expect(cds.getRegions()).rejects.toThrow(
      "getRegions: the mock of cds-redis:index:getRegions gave no list of regions: return { regions: [...] } from `call`.",
    );
    await mock(() => [REGION]);
    await expect(cds.getRegions()).rejects.toThrow("return { regions: [...] }");
  });

  test("of a misspelt argument comes without the mock", async () => {
    await mock(() => ({ instances: [] }));
    await expect(cds.getInstances({ instancename: "a" } as never)).rejects.toThrow(
      "instancename is not an argument",
    );
    expect(asked).toEqual([]);
  });
});
