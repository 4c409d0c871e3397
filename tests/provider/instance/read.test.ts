import type { InstanceChange } from "../../../emulator";
import { systemClock } from "../../../provider/core/clock";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count, SECOND } from "../observed";
import {
  answerInstead,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  USELESS_ANSWERS,
  type Bag,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

describe("read", () => {
  interface Drift {
    readonly name: string;
    readonly asked?: Bag;
    readonly drift: InstanceChange;
    readonly props: Bag;
    readonly replaces: string[];
  }

  const untold = { paasGoodsId: undefined, computeRole: undefined };
  const DRIFTS: Drift[] = [
    { name: "nothing", drift: {}, props: { paasGoodsId: 8063 }, replaces: [] },
    {
      name: "the size",
      drift: { ramGb: 16 },
      props: { ramGb: 16, ...untold },
      replaces: ["ramGb"],
    },
    {
      name: "the version",
      drift: { version: "6.0" },
      props: { version: "6.0", ...untold },
      replaces: ["version"],
    },
    { name: "a patch", drift: { version: "5.0.9" }, props: { version: "5.0" }, replaces: [] },
    {
      name: "the architecture",
      drift: { subProductName: "Redis 主从版" },
      props: { architecture: "master-replica", ...untold },
      replaces: ["architecture"],
    },
    {
      name: "the architecture, to one without a word of ours",
      drift: { subProductName: "Redis 多活版" },
      props: { architecture: "多活" },
      replaces: ["architecture"],
    },
    { name: "the port", drift: { port: 7000 }, props: { port: 7000 }, replaces: ["port"] },
    {
      name: "a name given",
      asked: { instanceName: "mine" },
      drift: { instanceName: "theirs" },
      props: { instanceName: "theirs" },
      replaces: ["instanceName"],
    },
    {
      name: "an automatic name",
      drift: { instanceName: "theirs" },
      props: { instanceName: "theirs" },
      replaces: [],
    },
    {
      name: "the status",
      drift: { status: "STOPPED" },
      props: { status: "STOPPED" },
      replaces: [],
    },
  ];

  test.each(DRIFTS)("shows drift: $name", ({ asked, drift, props, replaces }) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order(asked));
      const { id, outs } = await life.create(inputs);
      vendor.api.store.changeInstance(id, drift);
      const seen = await instanceLife(vendor.host()).read(id, outs);
      expect(seen.id).toBe(id);
      expect(seen.props).toMatchObject(
        Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)),
      );
      for (const [name, value] of Object.entries(props))
        if (value === undefined) expect(seen.props).not.toHaveProperty(name);
      const diff = await life.diff(seen.props, inputs);
      expect(diff.replaces).toEqual(replaces);
      expect(diff.changes).toBe(replaces.length > 0);
    }),
  );

  test("a vendor that counts otherwise from the delivery on is no drift; a change of its count is", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order());
      const creating = life.create(inputs);
      const [instance] = await listed(vendor);
      // As if it told the memory of one shard.
      vendor.api.store.changeInstance(instance, { ramGb: 4 });
      const { id, outs } = await creating;
      expect(outs).toMatchObject({ ramGb: 8, paasGoodsId: 8063 });
      const { props } = await life.read(id, outs);
      expect(await life.diff(props, inputs)).toMatchObject({ changes: false });
      vendor.api.store.changeInstance(id, { ramGb: 6 });
      // A refresh reads all that it reads within moments.
      await systemClock.sleep(2 * SECOND + 1);
      const drifted = await life.read(id, props);
      expect(await life.diff(drifted.props, inputs)).toMatchObject({ replaces: ["ramGb"] });
    }));

  test("forgets drift that was undone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order());
      const { id, outs } = await life.create(inputs);
      vendor.api.store.changeInstance(id, { ramGb: 16 });
      const drifted = await life.read(id, outs);
      vendor.api.store.changeInstance(id, { ramGb: 8 });
      const { props } = await life.read(id, drifted.props);
      expect(await life.diff(props, inputs)).toMatchObject({ changes: false });
    }));

  test("changes nothing where nothing changed", () =>
    inVirtualTime(async () => {
      const life = instanceLife(emulatedVendor().host());
      const { id, outs } = await life.create(order());
      expect(await life.read(id, outs)).toEqual({ id, props: outs });
    }));

  test("says gone after three lists without it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.removeInstance(id);
      const before = count(vendor, "DescribeDBInstances");
      expect(await instanceLife(vendor.host()).read(id, outs)).toEqual({ id: "", props: {} });
      expect(count(vendor, "DescribeDBInstances") - before).toBe(3);
    }));

  test("doesn't say gone for two lists that lack it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      let lists = 0;
      answerInstead(vendor.api, "DescribeDBInstances", () => {
        lists += 1;
        return lists <= 2 ? jsonAnswer(200, { Code: "Success", Data: [] }) : undefined;
      });
      expect((await instanceLife(vendor.host()).read(id, outs)).id).toBe(id);
    }));

  test.each([
    ...USELESS_ANSWERS,
    ["Data: an object", jsonAnswer(200, { Code: "Success", Data: {} })] as const,
    ["BadArgs under HTTP 200", jsonAnswer(200, { Code: "BadArgs", Data: [] })] as const,
    ["HTTP 403", jsonAnswer(403, { Code: "No", Data: [] })] as const,
  ])("fails when the list does, and doesn't say gone: %s", (_name, answer) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      answerInstead(vendor.api, "DescribeDBInstances", () => answer);
      const error = await failureOf(instanceLife(vendor.host()).read(id, outs));
      expect(error).toMatchObject({ action: "DescribeDBInstances" });
    }),
  );

  test("fails when a list fails after one that lacks it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.removeInstance(id);
      let lists = 0;
      answerInstead(vendor.api, "DescribeDBInstances", () => {
        lists += 1;
        return lists === 1 ? undefined : jsonAnswer(500, "");
      });
      await failureOf(instanceLife(vendor.host()).read(id, outs));
    }));

  test("lists once for fifty in parallel", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, index) => life.create(order({}, `cache${index}`))),
      );
      const before = count(vendor, "DescribeDBInstances");
      const host = instanceLife(vendor.host());
      const seen = await Promise.all(made.map(({ id, outs }) => host.read(id, outs)));
      expect(seen.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
      expect(count(vendor, "DescribeDBInstances") - before).toBe(1);
    }));
});

/** The ids of the instances, once there is one. */
async function listed(vendor: EmulatedVendor): Promise<[string]> {
  for (;;) {
    const [instance] = vendor.api.store.instances();
    if (instance !== undefined) return [instance.instanceUuid];
    await systemClock.sleep(100);
  }
}
