import { readFileSync } from "node:fs";
import { join } from "node:path";

import { catalog } from "../../sdk/catalog.gen";
import { generateCatalog } from "../../sdk/generate";
import { readCatalog } from "../../sdk/readCatalog";
import { CatalogAnswersError, parseAnswers, recordedAnswers } from "../../sdk/recorded";
import { wireAnswers } from "./vendorAnswers";

const file = join(__dirname, "../../sdk/catalog.gen.ts");

test("sdk/catalog.gen.ts is up to date with sdk/catalog.json; otherwise run scripts/catalog.mts", () => {
  const { text, catalog: generated } = generateCatalog(recordedAnswers(), "./catalogShape");
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(catalog).toEqual(generated);
});

test("the imported catalogue equals the catalogue read from the text", () => {
  expect(readCatalog(readFileSync(file, "utf8"))).toEqual(catalog);
});

test("the recorded answers have every region for sale with an id, and no remark", () => {
  const { catalog: generated, remarks } = generateCatalog(recordedAnswers());
  expect(Object.keys(generated.regions)).toHaveLength(17);
  expect(remarks).toEqual([]);
});

describe("wrong JSON is refused with a path and without values", () => {
  const good = wireAnswers({ A: [{ sizes: [[8, 1]] }] });
  test.each<[string, unknown, RegExp]>([
    ["null", null, /^Invalid input/],
    ["a list", [], /expected object/],
    ["another object", { name: "canary" }, /^regions: /],
    ["an answer of one call", { Code: "Success", Data: { Products: [] } }, /^regions: /],
    ["no configurations", { regions: good.regions }, /^configurations: /],
    [
      "a region without IsSaling",
      { ...good, regions: [{ RegionId: "canary" }] },
      /^regions\.0\.IsSaling: /,
    ],
    [
      "a version that is a number",
      { ...good, configurations: { A: { Products: [{ Version: 5 }] } } },
      /^configurations\.A\.Products\.0\.Version: /,
    ],
    [
      "a size that is no number",
      JSON.parse(JSON.stringify(good).replace('"RAM":8', '"RAM":"canary"')) as unknown,
      /^configurations\.A\.Products\..*\.RAM: /,
    ],
  ])("%s", (_what, json, message) => {
    let refusal: unknown;
    try {
      parseAnswers(json);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(CatalogAnswersError);
    expect((refusal as Error).message).toMatch(message);
    expect((refusal as Error).message).not.toMatch(/canary|\n/);
  });
});
