import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { region } from "../../provider/vendor/actions/catalog";
import { generateCatalog, type CatalogAnswers } from "../../sdk/generate";
import { readCatalog } from "../../sdk/readCatalog";
import { recordedAnswers } from "../../sdk/recorded";
import { answersOf, wireAnswers, type Sold } from "./vendorAnswers";

const ROOT = join(__dirname, "../..");

/** Names that could end a comment, a string or a line, set a prototype, or be read as a number. */
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

describe("the text of a catalogue module", () => {
  test.each([
    ["the recorded answers", recordedAnswers()],
    ["odd names", oddAnswers],
  ])("is the same however the lists of %s are ordered", (_what, answers) => {
    const { text } = generateCatalog(answers);
    for (let seed = 1; seed <= 20; seed++)
      expect(generateCatalog(shuffled(answers, random(seed))).text).toBe(text);
  });

  test("reads back as the same catalogue", () => {
    const { text, catalog } = generateCatalog(oddAnswers);
    const read = readCatalog(text);
    expect(read).toEqual(catalog);
    expect(Object.keys(read?.offers ?? {}).sort()).toEqual([...oddRegions].sort());
  });

  test("registers a program's own catalogue, and not that of this package", () => {
    expect(generateCatalog(oddAnswers).text).toContain('declare module "pulumi-cds-redis/sdk"');
    expect(generateCatalog(oddAnswers, "./catalogShape").text).not.toContain("declare module");
  });

  test.each([
    ["the vendor's names", recordedAnswers()],
    ["odd names", oddAnswers],
  ])("is formatted, with %s", (_what, answers) => {
    const { text } = generateCatalog(answers);
    const formatted = run("prettier/bin/prettier.cjs", text, [
      ...["--config", join(ROOT, ".prettierrc.json")],
      ...["--stdin-filepath", "catalog.gen.ts"],
    ]);
    expect(formatted).toBe(text);
  });

  test("compiles in strict mode with odd names, and gives literal goods", () => {
    const uses = `
export const goods: 7 = catalog.offers["it's"]["__proto__"]["__proto__ "]["__proto__型"][0.5];
export const sizes: Record<RamGb, true> = { 0.5: true, 2: true, 10: true };
export const versions: Version[] = ["10", "__proto__", "全球多活"];
// @ts-expect-error -- not for sale
export const size: RamGb = 3;
// @ts-expect-error -- no region
export const nowhere: RegionId = "Nowhere";
`;
    // The package is not there: the shape alone stands in for it.
    const text = generateCatalog(oddAnswers).text.replaceAll(
      "pulumi-cds-redis/sdk",
      "./catalogShape",
    );
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

/** The value with every list and every record in another order. */
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
