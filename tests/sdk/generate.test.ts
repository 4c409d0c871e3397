import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { region } from "../../provider/vendor/catalog";
import { EmptyCatalogError, generateCatalog, type CatalogAnswers } from "../../sdk/generate";
import { readCatalog } from "../../sdk/readCatalog";
import { recordedAnswers } from "../../sdk/recorded";
import { answersOf, wireAnswers, type Sold } from "./vendorAnswers";

const ROOT = join(__dirname, "../..");

/** What would end a comment, a string or a line, set a prototype, or read as a number. */
const ODD_NAMES = [
  "__proto__",
  "a */ b",
  'say "hi"',
  "it's",
  `both "'" of them`,
  "two\nlines",
  "\u2028\u202e",
  "back\\slash",
  "} as const satisfies CatalogShape;",
  "全球多活",
  "𠮷",
  "new",
  "10",
  "",
] as const;

const odd: readonly Sold[] = ODD_NAMES.map((name) => ({
  version: name,
  architecture: `${name} 版`,
  computeRole: `${name}型`,
  sizes: [
    [10, 3, 9],
    [0.5, 7],
    [2, 5],
  ],
}));
const oddRegions = [...ODD_NAMES, "constructor"].filter((name) => name !== "");
const sold = answersOf({ any: odd }).configurations["any"] ?? { versions: [] };
const oddAnswers: CatalogAnswers = {
  regions: wireAnswers(Object.fromEntries(oddRegions.map((name) => [name, []]))).regions.map(
    (wire) => region.parse(wire),
  ),
  configurations: Object.fromEntries(oddRegions.map((name) => [name, sold])),
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cds-redis-generate-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("goods are keyed by region, version, architecture, compute role and size, sizes being numbers", () => {
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

describe("what the vendor may answer", () => {
  test("numbers as strings are numbers", () => {
    const [text, number] = [
      answersOf({ A: [{ sizes: [["0.5", "10"]] }] }),
      answersOf({ A: [{ sizes: [[0.5, 10]] }] }),
    ];
    expect(generateCatalog(text).text).toBe(generateCatalog(number).text);
  });

  test("several goods for one combination are kept, the lowest first, and it is said once", () => {
    const { catalog, text, remarks } = generateCatalog(
      answersOf({ A: [{ sizes: [[8, 30, 10]] }, { sizes: [[8, 20, 10]] }] }),
    );
    expect(catalog.offers["A"]?.["5.0"]?.["cluster"]?.["high-io"]).toEqual({ 8: [10, 20, 30] });
    expect(text).toContain("            8: [10, 20, 30],\n");
    expect(remarks).toEqual([
      "A: 5.0 cluster high-io 8 GB is sold as 10 and 20 and 30; 10, the lowest, is ordered unless paasGoodsId says otherwise.",
    ]);
  });

  test("the same goods twice are sold once", () => {
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

  test("a region that sells nothing stays known, and is remarked on", () => {
    const { catalog, remarks } = generateCatalog(answersOf({ A: [{ sizes: [[1, 2]] }], B: [] }));
    expect([Object.keys(catalog.regions), Object.keys(catalog.offers)]).toEqual([
      ["A", "B"],
      ["A"],
    ]);
    expect(remarks).toEqual([expect.stringMatching(/^B sells nothing at present/)]);
  });

  test("a region that is not for sale is left out, one without a RegionId as well", () => {
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

  test("sizes that can't be are left out, and it is said", () => {
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

describe("the text", () => {
  test.each([
    ["the recorded answers", recordedAnswers()],
    ["odd names", oddAnswers],
  ])("is the same in whatever order the lists of %s come", (_what, answers) => {
    const { text } = generateCatalog(answers);
    for (let seed = 1; seed <= 20; seed++)
      expect(generateCatalog(shuffled(answers, random(seed))).text).toBe(text);
  });

  test("reads back as the catalogue it was made of", () => {
    const { text, catalog } = generateCatalog(oddAnswers);
    const read = readCatalog(text);
    expect(read).toEqual(catalog);
    expect(Object.keys(read?.offers ?? {}).sort()).toEqual([...oddRegions].sort());
  });

  test("of a program's own registers it; that of this package does not", () => {
    expect(generateCatalog(oddAnswers).text).toContain('declare module "pulumi-cds-redis/sdk"');
    expect(generateCatalog(oddAnswers, "./catalogShape").text).not.toContain("declare module");
  });

  test.each([
    ["names as the vendor's", recordedAnswers()],
    ["odd names", oddAnswers],
  ])("is formatted, with %s", (_what, answers) => {
    const { text } = generateCatalog(answers);
    const formatted = run("prettier/bin/prettier.cjs", text, [
      ...["--config", join(ROOT, ".prettierrc.json")],
      ...["--stdin-filepath", "catalog.gen.ts"],
    ]);
    expect(formatted).toBe(text);
  });

  test("compiles in strict mode, whatever the names, and looks literal goods up", () => {
    const uses = `
export const goods: 7 = catalog.offers["it's"]["__proto__"]["__proto__ "]["__proto__型"][0.5];
export const sizes: Record<RamGb, true> = { 0.5: true, 2: true, 10: true };
export const versions: Version[] = ["10", "__proto__", "全球多活"];
// @ts-expect-error -- not for sale
export const size: RamGb = 3;
// @ts-expect-error -- no region
export const nowhere: RegionId = "Nowhere";
`;
    const { text } = generateCatalog(oddAnswers, "./catalogShape");
    writeFileSync(join(folder, "catalog.gen.ts"), text + uses);
    copyFileSync(join(ROOT, "sdk/catalogShape.ts"), join(folder, "catalogShape.ts"));
    const flags =
      "--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2023 --module nodenext";
    expect(run("typescript/bin/tsc", "", [...flags.split(" "), "catalog.gen.ts"])).toBe("");
  });
});

function run(tool: string, input: string, args: readonly string[]): string {
  const script = join(ROOT, "node_modules", tool);
  const options = { cwd: folder, encoding: "utf8", input } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  return stdout + stderr;
}

/** Every list and every record inside in another order. */
function shuffled<T>(value: T, next: () => number): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return mixed(
      value.map((item: unknown) => shuffled(item, next)),
      next,
    ) as T;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).map(([key, item]) => ({
    key,
    item: shuffled(item, next),
  }));
  return Object.fromEntries(mixed(entries, next).map(({ key, item }) => [key, item])) as T;
}

function mixed<T>(list: readonly T[], next: () => number): T[] {
  return list
    .map((item) => ({ item, place: next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

/** The same numbers, 0 to 1, for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
