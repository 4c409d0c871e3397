import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, instanceUrn, order, type Bag } from "../orders";

describe("diff", () => {
  interface Change {
    readonly name: string;
    readonly before?: Bag;
    readonly after: Bag;
    readonly replaces: string[];
    readonly changes?: boolean;
  }

  const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const GOODS_ID = {
    version: undefined,
    architecture: undefined,
    ramGb: undefined,
    paasGoodsId: 8063,
  };
  const SPLIT = { version: "2.8.19", architecture: "read-write-splitting", ramGb: 8 };
  const named = { instanceName: "mine" };
  const longer = { __timeouts: { create: "1h" } };

  const CHANGES: Change[] = [
    { name: "nothing", after: {}, replaces: [] },
    { name: "the region", after: { regionId: "CN_Beijing_A" }, replaces: ["regionId"] },
    { name: "the data center", after: { vdcId: "vdc-2" }, replaces: ["vdcId"] },
    { name: "the network", after: { basePipeId: "pipe-2" }, replaces: ["basePipeId"] },
    { name: "the password", after: { password: "another" }, replaces: ["password"] },
    { name: "the port", after: { port: 6379 }, replaces: ["port"] },
    { name: "the default port, spelt out", after: { port: 9736 }, replaces: [] },
    { name: "the test group", after: { testGroupId: 3 }, replaces: ["testGroupId"] },
    { name: "the subject", after: { subjectId: 3 }, replaces: ["subjectId"] },
    {
      name: "no test group any more",
      before: { testGroupId: 3 },
      after: {},
      replaces: ["testGroupId"],
    },
    { name: "the size", after: { ramGb: 12 }, replaces: ["ramGb"] },
    { name: "the goods id", after: { ...GOODS_ID, paasGoodsId: 8069 }, replaces: ["ramGb"] },
    {
      name: "version and architecture",
      after: SPLIT,
      replaces: ["version", "architecture", "computeRole"],
    },
    { name: "the goods id for the combination", after: GOODS_ID, replaces: [] },
    { name: "the combination for the goods id", before: GOODS_ID, after: {}, replaces: [] },
    { name: "the compute role, spelt out", after: { computeRole: "high-io" }, replaces: [] },
    {
      name: "the name given",
      before: named,
      after: { instanceName: "other" },
      replaces: ["instanceName"],
    },
    { name: "a name given for an automatic one", after: named, replaces: ["instanceName"] },
    { name: "no name given any more", before: named, after: {}, replaces: [] },
    { name: "customTimeouts", after: longer, replaces: [], changes: true },
    { name: "customTimeouts taken away", before: longer, after: {}, replaces: [], changes: true },
    { name: "the resource's own name", after: { __urn: instanceUrn("renamed") }, replaces: [] },
    { name: "what is not known yet", after: { vdcId: UNKNOWN }, replaces: ["vdcId"] },
    {
      name: "a size not known yet, and what follows from it",
      after: { ramGb: UNKNOWN },
      replaces: ["computeRole", "ramGb", "paasGoodsId"],
    },
    { name: "two arguments", after: { vdcId: "vdc-2", ramGb: 12 }, replaces: ["vdcId", "ramGb"] },
  ];

  test.each(CHANGES)("$name: $replaces", ({ before = {}, after, replaces, changes }) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const olds = await life.inputs(order(before));
      const { outs } = await life.create(order(before));
      const news = await life.inputs(order(after), olds);
      const diff = await life.diff({ ...outs, instanceName: olds["instanceName"] }, news);
      expect(diff.replaces).toEqual(replaces);
      expect(diff.changes).toBe(changes ?? replaces.length > 0);
    }),
  );

  test.each<[string, Bag, Bag, boolean]>([
    ["a name given and kept", named, { ...named, ramGb: 12 }, true],
    ["another name given", named, { instanceName: "other", ramGb: 12 }, false],
    ["a name given before", named, { ramGb: 12 }, false],
    ["a name given now", {}, { ...named, ramGb: 12 }, false],
    ["an automatic name", {}, { ramGb: 12 }, false],
  ])("the old one is deleted first with %s: %j to %j", (_name, before, after, first) =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const olds = await life.inputs(order(before));
      const news = await life.inputs(order(after), olds);
      expect((await life.diff(olds, news)).deleteBeforeReplace).toBe(first);
    }),
  );

  test("what an instance made elsewhere doesn't tell is no reason to replace it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id } = await life.create(order(named));
      const { __provider } = order();
      const { props } = await life.read(id, { __provider });
      expect(props).not.toHaveProperty("password");
      expect(props).not.toHaveProperty("connectionString");
      const news = await life.inputs(order(named));
      expect(await life.diff(props, news)).toMatchObject({ replaces: [] });
    }));
});
