import { generateCatalog } from "../../sdk/generate";
import { catalogChanges, readCatalog } from "../../sdk/readCatalog";
import { recordedAnswers } from "../../sdk/recorded";
import type { CatalogShape } from "../../sdk/catalogShape";
import { answersOf } from "./vendorAnswers";

const { text, catalog } = generateCatalog(recordedAnswers());

describe("a generated module is read back", () => {
  test.each<[string, (text: string) => string]>([
    ["as it was written", (given) => given],
    ["with line ends of Windows", (given) => given.replaceAll("\n", "\r\n")],
    ["in single quotes", (given) => given.replaceAll(/"([^"']*)"/g, "'$1'")],
    ["without semicolons", (given) => given.replaceAll(";\n", "\n")],
    ["without commas at the end", (given) => given.replaceAll(/,(?=\s*\})/g, "")],
    ["with every key quoted", (given) => given.replaceAll(/^( +)(\w+):/gm, '$1"$2":')],
    ["indented by tabs", (given) => given.replaceAll("  ", "\t")],
    ["on few lines", (given) => given.replaceAll(/(?<=[,{[])\n\s*(?=["\w])/g, "")],
    ["with comments of a linter", (given) => `/* eslint-disable */\n${given}`],
    ["with comments inside", (given) => given.replaceAll("{\n", "{ // it's {\n")],
    ["without its comments", (given) => given.replaceAll(/^ *\/\*\*.*\n/gm, "")],
    ["with other things after it", (given) => `${given}\nexport const other = { a: 1 };\n`],
  ])("%s", (_how, formatter) => {
    const read = readCatalog(formatter(text));
    expect(read).toEqual(catalog);
    if (read !== undefined) expect(catalogChanges(catalog, read)).toEqual([]);
  });

  test("with quotes in names that a formatter changed", () => {
    const module = `export const catalog = {
      regions: { A: 'it\\'s "A"', B: "it's \\"B\\" \\u9999\\n" },
      offers: { A: { '5.0': { ["__proto__"]: { constructor: { .5: [1, 2], '8': 3 } } } } }
    } as const satisfies CatalogShape`;
    expect(readCatalog(module)).toEqual({
      regions: { A: `it's "A"`, B: `it's "B" \u9999\n` },
      offers: JSON.parse(
        '{"A":{"5.0":{"__proto__":{"constructor":{"0.5":[1,2],"8":3}}}}}',
      ) as unknown,
    });
  });
});

describe("text that is not a catalogue gives undefined", () => {
  const literal = (inside: string): string =>
    `export const catalog = ${inside} as const satisfies CatalogShape;`;
  test.each([
    ["an empty file", ""],
    ["another module", "export const answer = 42;\n"],
    ["half a module", text.slice(0, text.length / 2)],
    ["a merge conflict", text.replace("    CN_", "<<<<<<< HEAD\n    CN_")],
    ["something that would run", literal("{ regions: { A: process.exit(1) }, offers: {} }")],
    ["a value of another type", literal("{ regions: { A: 1 }, offers: {} }")],
    ["no offers", literal("{ regions: {} }")],
    [
      "sizes that are words",
      literal("{ regions: {}, offers: { A: { B: { C: { D: { x: 1 } } } } } }"),
    ],
    [
      "goods that are words",
      literal('{ regions: {}, offers: { A: { B: { C: { D: { 1: "x" } } } } } }'),
    ],
    [
      "one of several goods",
      literal("{ regions: {}, offers: { A: { B: { C: { D: { 1: [1] } } } } } }"),
    ],
    ["a branch cut short", literal("{ regions: {}, offers: { A: { B: { C: 1 } } } }")],
    ["a list for a branch", literal("{ regions: {}, offers: [] }")],
    ["another type", "export const catalog = { regions: {}, offers: {} } as const;"],
  ])("%s", (_what, module) => {
    expect(readCatalog(module)).toBeUndefined();
  });
});

describe("changes between two catalogues", () => {
  const sold = (sizes: Record<number, [number, ...number[]]>, version = "5.0") => [
    { version, sizes: Object.entries(sizes).map(([ramGb, ids]) => [ramGb, ...ids] as const) },
  ];
  const catalogOf = (...given: Parameters<typeof answersOf>): CatalogShape =>
    generateCatalog(answersOf(...given)).catalog;
  const before = catalogOf({ A: sold({ 8: [1], 12: [2], 0.5: [3] }) });

  test.each<[string, CatalogShape, string[]]>([
    ["nothing", before, []],
    [
      "new sizes, together and in order",
      catalogOf({ A: sold({ 128: [5], 64: [4], 8: [1], 12: [2], 0.5: [3] }) }),
      ["new sizes in A: 5.0 cluster high-io 64, 128 GB"],
    ],
    [
      "withdrawn sizes",
      catalogOf({ A: sold({ 8: [1] }) }),
      ["withdrawn sizes in A: 5.0 cluster high-io 0.5, 12 GB"],
    ],
    [
      "one for another",
      catalogOf({ A: sold({ 8: [1], 12: [2], 1: [3] }) }),
      [
        "new size in A: 5.0 cluster high-io 1 GB",
        "withdrawn size in A: 5.0 cluster high-io 0.5 GB",
      ],
    ],
    [
      "a new version",
      catalogOf({ A: [...sold({ 8: [1], 12: [2], 0.5: [3] }), ...sold({ 8: [9] }, "7.0")] }),
      ["new size in A: 7.0 cluster high-io 8 GB"],
    ],
    [
      "other goods, and more of them",
      catalogOf({ A: sold({ 8: [7], 12: [2, 9], 0.5: [3] }) }),
      [
        "other goods in A: 5.0 cluster high-io 8 GB was 1, is 7",
        "other goods in A: 5.0 cluster high-io 12 GB was 2, is 2, 9",
      ],
    ],
    [
      "regions",
      catalogOf({ C: sold({ 8: [1] }), B: [] }),
      ["withdrawn region: A, 3 sizes", "new region: B", "new region: C, 1 size"],
    ],
  ])("%s", (_what, after, changes) => {
    expect(catalogChanges(before, after)).toEqual(changes);
  });

  test("a region that is newly recorded, and one that is no longer recorded", () => {
    const both = { regions: { A: "", B: "" } };
    const [one, other] = [
      { ...both, offers: { A: { "5.0": { cluster: { "high-io": { 8: 1, 12: 2 } } } } } },
      { ...both, offers: { B: { "5.0": { cluster: { "high-io": { 8: 1 } } } } } },
    ];
    expect(catalogChanges(one, other)).toEqual([
      "no longer recorded region: A, 2 sizes before; it sells nothing, or was not asked",
      "newly recorded region: B, 1 size",
    ]);
  });

  test("inherited property names are names like others", () => {
    const [one, other] = ["constructor", "toString"].map((name) =>
      catalogOf({ A: sold({ 8: [1] }, name), [name]: sold({ 8: [1] }) }),
    );
    expect(one && other && catalogChanges(one, other)).toEqual([
      "withdrawn region: constructor, 1 size",
      "new region: toString, 1 size",
      "new size in A: toString cluster high-io 8 GB",
      "withdrawn size in A: constructor cluster high-io 8 GB",
    ]);
  });

  test("another name of a region at the vendor is no change", () => {
    const renamed = { ...before, regions: { A: "another" } };
    expect(catalogChanges(before, renamed)).toEqual([]);
  });
});
