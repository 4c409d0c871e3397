/** What must never happen to an instance on the plugin face, however the engine comes to ask. */
import * as proto from "@pulumi/pulumi/proto/provider_pb";

import { UNKNOWN } from "../../../provider/core/engineValues";
import { now, sleep } from "../../../provider/time";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count } from "../observed";
import { failureOf, instanceLife, order as dynamicOrder } from "../orders";
import {
  BACKUP,
  INSTANCE,
  KEYS,
  order,
  PluginCalls,
  struct,
  urnOf,
  type Recorded,
} from "./pluginCalls";

const { DIFF_NONE } = proto.DiffResponse.DiffChanges;

/** An instance that another stack made, as this stack's plugin reads it for an import. */
async function readForImport(
  vendor: EmulatedVendor,
): Promise<{ plugin: PluginCalls; read: Recorded }> {
  const { id } = await (await PluginCalls.configured(vendor)).create(INSTANCE, order());
  const plugin = await PluginCalls.configured(vendor);
  return { plugin, read: await plugin.read(INSTANCE, id) };
}

describe("an import", () => {
  test("of an instance of which a list leaves facts out is refused: it would be replaced later", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { id } = await (await PluginCalls.configured(vendor)).create(INSTANCE, order());
      const plugin = await PluginCalls.configured(vendor);
      vendor.faults.add({ kind: "odd-entry", action: "DescribeDBInstances", times: "always" });
      const { inputs } = await plugin.read(INSTANCE, id);
      for (const news of [inputs, order()])
        expect((await plugin.check(INSTANCE, inputs, news)).reasons).toEqual([
          expect.stringMatching(/^import: the vendor does not tell .*port.* now\. Nothing was/),
        ]);
    }));

  test("of what the stack holds elsewhere is refused: the other one's delete would take it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { plugin, read } = await readForImport(vendor);
      // The vendor may write an id in another case.
      vendor.stack.hold(urnOf(INSTANCE, "other"), read.id.toUpperCase());
      for (const news of [read.inputs, order()])
        expect((await plugin.check(INSTANCE, read.inputs, news)).reasons).toEqual([
          expect.stringMatching(/^import: the stack has .* already/),
        ]);
    }));

  test("knows its account, so that another one does not take it for gone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { read } = await readForImport(vendor);
      const other = new PluginCalls(emulatedVendor());
      await other.configure({ ...KEYS, endpoint: "asia" });
      const error = await failureOf(other.read(INSTANCE, read.id, read.state, read.inputs));
      expect(String(error)).toContain("so it is not known to be gone");
    }));

  test("says what the state does not have yet, and a replacement follows the program's finalBackup", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const before = await PluginCalls.configured(vendor);
      const old = await before.create(INSTANCE, order({ instanceName: "the old one" }));
      const { plugin, read } = await readForImport(vendor);
      const given = order({ finalBackup: true });
      const { inputs } = await plugin.check(INSTANCE, read.inputs, given);
      expect(await plugin.diff(INSTANCE, read, inputs)).toMatchObject({ changes: DIFF_NONE });
      expect(vendor.warnings.join("\n")).toMatch(
        /imported\. Run `pulumi up` once more.*finalBackup/,
      );
      await plugin.delete(INSTANCE, old);
      expect(vendor.fetches).toHaveLength(1);
    }));

  test("is not replaced by what the vendor does not tell", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { read } = await readForImport(vendor);
      const next = await PluginCalls.configured(vendor);
      const given = order({
        testGroupId: 7,
        subjectId: 8,
        instanceName: read.inputs["instanceName"],
      });
      const { inputs, reasons } = await next.check(INSTANCE, read.inputs, given);
      expect(reasons).toEqual([]);
      expect((await next.diff(INSTANCE, read, inputs)).replacesList).toEqual([]);
      const state = await next.update(INSTANCE, { ...read, inputs }, inputs);
      const complete = { ...read, state, inputs };
      expect(state).toMatchObject({ testGroupId: 7, basePipeId: "pipe-1" });
      expect(await next.diff(INSTANCE, complete, inputs)).toMatchObject({ changes: DIFF_NONE });
    }));

  test("by the command is followed by a refusal where a told argument differs", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 1 });
      const { read } = await readForImport(vendor);
      const next = await PluginCalls.configured(vendor);
      const given = order({ ramGb: 16, instanceName: read.inputs["instanceName"] });
      expect((await next.check(INSTANCE, read.inputs, given)).reasons).toEqual([
        expect.stringMatching(/ramGb is 8, the program says 16/),
      ]);
      const request = new proto.CheckRequest();
      request.setUrn(urnOf(INSTANCE, "web::cache"));
      request.setType(INSTANCE);
      request.setOlds(struct(read.inputs));
      request.setNews(struct(given));
      const answer = await next.call<proto.CheckResponse>("check", request);
      expect(answer.getFailuresList()[0]?.getReason()).toMatch(/^import: web::cache differs/);
    }));
});

describe("drift", () => {
  async function drifted(): Promise<{ plugin: PluginCalls; made: Recorded }> {
    const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
    const made = await plugin.create(INSTANCE, order());
    const { paasGoodsId, computeRole, ...rest } = made.state;
    expect([paasGoodsId, computeRole].every(Boolean)).toBe(true);
    return { plugin, made: { ...made, state: { ...rest, ramGb: 16 } } };
  }

  test("of the size is a replacement, although the inputs are as they were", () =>
    inVirtualTime(async () => {
      const { plugin, made } = await drifted();
      const { replacesList } = await plugin.diff(INSTANCE, made, made.inputs);
      expect(replacesList).toEqual(["ramGb"]);
    }));

  test("is left alone where ignoreChanges names the argument", () =>
    inVirtualTime(async () => {
      const { plugin, made } = await drifted();
      const difference = await plugin.diff(INSTANCE, made, made.inputs, ["ramGb"]);
      expect(difference).toMatchObject({ changes: DIFF_NONE, replacesList: [] });
    }));
});

test("what a program gives to get is no fact", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    const { id } = await (await PluginCalls.configured(vendor)).create(INSTANCE, order());
    const plugin = await PluginCalls.configured(vendor);
    const given = { ramGb: 999, instanceName: "nonsense" };
    const { state } = await plugin.read(INSTANCE, id, given);
    expect(state).toMatchObject({ ramGb: 8 });
    const error = await failureOf(plugin.read(INSTANCE, "no-such", given));
    expect(String(error)).toContain("there is no instance no-such");
  }));

test("an order that the dynamic face began is taken over after the move", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 60 });
    const killed = new Promise<void>((resolve) => {
      vendor.killAt({ action: "CreateDBInstance", when: "after" }, resolve);
    });
    void instanceLife(vendor.host()).create(dynamicOrder());
    await killed;
    const plugin = await PluginCalls.configured(vendor);
    await plugin.create(INSTANCE, order({ version: "5.0", architecture: "cluster" }));
    expect(count(vendor, "CreateDBInstance")).toBe(1);
  }));

test("a cancelled check ends at once, whatever it waits for", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const plugin = await PluginCalls.configured(vendor);
    vendor.faults.add({ kind: "hang", action: "DescribeAvailableDBConfig", times: "always" });
    const checking = failureOf(plugin.check(INSTANCE, {}, order()));
    await sleep(4_000);
    const start = now();
    await plugin.cancel();
    expect(String(await checking)).toContain("cancelled");
    expect(now() - start).toBeLessThan(2_000);
  }));

test("half a character of the vendor's ends no process", () =>
  inVirtualTime(async () => {
    const plugin = await PluginCalls.configured(emulatedVendor());
    const error = await failureOf(plugin.invoke("cds-redis:index:get\ud83d"));
    expect(() => encodeURI(String(error))).not.toThrow();
  }));

test("triggers that are not known yet have no mark yet, so that an update plan holds", () =>
  inVirtualTime(async () => {
    const plugin = await PluginCalls.configured(emulatedVendor({ deliverySeconds: 1 }));
    const { id: instanceId } = await plugin.create(INSTANCE, order());
    const { inputs } = await plugin.create(BACKUP, { instanceId, triggers: ["1"] });
    const news = { instanceId, triggers: [UNKNOWN] };
    expect((await plugin.check(BACKUP, inputs, news)).inputs).toMatchObject({ __token: UNKNOWN });
  }));

test("a provider whose name begins with default reads no environment", async () => {
  const plugin = new PluginCalls(emulatedVendor({}), {
    ...{ CDS_SECRET_ID: KEYS.accessKeyId, CDS_SECRET_KEY: KEYS.accessKeySecret },
  });
  await plugin.configure({}, "default-tenant");
  expect((await plugin.check(INSTANCE, {}, order())).reasons).toEqual([
    expect.stringContaining("set accessKeyId of the provider default-tenant"),
  ]);
});

test("an imported backup is completed once, and then takes a backup for its first triggers", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    const before = await PluginCalls.configured(vendor);
    const { id: instanceId } = await before.create(INSTANCE, order());
    const { id } = await before.create(BACKUP, { instanceId });
    const plugin = await PluginCalls.configured(vendor);
    const read = await plugin.read(BACKUP, id);
    const next = await PluginCalls.configured(vendor);
    const { inputs } = await next.check(BACKUP, read.inputs, { instanceId });
    expect((await next.diff(BACKUP, read, inputs)).diffsList).toEqual(["__token"]);
    const complete = { id, inputs, state: await next.update(BACKUP, read, inputs) };
    expect(await next.diff(BACKUP, complete, inputs)).toMatchObject({ changes: DIFF_NONE });
    const changed = await next.check(BACKUP, inputs, { instanceId, triggers: ["1"] });
    await next.update(BACKUP, complete, changed.inputs);
    expect(count(vendor, "CreateBackup")).toBe(2);
  }));
