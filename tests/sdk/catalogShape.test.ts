import { combinations, paasGoodsIds, type CatalogShape } from "../../sdk/catalogShape";
import { generateCatalog } from "../../sdk/generate";
import { offersOf } from "../../sdk/offers";
import { recordedAnswers } from "../../sdk/recorded";

const catalog: CatalogShape = {
  regions: { A: "", B: "" },
  offers: { A: { "5.0": { cluster: { "high-io": { 0.5: 10, 8: [20, 30] } } } } },
};
const whole = {
  regionId: "A",
  version: "5.0",
  architecture: "cluster",
  computeRole: "high-io",
  ramGb: 8,
};

test.each<[string, Partial<typeof whole>, number[]]>([
  ["one", { ramGb: 0.5 }, [10]],
  ["several, the lowest first", {}, [20, 30]],
  ["none of a size", { ramGb: 9 }, []],
  ["none of a compute role", { computeRole: "general" }, []],
  ["none of an architecture", { architecture: "master-replica" }, []],
  ["none of a version, which is text", { version: "5" }, []],
  ["none of a region that is not recorded", { regionId: "B" }, []],
  ["none of what every object has, as a region", { regionId: "constructor" }, []],
  ["none of what every object has, as a version", { version: "toString" }, []],
  ["none of the prototype", { architecture: "__proto__" }, []],
])("goods of a combination: %s", (_what, changed, goods) => {
  expect(paasGoodsIds(catalog, { ...whole, ...changed })).toEqual(goods);
});

test("combinations gives every combination, with sizes as numbers", () => {
  expect(combinations(catalog)).toEqual([
    { ...whole, ramGb: 8 },
    { ...whole, ramGb: 0.5 },
  ]);
});

test("every combination of the recorded catalogue has the goods of the vendor's answer", () => {
  const answers = recordedAnswers();
  const { catalog: generated } = generateCatalog(answers);
  const goods = combinations(generated).flatMap((combination) =>
    paasGoodsIds(generated, combination),
  );
  const offers = Object.values(answers.configurations).flatMap(offersOf);
  expect([...goods].sort()).toEqual(offers.map(({ paasGoodsId }) => paasGoodsId).sort());
});
