// A program that imports a catalogue made by the generator is held against that, and not against the released one.
import { generateCatalog } from "../../sdk/generate";
import { diagnose, openEditor } from "./typeCheck";
import { CLUSTER, GOOD, HONGKONG, instance, PRELUDE } from "./typeCheckPrograms";
import { answersOf } from "./vendorAnswers";

const own = generateCatalog(
  answersOf({
    MOON_A: [
      { version: "7.0", architecture: "集群", computeRole: "高I/O型", sizes: [[3, 1]] },
      {
        version: "7.0",
        architecture: "月球",
        computeRole: "通用型",
        sizes: [
          [5, 2],
          [7, 3, 4],
        ],
      },
      { version: "8.0", architecture: "月球", computeRole: "通用型", sizes: [[9, 5]] },
    ],
    MOON_B: [],
    CN_Hongkong_A: [
      { version: "7.0", architecture: "集群", computeRole: "高I/O型", sizes: [[3, 6]] },
    ],
  }),
).text;
const IMPORT = `import { catalog } from "./catalog.gen"; export const regions = catalog.regions;`;
const MOON = { regionId: '"MOON_A"', version: '"7.0"', architecture: '"月球"', ramGb: 7 };

const rows: readonly (readonly [name: string, code: string, errors: readonly object[]])[] = [
  ["what it sells", instance(MOON), []],
  ["a region of it that sells nothing", instance({ ...CLUSTER, regionId: '"MOON_B"' }), []],
  [
    "a region that only the released one has",
    instance({ ...CLUSTER, regionId: '"EUR_Germany_A"' }),
    [{ at: "regionId", message: wrong(`"EUR_Germany_A"`, "RegionId | undefined") }],
  ],
  [
    "what only the released one sells",
    instance(GOOD),
    [{ at: "version", message: wrong(`"5.0"`, `"7.0"`) }],
  ],
  [
    "a size that another version has",
    instance({ ...MOON, ramGb: 9 }),
    [{ at: "ramGb", message: wrong("9", "5 | 7") }],
  ],
  ["a goods id", instance({ ...HONGKONG, paasGoodsId: 8075 }), []],
];

const findings = diagnose({
  "catalog.gen": own,
  ...Object.fromEntries(rows.map(([name, code]) => [name, PRELUDE + IMPORT + code])),
});

test("the module itself compiles", () => {
  expect(findings.get("catalog.gen")).toEqual([]);
});

test.each(rows)("%s", (name, _code, errors) => {
  expect(findings.get(name)).toEqual(errors);
});

test("an editor offers what the catalogue sells", () => {
  const editor = openEditor({ "catalog.gen": own });
  const offered = (args: string): readonly string[] =>
    [...editor.complete(`${PRELUDE}${IMPORT} new cds.RedisInstance("cache", { ${args} });`)].sort();
  expect(offered(`regionId: "|"`)).toEqual(["CN_Hongkong_A", "MOON_A", "MOON_B"]);
  expect(offered(`regionId: "MOON_A", version: "|"`)).toEqual(["7.0", "8.0"]);
  expect(offered(`regionId: "MOON_A", version: "7.0", architecture: "|"`)).toEqual([
    "cluster",
    "月球",
  ]);
  expect(offered(`regionId: "MOON_A", version: "7.0", architecture: "月球", ramGb: |`)).toEqual([
    "5",
    "7",
  ]);
});

function wrong(given: string, choices: string): string {
  return `Type '${given}' is not assignable to type '${choices}'.`;
}
