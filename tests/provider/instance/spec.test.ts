import { runtime } from "@pulumi/pulumi";

import type { EmulatorCatalog } from "../../../emulator";
import { changedArguments } from "../../../provider/core/arguments";
import { INSTANCE_ARGUMENTS } from "../../../provider/instance/arguments";
import recorded from "../../../sdk/catalog.json";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { catalogWithout, instanceLife, order, orderByGoodsId, REGION, type Bag } from "../orders";

const UNKNOWN = runtime.unknownValue;
const CLUSTER = {
  paasGoodsId: 8063,
  version: "5.0",
  architecture: "cluster",
  computeRole: "high-io",
  ramGb: 8,
};

describe("what to order is completed from the catalogue", () => {
  test.each<[string, Bag]>([
    ["by version, architecture and size", order()],
    ["by goods id", orderByGoodsId(8063)],
    ["by both", order({ paasGoodsId: 8063 })],
    ["by goods id and a part of the rest", orderByGoodsId(8063, { ramGb: 8 })],
    ["with the compute role", order({ computeRole: "high-io" })],
    ["with a longer version", order({ version: "5.0.3" })],
  ])("%s", (_name, news) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      expect(await life.inputs(news)).toMatchObject(CLUSTER);
    }),
  );

  test.each<[string, Bag, string, RegExp]>([
    ["an unknown goods id", orderByGoodsId(1), "paasGoodsId", /^paasGoodsId 1 is not for sale in/],
    ["a goods id of another size", order({ paasGoodsId: 8069 }), "ramGb", /^ramGb 8 is not for/],
    ["an unknown role", order({ computeRole: "general" }), "computeRole", /for sale: "high-io"/],
    ["an unknown architecture", order({ architecture: "x" }), "architecture", /"cluster"/],
  ])("%s is refused with what is for sale", (_name, news, property, reason) =>
    inVirtualTime(async () => {
      const { failures } = await instanceLife(emulatedVendor().host()).check({}, news);
      expect(failures).toEqual([{ property: "", reason: expect.stringMatching(reason) as string }]);
      expect(failures[0]?.reason).toContain(property);
    }),
  );
});

describe("a region", () => {
  const closed = structuredClone(recorded) as EmulatorCatalog;
  for (const region of closed.regions) if (region.RegionId === REGION) region.IsSaling = 0;
  const empty = structuredClone(recorded) as EmulatorCatalog;
  for (const configuration of Object.values(empty.configurations)) configuration.Products = [];

  test.each<[string, EmulatorCatalog | undefined, string, RegExp]>([
    [
      "that is none",
      undefined,
      "CN_Nowhere_Z",
      /^regionId CN_Nowhere_Z is not a region of the vendor/,
    ],
    ["that is closed", closed, REGION, /^regionId CN_Hongkong_A sells no Redis at present/],
    ["without any Redis", empty, REGION, /^regionId CN_Hongkong_A sells no Redis at present/],
  ])("%s is refused with those for sale", (_name, catalog, regionId, reason) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor({ catalog }).host());
      const { failures } = await life.check({}, order({ regionId }));
      expect(failures).toHaveLength(1);
      expect(failures[0]?.reason).toMatch(reason);
      expect(failures[0]?.reason).toMatch(
        /for sale: APAC_Seoul_A, APAC_Singapore_A, .*US_NewYork_A\.$/,
      );
    }),
  );
});

function catalogueCalls(vendor: EmulatedVendor): number {
  return vendor.actions().filter((action) => action === "DescribeAvailableDBConfig").length;
}

describe("what was ordered and is asked for unchanged", () => {
  async function checkedAgain(olds: Bag, news: Bag, goodsId: number): Promise<[Bag, string[]]> {
    const life = instanceLife(emulatedVendor().host());
    const before = await life.inputs(olds);
    const later = emulatedVendor({ catalog: catalogWithout(goodsId) });
    // No credentials either: there is nothing to ask.
    const inputs = await instanceLife(later.host({ "cds:accessKeyId": "" })).inputs(news, before);
    return [inputs, later.actions()];
  }

  test.each<[string, Bag, Bag]>([
    ["by combination", order(), order()],
    ["by goods id", orderByGoodsId(8063), orderByGoodsId(8063)],
    ["by goods id instead of the combination", order(), orderByGoodsId(8063)],
    ["by combination instead of the goods id", orderByGoodsId(8063), order()],
    ["with other arguments changed", order(), order({ port: 6379, testGroupId: 7 })],
  ])("makes no call, and outlives its sale: %s", (_name, olds, news) =>
    inVirtualTime(async () => {
      const [inputs, actions] = await checkedAgain(olds, news, 8063);
      expect(inputs).toMatchObject(CLUSTER);
      expect(actions).toEqual([]);
    }),
  );

  test.each<[string, Bag]>([
    ["another size", { ramGb: 12 }],
    ["another region", { regionId: "CN_Beijing_A" }],
  ])("is looked up anew for %s", (_name, change) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const olds = await life.inputs(order());
      const before = catalogueCalls(vendor);
      await instanceLife(vendor.host()).inputs(order(change), olds);
      expect(catalogueCalls(vendor)).toBe(before + 1);
    }),
  );
});

describe("the catalogue is asked for", () => {
  test("once for a hundred checks in parallel", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await Promise.all(
        Array.from({ length: 100 }, (_, index) => life.inputs(order({}, `cache${index}`))),
      );
      expect(new Set(inputs.map((one) => one["instanceName"])).size).toBe(100);
      expect(catalogueCalls(vendor)).toBe(1);
    }));

  test("once for each region", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      for (const regionId of [REGION, "CN_Beijing_A", REGION])
        await life.inputs(order({ regionId }));
      expect(catalogueCalls(vendor)).toBe(2);
    }));

  test("not at all while the region or a part of the specification is unknown", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      for (const name of ["regionId", "version", "architecture", "ramGb"])
        expect(await life.inputs(order({ [name]: UNKNOWN }))).toMatchObject({
          computeRole: UNKNOWN,
          paasGoodsId: UNKNOWN,
        });
      await life.inputs(order({ paasGoodsId: UNKNOWN }));
      expect(catalogueCalls(vendor)).toBe(0);
    }));
});

describe("the specification of an instance differs from the one asked for", () => {
  const told = { version: "5.0", architecture: "cluster", ramGb: 8 };

  test.each<[string, Bag, Bag, string[]]>([
    ["nowhere", CLUSTER, CLUSTER, []],
    ["in the size", CLUSTER, { ...CLUSTER, paasGoodsId: 8069, ramGb: 12 }, ["ramGb"]],
    ["in the version", CLUSTER, { ...CLUSTER, paasGoodsId: 1, version: "6.0" }, ["version"]],
    ["in the role", CLUSTER, { ...CLUSTER, paasGoodsId: 1, computeRole: "x" }, ["computeRole"]],
    ["in the goods id alone", CLUSTER, { ...CLUSTER, paasGoodsId: 1 }, ["paasGoodsId"]],
    [
      "in all",
      CLUSTER,
      { paasGoodsId: 1, version: "2.8", architecture: "x", ramGb: 1 },
      ["version", "architecture", "ramGb"],
    ],
    ["in nothing the vendor tells", told, CLUSTER, []],
    ["in the size the vendor tells", { ...told, ramGb: 12 }, CLUSTER, ["ramGb"]],
    ["in the patch of the version alone", { ...told, version: "5.0.3" }, CLUSTER, []],
    ["perhaps: not known yet", CLUSTER, { ...CLUSTER, ramGb: UNKNOWN }, ["ramGb"]],
  ])("%s", (_name, olds, news, changed) => {
    expect(changedArguments(INSTANCE_ARGUMENTS, "replace", olds, news)).toEqual(changed);
  });
});
