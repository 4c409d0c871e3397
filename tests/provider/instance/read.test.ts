import type { InstanceChange } from "../../../emulator";
import { sleep } from "../../../provider/time";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count, SECOND } from "../observed";
import {
  answerInstead,
  answerQueryInstead,
  failureOf,
  instanceLife,
  instanceUrn,
  jsonAnswer,
  order,
  slowInstances,
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
      await sleep(2 * SECOND + 1);
      const drifted = await life.read(id, props);
      expect(await life.diff(drifted.props, inputs)).toMatchObject({ replaces: ["ramGb"] });
    }));

  test("what the first list left out is no drift when a list tells it, and a warning says so", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      const told = { ...(outs["__delivered"] as { told: Bag }).told, ramGb: 0 };
      const before = { ...outs, __delivered: { ...(outs["__delivered"] as Bag), told } };
      vendor.api.store.changeInstance(id, { ramGb: 4 });
      const { props } = await instanceLife(vendor.host()).read(id, before);
      expect(props["ramGb"]).toBe(8);
      expect(vendor.warnings.join()).toContain("was delivered with ramGb 4 instead of 8");
      const { replaces } = await life.diff(props, await life.inputs(order(), props), id);
      expect(replaces).toEqual([]);
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

  test("says gone after lists of half a minute without it, and a query by its id, with a warning that names it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.removeInstance(id);
      const handle = jest.spyOn(vendor.api, "handle");
      const start = Date.now();
      expect(await instanceLife(vendor.host()).read(id, outs)).toEqual({ id: "", props: {} });
      expect(Date.now() - start).toBeGreaterThanOrEqual(30 * SECOND);
      expect(handle.mock.calls.at(-1)?.[0].url).toContain(`InstanceUuid=${id}`);
      expect(vendor.warnings.join()).toMatch(new RegExp(`${id}.* is gone: .*orders another`));
    }));

  test("says gone where the query by its id is answered with 404", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.removeInstance(id);
      answerQueryInstead(vendor.api, () => jsonAnswer(404, { Code: "ResourceNotFound", Data: [] }));
      expect((await instanceLife(vendor.host()).read(id, outs)).id).toBe("");
    }));

  test("fails where the query by its id fails, and doesn't say gone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.removeInstance(id);
      answerQueryInstead(vendor.api, () => jsonAnswer(403, { Code: "No", Data: [] }));
      const error = await failureOf(instanceLife(vendor.host()).read(id, outs));
      expect(error).toMatchObject({ action: "DescribeDBInstances", httpStatus: 403 });
    }));

  test("keeps one that no list has ever shown, and says so", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      const hasty = order({ __timeouts: { create: "1m" } });
      const error = await failureOf(instanceLife(vendor.host()).create(hasty));
      const { id, properties } = error as { id: string; properties: Bag };
      expect(await instanceLife(vendor.host()).read(id, properties)).toEqual({
        id,
        props: properties,
      });
      expect(vendor.warnings.join()).toContain("no list has shown it yet");
    }));

  test("says gone of one that was listed once and never ran", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const hasty = order({ __timeouts: { create: "1m" } });
      const error = await failureOf(instanceLife(vendor.host()).create(hasty));
      const { id, properties } = error as { id: string; properties: Bag };
      vendor.api.store.removeInstance(id);
      expect((await instanceLife(vendor.host()).read(id, properties)).id).toBe("");
    }));

  test("warns of one that does not run, and of what was delivered otherwise", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      vendor.faults.add({ kind: "other-size", action: "CreateDBInstance" });
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.changeInstance(id, { status: "STOPPED" });
      vendor.warnings.splice(0);
      await instanceLife(vendor.host()).read(id, outs);
      expect(vendor.warnings).toEqual([
        expect.stringContaining("was delivered with ramGb 16 instead of 8"),
        expect.stringContaining("is not running: its status is STOPPED"),
      ]);
    }));

  test("by its id alone, as `get` does, warns of nothing", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id } = await instanceLife(vendor.host()).create(order());
      vendor.api.store.changeInstance(id, { status: "STOPPED" });
      await instanceLife(vendor.host()).read(id, { __urn: instanceUrn("got") });
      expect(vendor.warnings).toEqual([]);
    }));

  test("proves fifty gone by the lists of one half minute", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 0 });
      const life = instanceLife(vendor.host());
      const names = Array.from({ length: 50 }, (_, index) => `cache-${index}`);
      const made = await Promise.all(names.map((name) => life.create(order({}, name))));
      for (const { id } of made) vendor.api.store.removeInstance(id);
      const host = instanceLife(vendor.host());
      const start = Date.now();
      // The engine reads some at a time.
      while (made.length > 0)
        await Promise.all(made.splice(0, 8).map(({ id, outs }) => host.read(id, outs)));
      expect(Date.now() - start).toBeLessThan(40 * SECOND);
    }));

  test("finds by its id one that the lists lack", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: 20 });
      const handle = vendor.api.handle.bind(vendor.api);
      jest.spyOn(vendor.api, "handle").mockImplementation((request) => {
        if (request.url.includes(`InstanceUuid=${id}`)) vendor.faults.clear();
        return handle(request);
      });
      expect((await instanceLife(vendor.host()).read(id, outs)).id).toBe(id);
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
    await sleep(100);
  }
}
