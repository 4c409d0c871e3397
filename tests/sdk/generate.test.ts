import { EmptyCatalogError, generateCatalog } from "../../sdk/generate";
import { answersOf } from "./vendorAnswers";

test("goods are keyed by region, version, architecture, compute role and numeric size", () => {
  const { catalog, text, remarks } = generateCatalog(
    answersOf({
      CN_B: [{ version: "5.0", architecture: "主从", computeRole: "通用型", sizes: [[1, 30]] }],
      CN_A: [
        {
          sizes: [
            [16, 20],
            [0.5, 10],
            [2, 15],
          ],
        },
      ],
    }),
  );
  expect(catalog.offers).toEqual({
    CN_A: { "5.0": { cluster: { "high-io": { 0.5: 10, 2: 15, 16: 20 } } } },
    CN_B: { "5.0": { "master-replica": { general: { 1: 30 } } } },
  });
  expect(text).toContain(`  offers: {
    CN_A: {
      "5.0": {
        /** 集群, Redis 集群版 */
        cluster: {
          /** 高I/O型 */
          "high-io": {
            0.5: 10,
            2: 15,
            16: 20,
          },
        },
      },
    },
    CN_B: {
      "5.0": {
        /** 主从, Redis 主从版 */
        "master-replica": {
          /** 通用型 */
          general: {
            1: 30,
          },
        },
      },
    },
  },
`);
  expect(remarks).toEqual([]);
});

describe("answers of the vendor", () => {
  test("numbers that come as strings are numbers", () => {
    const [text, number] = [
      answersOf({ A: [{ sizes: [["0.5", "10"]] }] }),
      answersOf({ A: [{ sizes: [[0.5, 10]] }] }),
    ];
    expect(generateCatalog(text).text).toBe(generateCatalog(number).text);
  });

  test("several goods for one combination are kept, the lowest first, with one remark", () => {
    const { catalog, text, remarks } = generateCatalog(
      answersOf({ A: [{ sizes: [[8, 30, 10]] }, { sizes: [[8, 20, 10]] }] }),
    );
    expect(catalog.offers["A"]?.["5.0"]?.["cluster"]?.["high-io"]).toEqual({ 8: [10, 20, 30] });
    expect(text).toContain("            8: [10, 20, 30],\n");
    expect(remarks).toEqual([
      "A: 5.0 cluster high-io 8 GB is sold as 10 and 20 and 30; 10, the lowest, is ordered unless paasGoodsId says otherwise.",
    ]);
  });

  test("goods that come twice are sold once", () => {
    const { catalog, remarks } = generateCatalog(answersOf({ A: [{ sizes: [[8, 10, 10]] }] }));
    expect(catalog.offers["A"]?.["5.0"]?.["cluster"]?.["high-io"]).toEqual({ 8: 10 });
    expect(remarks).toEqual([]);
  });

  test("an unknown architecture and compute role keep the vendor's name", () => {
    const { catalog } = generateCatalog(
      answersOf({ A: [{ architecture: "全球多活", computeRole: "极速型", sizes: [[1, 2]] }] }),
    );
    expect(catalog.offers).toEqual({ A: { "5.0": { 全球多活: { 极速型: { 1: 2 } } } } });
  });

  test("a region that sells nothing stays known, with a remark", () => {
    const { catalog, remarks } = generateCatalog(answersOf({ A: [{ sizes: [[1, 2]] }], B: [] }));
    expect([Object.keys(catalog.regions), Object.keys(catalog.offers)]).toEqual([
      ["A", "B"],
      ["A"],
    ]);
    expect(remarks).toEqual([expect.stringMatching(/^B sells nothing at present/)]);
  });

  test("a region that is not for sale or has no RegionId is left out", () => {
    const { regions, configurations } = answersOf({ A: [{ sizes: [[1, 2]] }], B: [], C: [] });
    const { catalog, remarks } = generateCatalog({
      regions: regions.map((region) => ({
        ...region,
        regionId: region.regionId === "C" ? "" : region.regionId,
        forSale: region.regionId !== "B",
      })),
      configurations: { A: configurations["A"] ?? { versions: [] }, B: { versions: [] } },
    });
    expect(Object.keys(catalog.regions)).toEqual(["A"]);
    expect(remarks).toEqual(["B is not for sale at present: left out."]);
  });

  test("impossible sizes are left out, with a remark", () => {
    const { catalog, remarks } = generateCatalog(
      answersOf({ A: [-1, 0, 8].map((ramGb) => ({ sizes: [[ramGb, 9, 0, 0.5]] })) }),
    );
    expect(catalog.offers).toEqual({ A: { "5.0": { cluster: { "high-io": { 8: 9 } } } } });
    expect(remarks).toEqual([expect.stringContaining("are left out")]);
  });

  test.each([
    ["no region", {}],
    ["regions that sell nothing", { A: [], B: [] }],
  ])("%s is an empty catalogue", (_what, regions) => {
    expect(() => generateCatalog(answersOf(regions))).toThrow(EmptyCatalogError);
  });
});
