import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator";
import { findGoods, parseCatalog, readCatalogFile, recordedCatalog } from "../../emulator/catalog";
import recorded from "../../sdk/catalog.json";
import { HONG_KONG, ORDER, VirtualEmulator } from "./virtualEmulator";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-emulator-"));
  file = join(folder, "catalog.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const own = {
  regions: [
    {
      CityId: "c",
      CityName: "无锡",
      IsSaling: 1,
      RegionId: "CN_Wuxi_A",
      RegionName: "中国大陆",
      SiteName: "无锡1",
    },
    {
      CityId: "c",
      CityName: "无锡",
      IsSaling: 0,
      RegionId: "CN_Wuxi_B",
      RegionName: "中国大陆",
      SiteName: "无锡2",
    },
  ],
  configurations: {
    CN_Wuxi_A: {
      ProductName: "redis",
      RegionId: "CN_Wuxi_A",
      Products: [
        {
          Version: "5.0",
          Architectures: [
            {
              ArchitectureName: "主从",
              ArchitectureType: 1,
              SubProductName: "Redis 主从版",
              EnginesType: [],
              NetworkLinks: null,
              ComputeRoles: [
                {
                  ComputeName: "通用型",
                  ComputeType: 0,
                  Standards: {
                    AttachDisk: null,
                    CpuRam: [{ CPU: 0, Name: "1G", PaasGoodsId: "12467", RAM: "1" }],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  },
};

describe("the catalogue", () => {
  test("the recorded one is answered as it was recorded, without types, in the first edition", () => {
    const emulator = new VirtualEmulator({ edition: "first" });
    expect(emulator.call("DescribeRegins").data).toEqual(recorded.regions);
    expect(emulator.call("DescribeAvailableDBConfig", { RegionId: HONG_KONG }).data).toEqual(
      recorded.configurations[HONG_KONG],
    );
  });

  test("by default architectures have the types of the newer documents, and nothing else is added", () => {
    const { data } = new VirtualEmulator().call("DescribeAvailableDBConfig", {
      RegionId: "CN_Beijing_A",
    });
    const { Products } = data as ReturnType<typeof recordedCatalog>["configurations"][string];
    const architectures = Products.flatMap((product) => product.Architectures);
    expect(architectures.map((one) => [one.ArchitectureName, one.ArchitectureType])).toEqual([
      ["读写分离", undefined],
      ["集群", 2],
      ["经济型主从", 3],
    ]);
    for (const architecture of architectures) delete architecture.ArchitectureType;
    expect(Products).toEqual(recorded.configurations[HONG_KONG].Products);
  });

  test("every recorded specification can be ordered", () => {
    for (const product of recorded.configurations[HONG_KONG].Products) {
      for (const { ComputeRoles, SubProductName } of product.Architectures) {
        for (const { PaasGoodsId, RAM } of ComputeRoles.flatMap((role) => role.Standards.CpuRam)) {
          expect(findGoods(recordedCatalog(), HONG_KONG, PaasGoodsId)).toMatchObject({
            ramGb: RAM,
            version: product.Version,
            subProductName: SubProductName,
            isCluster: SubProductName === "Redis 集群版",
          });
        }
      }
    }
  });

  test("an own one, with numbers as strings and lists as null, is answered and sold as it is", async () => {
    writeFileSync(file, JSON.stringify(own));
    const emulator = await startEmulator({ catalog: file });
    await emulator.close();
    const virtual = new VirtualEmulator({ catalog: readCatalogFile(file), anyNetwork: true });
    expect(virtual.call("DescribeAvailableDBConfig", { RegionId: "CN_Wuxi_A" }).data).toEqual(
      own.configurations.CN_Wuxi_A,
    );
    const order = { ...ORDER, RegionId: "CN_Wuxi_A", PaasGoodsId: 12467 };
    expect(virtual.call("CreateDBInstance", order).status).toBe(200);
    expect(virtual.list("DescribeDBInstances")).toMatchObject([
      { Ram: 1024, SubProductKey: "redis-replication", LinkType: "default_link" },
    ]);
    expect(virtual.call("CreateDBInstance", { ...order, PaasGoodsId: 5765 }).status).toBe(400);
  });

  test("a region that is sold out sells nothing", () => {
    const virtual = new VirtualEmulator({ catalog: parseCatalog(own, "own") });
    const order = { ...ORDER, RegionId: "CN_Wuxi_B", PaasGoodsId: 12467 };
    expect(virtual.call("CreateDBInstance", order)).toMatchObject({ code: "InvalidParameter" });
  });

  test.each([
    ["a missing file", undefined, "there is no such file"],
    ["no JSON", "{", "is not JSON"],
    ["an empty object", "{}", "regions: "],
    ["no configuration", '{"regions":[],"configurations":{}}', "configurations: must hold"],
    [
      "a wrong number within",
      JSON.stringify(own).replace('"12467"', '"many"'),
      "configurations.CN_Wuxi_A.Products.0.Architectures.0.ComputeRoles.0.Standards.CpuRam.0.PaasGoodsId: ",
    ],
  ])("%s is refused with the file and the place in it", async (_what, content, reason) => {
    if (content !== undefined) writeFileSync(file, content);
    const start = startEmulator({ catalog: file });
    await expect(start).rejects.toThrow(reason);
    await expect(start).rejects.toThrow(file);
  });
});
