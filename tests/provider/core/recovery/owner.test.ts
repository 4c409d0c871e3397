import { emulatedVendor } from "../../../emulatedVendor";
import { inVirtualTime } from "../../../virtualTime";
import { SINGLE, withInstance } from "../../backups";
import { backupLife, backupOrder, failureOf, instanceLife, order, type Bag } from "../../orders";

const elsewhere = { "cds:endpoint": "america" };

describe("what another endpoint or key doesn't list is not known to be gone", () => {
  test("a refresh keeps the instance in the state", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      const others = emulatedVendor();
      const error = await failureOf(instanceLife(others.host(elsewhere)).read(id, outs));
      expect(String(error)).toMatch(/seen last at https:\/\/cdsapi\.capitalonline\.net/);
      expect(String(error)).toContain("pulumi state delete");
    }));

  test("a delete doesn't succeed", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await instanceLife(vendor.host()).create(order());
      const others = emulatedVendor({ accessKeyId: "OTHER-KEY" });
      const host = others.host({ "cds:accessKeyId": "OTHER-KEY" });
      expect(String(await failureOf(instanceLife(host).delete(id, outs)))).toContain(
        "with another access key",
      );
    }));

  test("nor does that of a backup, and its refresh keeps it", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      const life = backupLife(emulatedVendor().host(elsewhere));
      expect(String(await failureOf(life.read(id, outs)))).toContain("not known to be gone");
      expect(String(await failureOf(life.delete(id, outs)))).toContain("not known to be gone");
    }));
});

describe("an update with another endpoint doesn't make it the owner", () => {
  test("of an instance: the state goes on holding it, and so does a refresh after that", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order());
      const { id, outs } = await life.create(inputs);
      const there = instanceLife(emulatedVendor().host(elsewhere, vendor.stack));
      const news = await there.inputs(order({ __timeouts: { delete: "30m" } }), inputs);
      const error = await failureOf(there.update(id, outs, news));
      expect(String(error)).toContain("not known to be gone");
      const { properties = outs } = error as { properties?: typeof outs };
      expect(String(await failureOf(there.read(id, properties)))).toContain("not known to be gone");
    }));

  test("of a backup: its entries stay, and a delete doesn't succeed", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = backupLife(vendor.host());
      const inputs = await life.inputs(backupOrder(instanceId));
      const { id, outs } = await life.create(inputs);
      const there = backupLife(emulatedVendor().host(elsewhere, vendor.stack));
      const news = await there.inputs(backupOrder(instanceId, { keepLatest: 2 }), inputs);
      const error = await failureOf(there.update(id, outs, news));
      expect(String(error)).toContain("not known to be gone");
      const { properties = outs } = error as { properties?: typeof outs };
      expect(properties["entries"]).toEqual(outs["entries"]);
      expect(String(await failureOf(there.delete(id, properties)))).toContain("not known");
    }));
});

test("with a new key of the same account the instance is known and can be deleted", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ accessKeyId: "NEW-KEY" });
    const host = vendor.host({ "cds:accessKeyId": "NEW-KEY" });
    const { id, outs } = await instanceLife(host).create(order());
    const before = { ...outs, __owner: { endpoint: "https://cdsapi.capitalonline.net", key: "0" } };
    const { props } = await instanceLife(host).read(id, before);
    expect(props["__owner"]).toEqual(outs["__owner"]);
    await instanceLife(host).delete(id, before);
    expect(vendor.api.store.instances()).toEqual([]);
  }));

test("an update with a new key that shows the instance makes it the owner, though it is not ready", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 300 });
    const hasty = order({ __timeouts: { create: "1m", update: "1m" } });
    const error = await failureOf(instanceLife(vendor.host()).create(hasty));
    const { id, properties } = error as { id: string; properties: Bag };
    const before = {
      ...properties,
      __owner: { endpoint: "https://cdsapi.capitalonline.net", key: "0" },
    };
    const updating = instanceLife(vendor.host()).update(id, before, properties);
    expect(await failureOf(updating)).toMatchObject({
      properties: { __owner: properties["__owner"] },
    });
  }));

test("with a new key of the same account a backup can be deleted", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const before = { ...outs, __owner: { endpoint: "https://cdsapi.capitalonline.net", key: "0" } };
    await backupLife(vendor.host()).delete(id, before);
    expect(vendor.api.store.backups()).toEqual([]);
  }));

test("an update with a new key of the same account makes it the backup's owner", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const before = { ...outs, __owner: { endpoint: "https://cdsapi.capitalonline.net", key: "0" } };
    const news = { ...outs, keepLatest: 2 };
    const updated = await backupLife(vendor.host()).update(id, before, news);
    expect(updated.outs["__owner"]).toEqual(outs["__owner"]);
  }));

test("an update that fails for another reason than the account says that reason", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const before = { ...outs, __owner: { endpoint: "https://cdsapi.capitalonline.net", key: "0" } };
    vendor.faults.add({ kind: "http-403", action: "DescribeBackups", times: "always" });
    const news = { ...outs, keepLatest: 2 };
    const error = await failureOf(backupLife(vendor.host()).update(id, before, news));
    expect(error).toMatchObject({ id, properties: { entries: outs["entries"] } });
    expect(String(error)).toContain("HTTP 403");
  }));

test("a state of a release that didn't record the owner is refreshed as before", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const life = instanceLife(vendor.host());
    const { id, outs } = await life.create(order());
    const older = { ...outs };
    delete older["__owner"];
    expect((await life.read(id, older)).props).toEqual(older);
    expect((await instanceLife(emulatedVendor().host()).read(id, older)).id).toBe("");
  }));
