// What an editor offers and shows while the arguments are written.
import { catalog } from "../../sdk/catalog.gen";
import { openEditor } from "./typeCheck";
import { PRELUDE } from "./typeCheckPrograms";

const editor = openEditor();
const REGIONS = Object.keys(catalog.regions);
const HONGKONG = `regionId: "CN_Hongkong_A"`;
const CLUSTER = `${HONGKONG}, version: "5.0", architecture: "cluster"`;

function instance(args: string): string {
  return `${PRELUDE} new cds.RedisInstance("cache", { ${args} });`;
}

/** The `|` is where the editor is asked. */
const completions: readonly (readonly [args: string, offered: readonly string[]])[] = [
  [`regionId: "|"`, REGIONS],
  [`regionId: "|", version: "5.0", architecture: "cluster", ramGb: 20, ...network`, REGIONS],
  [`regionId: "CN_Hongkong_A|", version: "5.0", architecture: "cluster", ramGb: 20`, REGIONS],
  [`regionId: |`, REGIONS.map((region) => JSON.stringify(region))],
  [`paasGoodsId: 8075, regionId: "|"`, REGIONS],
  [`${HONGKONG}, version: "|"`, ["2.8", "2.8.19", "5.0"]],
  [`version: "|", ${HONGKONG}`, ["2.8", "2.8.19", "5.0"]],
  [`${HONGKONG}, version: "5.0|", ramGb: 20, ...network`, ["2.8", "2.8.19", "5.0"]],
  [
    `${HONGKONG}, version: "|", architecture: "cluster", ramGb: 20, ...network`,
    ["2.8", "2.8.19", "5.0"],
  ],
  [`...network, ${HONGKONG}, version: |`, ['"2.8"', '"2.8.19"', '"5.0"']],
  [`${HONGKONG}, version: "5.0", architecture: "|"`, ["cluster"]],
  [
    `${HONGKONG}, version: "2.8.19", architecture: "|", ramGb: 1, ...network`,
    ["read-write-splitting"],
  ],
  [`${CLUSTER}, computeRole: "|"`, ["high-io"]],
  [`${CLUSTER}, ramGb: |`, ["8", "12", "20", "32", "64", "128"]],
  [`${CLUSTER}, ramGb: |, ...network`, ["8", "12", "20", "32", "64", "128"]],
  [`${CLUSTER}, ramGb: 1|, ...network`, ["8", "12", "20", "32", "64", "128"]],
  // Where the region is not known here, what any region sells.
  [`version: "|"`, ["2.8", "2.8.19", "5.0"]],
  [`regionId: input, version: "5.0", architecture: "|"`, ["cluster"]],
  [`regionId: "EUR_Germany_A", version: "|"`, []],
];

test.each(completions)("{ %s } offers exactly the choices", (args, offered) => {
  expect(sorted(editor.complete(instance(args)))).toEqual(sorted(offered));
});

test("arguments typed before the region offer what any region sells", () => {
  const args = `${PRELUDE} export const args: cds.RedisInstanceArgs = `;
  expect(sorted(editor.complete(`${args}{ regionId: "|" }`))).toEqual(sorted(REGIONS));
  expect(sorted(editor.complete(`${args}{ version: "|" }`))).toEqual(["2.8", "2.8.19", "5.0"]);
  expect(editor.complete(`${args}{ ramGb: | }`)).toEqual(expect.arrayContaining(["1", "20"]));
});

test("the names of missing arguments are offered", () => {
  const names = editor.complete(instance(`${CLUSTER}, |`), "properties");
  expect(sorted(names)).toEqual(
    sorted([
      ...["vdcId", "basePipeId", "password", "computeRole", "ramGb", "paasGoodsId"],
      ...[
        "passwordFrom",
        "finalBackup",
        "passwordVersion",
        "instanceName",
        "port",
        "testGroupId",
        "subjectId",
        "account",
      ],
    ]),
  );
});

const COMPLETE = instance(
  `${CLUSTER}, ramGb: 20, computeRole: "high-io", vdcId: "", basePipeId: "", password: text, paasGoodsId: undefined,
   instanceName: "cache", port: 6379, testGroupId: 1, subjectId: 1, account: "other"`,
);

test.each([
  ["regionId", /^Region \(站点编号, RegionId\)/, /RegionId \| undefined$/],
  ["version", /^Version of Redis/, /\.version: "2\.8" \| "2\.8\.19" \| "5\.0"$/],
  ["architecture", /^Architecture \(架构\)/, /\.architecture: "cluster"$/],
  ["computeRole", /^Compute role \(计算类型\)/, /\.computeRole\?: "high-io" \| undefined$/],
  ["ramGb", /^Memory in GB/, /\.ramGb: 8 \| 32 \| 64 \| 12 \| 20 \| 128$/],
  ["paasGoodsId", /PaasGoodsId/, /\.paasGoodsId\?: undefined$/],
  ["vdcId", /^Virtual data center/, /\.vdcId: pulumi\.Input<string>$/],
  ["basePipeId", /^Private network/, /\.basePipeId: pulumi\.Input<string>$/],
  ["password", /^Password of Redis/, /\.password\?: pulumi\.Input<string> \| undefined$/],
  ["instanceName", /^Name at the vendor/, /pulumi\.Input<string> \| undefined$/],
  ["port", /^Port \(ServicePort\)/, /pulumi\.Input<number> \| undefined$/],
  ["testGroupId", /TestGroupId/, /pulumi\.Input<number> \| undefined$/],
  ["subjectId", /SubjectId/, /pulumi\.Input<number> \| undefined$/],
  ["account", /^Name of the account/, /pulumi\.Input<string> \| undefined$/],
])("over %s an editor shows its text and its choices", (name, doc, type) => {
  const shown = editor.hover(COMPLETE, `${name}:`);
  expect(shown.doc).toMatch(doc);
  expect(shown.type).toMatch(type);
});

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}
