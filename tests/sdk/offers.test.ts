import { availableDbConfig } from "../../provider/vendor/actions/catalog";
import recorded from "../../sdk/catalog.json";
import { architectureWord, computeRoleWord, sameVersion } from "../../sdk/names";
import { findOffer, offersOf, type Wanted } from "../../sdk/offers";

const config = availableDbConfig.parse(recorded.configurations.CN_Hongkong_A);
const offers = offersOf(config);

function find(wanted: Wanted): ReturnType<typeof findOffer> {
  return findOffer(offers, wanted, "CN_Hongkong_A");
}

describe("a combination is found", () => {
  test("by version, architecture and size", () => {
    expect(find({ version: "5.0", architecture: "cluster", ramGb: 20 })).toEqual({
      paasGoodsId: 8075,
      version: "5.0",
      architecture: "cluster",
      computeRole: "high-io",
      ramGb: 20,
    });
  });

  test("by the goods id", () => {
    expect(find({ paasGoodsId: 12188 })).toMatchObject({
      version: "2.8",
      architecture: "economy-master-replica",
      ramGb: 1,
    });
  });

  test("by the equal version before a similar one", () => {
    expect(find({ version: "2.8", ramGb: 1 })).toMatchObject({ paasGoodsId: 12188 });
    expect(find({ version: "2.8.19", ramGb: 1 })).toMatchObject({ paasGoodsId: 5765 });
  });

  test("with the lowest goods id when there are two", () => {
    const [offer] = offers;
    if (offer === undefined) throw new Error("no offers recorded");
    const twice = [{ ...offer, paasGoodsId: 99_999 }, { ...offer, paasGoodsId: 1 }, ...offers];
    const { version, architecture, ramGb } = offer;
    expect(findOffer(twice, { version, architecture, ramGb }, "X")).toMatchObject({
      paasGoodsId: 1,
    });
  });

  test("however the answer is ordered", () => {
    const reversed = {
      versions: [...config.versions].reverse().map(({ version, architectures }) => ({
        version,
        architectures: architectures.map((architecture) => ({
          ...architecture,
          computeRoles: architecture.computeRoles.map((role) => ({
            ...role,
            sizes: [...role.sizes].reverse(),
          })),
        })),
      })),
    };
    expect(offersOf(reversed)).toEqual(offers);
  });
});

describe("the reason names the argument that is not for sale and the nearest offers", () => {
  test.each<[Wanted, string, string]>([
    [
      { version: "5.0", architecture: "cluster", ramGb: 24 },
      "ramGb",
      "ramGb 24 is not for sale in CN_Hongkong_A with version 5.0, cluster; nearest ramGb: 20, 32, 12, 8, 64, 128",
    ],
    [
      { version: "7.0", architecture: "cluster", ramGb: 8 },
      "version",
      'version 7.0 is not for sale in CN_Hongkong_A; for sale: "2.8", "2.8.19", "5.0"',
    ],
    [
      { version: "5.0", architecture: "master-replica", ramGb: 8 },
      "architecture",
      'architecture master-replica is not for sale in CN_Hongkong_A with version 5.0; for sale: "cluster"',
    ],
    [
      { version: "5.0", architecture: "cluster", computeRole: "general", ramGb: 8 },
      "computeRole",
      'computeRole general is not for sale in CN_Hongkong_A with version 5.0, cluster; for sale: "high-io"',
    ],
  ])("%j", (wanted, argument, reason) => {
    expect(find(wanted)).toEqual({ argument, reason });
  });

  test("by a goods id", () => {
    expect(find({ paasGoodsId: 8070 })).toMatchObject({
      argument: "paasGoodsId",
      reason: expect.stringContaining("nearest: 8069 (5.0 cluster 12 GB), 8075") as string,
    });
  });
});

test("numbers that come as strings are read as numbers", () => {
  const text = JSON.stringify(recorded.configurations.CN_Hongkong_A);
  const asStrings: unknown = JSON.parse(text.replace(/"(PaasGoodsId|RAM)":(\d+)/g, '"$1":"$2"'));
  expect(offersOf(availableDbConfig.parse(asStrings))).toEqual(offers);
});

test("lists that are null or missing are empty", () => {
  expect(offersOf(availableDbConfig.parse({ Products: null }))).toEqual([]);
  expect(offersOf(availableDbConfig.parse({ Products: [{ Version: "5.0" }] }))).toEqual([]);
});

describe("names", () => {
  test.each([
    ["集群", "cluster"],
    ["Redis 集群版", "cluster"],
    ["Redis 经济型主从", "economy-master-replica"],
    ["Redis 读写分离版", "read-write-splitting"],
    ["Redis 主从版", "master-replica"],
    ["Redis 全球多活版", "全球多活"],
    ["constructor", "constructor"],
  ])("%s is %s", (vendor, word) => {
    expect(architectureWord(vendor)).toBe(word);
  });

  test("the type decides when the name is unknown", () => {
    expect(architectureWord("New", 2)).toBe("cluster");
    expect(architectureWord("主从", 2)).toBe("master-replica");
  });

  test("an unknown compute role keeps the vendor's name", () => {
    expect(computeRoleWord("通用型")).toBe("general");
    expect(computeRoleWord("极速型")).toBe("极速型");
  });

  test("a version is the same with and without its patch", () => {
    expect(sameVersion("2.8", "2.8.19")).toBe(true);
    expect(sameVersion("2.8", "2.80")).toBe(false);
  });
});
