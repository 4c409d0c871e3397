import { emulatedVendor, type EmulatedVendor } from "../../../emulatedVendor";
import { FakeStack } from "../../../fakeStack";
import { inVirtualTime } from "../../../virtualTime";
import { count, elapsed, MINUTE, only, twinOf } from "../../observed";
import { failureOf, instanceLife, order, type Bag } from "../../orders";

/** Creates, and lets the host die once the vendor has carried the order out or just before. */
async function dieOrdering(
  vendor: EmulatedVendor,
  inputs: Bag,
  when: "before" | "after",
  stack = vendor.stack,
): Promise<void> {
  const killed = new Promise<void>((resolve) => {
    vendor.killAt({ action: "CreateDBInstance", when }, resolve);
  });
  void instanceLife(vendor.host({}, stack)).create(inputs);
  await killed;
}

/** What the engine forgets when the host process dies under it. */
function forgetCreates(stack: FakeStack): void {
  stack.creating.length = 0;
}

const warnings = (vendor: EmulatedVendor): string[] =>
  vendor.reports.filter((line) => line.includes("took over"));

describe("after a run that was killed while it ordered", () => {
  test("the next one takes the instance over, orders nothing and says so", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const left = only(vendor.api);
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      expect(id).toBe(left.instanceUuid);
      expect(outs).toMatchObject({ instanceName: left.instanceName, status: "RUNNING" });
      expect(count(vendor, "CreateDBInstance")).toBe(1);
      expect(warnings(vendor)).toHaveLength(1);
      expect(warnings(vendor)[0]).toContain("pulumi refresh --clear-pending-creates");
    }));

  test("an order that the engine records and this machine notes is one, and the note is taken: it is never encrypted", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const [record] = vendor.stack.creating;
      Object.assign(record?.inputs ?? {}, { vdcId: { ciphertext: "v1:…" } });
      const { outs } = await instanceLife(vendor.host()).create(order());
      expect(outs).toMatchObject({ vdcId: "vdc-1", status: "RUNNING" });
      const { instanceName } = only(vendor.api);
      expect(vendor.reports.join("\n")).toContain(`looking for ${instanceName} of an`);
    }));

  test("and the preview after that is empty", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order());
      const { outs } = await life.create(inputs);
      expect(await life.diff(outs, await life.inputs(order(), inputs))).toMatchObject({
        changes: false,
        replaces: [],
      });
    }));

  test("it orders where nothing was ordered, after two minutes of looking", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "before");
      const waited = await elapsed(() => instanceLife(vendor.host()).create(order()));
      expect(waited).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(vendor.api.store.instances()).toHaveLength(1);
      expect(warnings(vendor)).toEqual([]);
      expect(vendor.stack.noted.size).toBe(0);
    }));

  test("where the engine forgot the order, the note on this machine is proof", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      forgetCreates(vendor.stack);
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).toBe(only(vendor.api).instanceUuid);
      expect(vendor.stack.noted.size).toBe(0);
    }));

  test("the engine's record alone is proof", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      vendor.stack.noted.clear();
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).toBe(only(vendor.api).instanceUuid);
    }));

  test("what it takes over is nothing to import in the same run", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      const again = order({ __import: id, instanceName: outs["instanceName"] }, "second");
      expect(String(await failureOf(life.create(again)))).toContain(`the stack has ${id} already`);
    }));

  test.each([
    ["in the order of their orders", false],
    ["the newer first", true],
  ])("the newer of two instances is kept, recorded %s, and both are named", (_name, isReversed) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      await dieOrdering(vendor, order(), "after");
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      await dieOrdering(vendor, order(), "after");
      vendor.faults.clear();
      if (isReversed) vendor.stack.creating.reverse();
      const [older, newer] = vendor.api.store.instances();
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(error).toMatchObject({ id: newer?.instanceUuid });
      expect(String(error)).toContain(`ordered ${older?.instanceName ?? ""}`);
      expect(String(error)).not.toContain("has changed since");
      expect(vendor.stack.noted.size).toBe(0);
    }),
  );

  test("of two orders the one that made nothing is settled beside the take-over of the other", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      await dieOrdering(vendor, order(), "after");
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      await dieOrdering(vendor, order(), "before");
      vendor.faults.clear();
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).toBe(only(vendor.api).instanceUuid);
      expect(vendor.stack.noted.size).toBe(0);
    }));

  test("a name of the user's is no proof: the instance is named, and nothing is ordered", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const named = order({ instanceName: "mine" });
      await dieOrdering(vendor, named, "after");
      const error = await failureOf(instanceLife(vendor.host()).create(named));
      expect(String(error)).toContain(`import: "${only(vendor.api).instanceUuid}"`);
      expect(error).not.toHaveProperty("id");
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("and may be somebody else's, ordered after ours was not", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const named = order({ instanceName: "mine" });
      await dieOrdering(vendor, named, "before");
      const theirs = new FakeStack("their provider");
      await instanceLife(vendor.host({}, theirs)).create(named);
      expect(String(await failureOf(instanceLife(vendor.host()).create(named)))).toContain(
        "Nothing was ordered",
      );
    }));

  test("what it ordered under the name of before is named, and the name of now is ordered", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order({ instanceName: "before" }), "after");
      const left = only(vendor.api);
      const { id } = await instanceLife(vendor.host()).create(order({ instanceName: "now" }));
      expect(id).not.toBe(left.instanceUuid);
      expect(vendor.warnings.join()).toContain(`before (${left.instanceUuid}) exists`);
      expect(vendor.warnings.join()).toContain("now is ordered now");
    }));

  test("of several under a name of the user's none is taken for the ordered one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const named = order({ instanceName: "mine" });
      await dieOrdering(vendor, named, "before");
      await instanceLife(vendor.host({}, new FakeStack("their provider"))).create(named);
      twinOf(vendor.api, only(vendor.api).instanceUuid);
      const error = await failureOf(instanceLife(vendor.host()).create(named));
      expect(String(error)).toContain('import: "<the id of yours>"');
      for (const { instanceUuid } of vendor.api.store.instances())
        expect(String(error)).toContain(instanceUuid);
    }));

  test("an instance of the user's name is named beside the take-over of an automatic one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const mine = order({ instanceName: "mine" });
      await dieOrdering(vendor, mine, "before");
      const theirs = await instanceLife(vendor.host({}, new FakeStack("their provider"))).create(
        mine,
      );
      await dieOrdering(vendor, order(), "after");
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(id).not.toBe(theirs.id);
      expect(vendor.api.store.instances()).toHaveLength(2);
      const named = vendor.warnings.filter((line) => line.includes(`mine (${theirs.id}) exists`));
      expect(named).not.toEqual([]);
      expect(named.at(-1)).not.toContain("is ordered now");
    }));

  test("a time limit too short for the search says so, and orders nothing", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const hasty = order({ __timeouts: { create: "40s" } });
      await dieOrdering(vendor, hasty, "before");
      const error = await failureOf(instanceLife(vendor.host()).create(hasty));
      expect(String(error)).toMatch(/[^.]\. Nothing was ordered\. .*longer customTimeouts/);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("a search that the vendor refuses says why, and gives no advice on time limits", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "before");
      vendor.faults.add({ kind: "http-403", action: "DescribeDBInstances", times: "always" });
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(error).toMatchObject({ action: "DescribeDBInstances", httpStatus: 403 });
      expect(String(error)).not.toContain("customTimeouts");
    }));

  test("what the program says otherwise by now is replaced at the next run", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order({ ramGb: 8 }), "after");
      const life = instanceLife(vendor.host());
      const news = await life.inputs(order({ ramGb: 12 }));
      const error = await failureOf(life.create(news));
      expect(error).toMatchObject({ id: only(vendor.api).instanceUuid });
      expect(String(error)).toMatch(/changed since \(ramGb\)/);
      expect(String(error)).not.toContain("Interrupted runs ordered");
      expect(vendor.stack.noted.size).toBe(0);
      const { properties } = error as { properties: Bag };
      expect(await life.diff(properties, news)).toMatchObject({ replaces: ["ramGb"] });
    }));

  test("what diff calls the same is no change: a patch of the version", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      await dieOrdering(vendor, order({ version: "5.0" }), "after");
      const change = order({ version: "5.0.3" });
      const { id } = await instanceLife(vendor.host()).create(change);
      expect(id).toBe(only(vendor.api).instanceUuid);
    }));

  test("an instance that the stack holds already is never taken over: --replace orders a new one", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const first = await instanceLife(vendor.host()).create(order());
      const second = await instanceLife(vendor.host()).create(order());
      expect(second.id).not.toBe(first.id);
      expect(vendor.api.store.instances()).toHaveLength(2);
    }));

  test("a settled order costs no second search, though the engine keeps its record", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      vendor.stack.resources.push({ urn: String(outs["__urn"]), id, inputs: {}, outputs: outs });
      expect(await elapsed(() => instanceLife(vendor.host()).create(order()))).toBeLessThan(MINUTE);
    }));

  test("nor a third one, when what took its place is replaced in turn", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "before");
      const first = await instanceLife(vendor.host()).create(order());
      const urn = String(first.outs["__urn"]);
      vendor.stack.resources.push({ urn, id: first.id, inputs: {}, outputs: first.outs });
      const second = await instanceLife(vendor.host()).create(order());
      vendor.stack.resources.length = 0;
      vendor.stack.resources.push({ urn, id: second.id, inputs: {}, outputs: second.outs });
      expect(await elapsed(() => instanceLife(vendor.host()).create(order()))).toBeLessThan(MINUTE);
    }));

  test("another resource of the stack doesn't take it over", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const { id } = await instanceLife(vendor.host()).create(order({}, "other"));
      expect(vendor.api.store.instances()).toHaveLength(2);
      expect(vendor.api.store.instances()[0]?.instanceUuid).not.toBe(id);
    }));
});

describe("an order that no create looks for", () => {
  test("is named once by whatever else the run does, with its note and what to do", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const other = await instanceLife(vendor.host()).create(order({}, "other"));
      await dieOrdering(vendor, order(), "after");
      forgetCreates(vendor.stack);
      const left = vendor.api.store
        .instances()
        .find(({ instanceUuid }) => instanceUuid !== other.id);
      const instanceName = left?.instanceName ?? "none is left";
      const life = instanceLife(vendor.host());
      await life.diff(other.outs, other.outs);
      await life.read(other.id, other.outs);
      const named = vendor.warnings.filter((line) => line.includes(instanceName));
      expect(named).toHaveLength(1);
      expect(named[0]).toMatch(/not recorded.*delete the note orders\/[0-9a-f]{12}\.json/);
      await instanceLife(vendor.host()).delete(other.id, other.outs);
      expect(vendor.warnings.filter((line) => line.includes(instanceName))).toHaveLength(2);
    }));

  test("is not called one while this run makes it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const other = await instanceLife(vendor.host()).create(order({}, "other"));
      const life = instanceLife(vendor.host());
      const making = life.create(order());
      while (vendor.stack.noted.size === 0) await new Promise((end) => setTimeout(end, 1));
      await life.diff(other.outs, other.outs);
      await making;
      expect(vendor.warnings).toEqual([]);
    }));
});

describe("a stack of the same name on another backend", () => {
  test("doesn't take it over by its own record", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const other = new FakeStack("their provider");
      const { id } = await instanceLife(vendor.host({}, other)).create(order());
      expect(vendor.api.store.instances()).toHaveLength(2);
      expect(vendor.api.store.instances()[0]?.instanceUuid).not.toBe(id);
    }));

  test("nor by a note of this machine", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const other = new FakeStack("their provider");
      for (const note of vendor.stack.noted.values()) await other.journal.begin(note);
      await instanceLife(vendor.host({}, other)).create(order());
      expect(vendor.api.store.instances()).toHaveLength(2);
    }));

  test("whose record the CLI shows instead is no proof", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const shown = vendor.stack;
      const mine = new FakeStack("my provider");
      jest.spyOn(mine, "begin").mockImplementation(() => () => undefined);
      mine.creating.push(...shown.creating);
      await instanceLife(vendor.host({}, mine)).create(order());
      expect(vendor.api.store.instances()).toHaveLength(2);
      expect(vendor.reports.join("\n")).toContain("is not the one in work");
    }));
});

describe("without the stack's record", () => {
  test("it says why, names what may be left over, and orders", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const left = only(vendor.api);
      const stack = new FakeStack();
      stack.unreadable = Object.assign(new Error("spawn pulumi ENOENT"), { code: "ENOENT" });
      await instanceLife(vendor.host({}, stack)).create(order());
      expect(vendor.api.store.instances()).toHaveLength(2);
      const said = vendor.reports.join("\n");
      expect(said).toContain(left.instanceUuid);
      expect(said).toContain("no pulumi CLI on PATH");
    }));

  test("one that has looked before names what may be left over, too, and nothing else", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      const left = only(vendor.api);
      const stack = new FakeStack();
      stack.unreadable = new Error("no login");
      const life = instanceLife(vendor.host({}, stack));
      const first = await life.create(order({ instanceName: "first" }, "first"));
      await life.create(order());
      const named = vendor.warnings.filter((line) => line.includes("there is"));
      expect(named).toHaveLength(1);
      expect(named[0]).toContain(left.instanceUuid);
      expect(named[0]).not.toContain(first.id);
    }));

  test("it names nothing where nothing is left", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      vendor.stack.unreadable = new Error("no login");
      await instanceLife(vendor.host()).create(order());
      expect(vendor.warnings).toEqual([]);
    }));

  test("what this machine noted is refused, not ordered twice", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      await dieOrdering(vendor, order(), "after");
      vendor.stack.unreadable = new Error("no login");
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(String(error)).toMatch(/no login.*Nothing was ordered.*import/);
      expect(String(error)).toContain(only(vendor.api).instanceUuid);
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));
});

test("an order without a clear answer that appears later is taken over by the next run", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "http-500", action: "CreateDBInstance", when: "after" });
    vendor.faults.add({
      kind: "stale-list",
      action: "DescribeDBInstances",
      call: 2,
      times: "always",
    });
    const error = await failureOf(instanceLife(vendor.host()).create(order()));
    expect(String(error)).toContain(only(vendor.api).instanceName);
    vendor.faults.clear();
    const { id } = await instanceLife(vendor.host()).create(order());
    expect(id).toBe(only(vendor.api).instanceUuid);
  }));
