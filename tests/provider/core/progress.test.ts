import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { SINGLE, withInstance } from "../backups";
import { backupLife, backupOrder, instanceLife, order } from "../orders";

test("a row says once what others of this run took, and then each change of state", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 200 });
    const life = instanceLife(vendor.host());
    await life.create(order({}, "first"));
    const before = vendor.reports.length;
    await life.create(order({}, "second"));
    const rows = vendor.reports
      .slice(before)
      .map((line) => line.slice(line.lastIndexOf("::second: ") + "::second: ".length));
    expect(rows).toEqual([
      expect.stringMatching(/^ordering second-/),
      expect.stringMatching(/^CREATING, others took 3m2\ds$/),
      "RUNNING",
    ]);
  }));

test("so does the row of a deletion", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1, deleteSeconds: 60 });
    const life = instanceLife(vendor.host());
    const first = await life.create(order({}, "first"));
    const second = await life.create(order({}, "second"));
    await life.delete(first.id, first.outs);
    const before = vendor.reports.length;
    await life.delete(second.id, second.outs);
    const rows = vendor.reports.slice(before).map((line) => line.split("::second: ").at(-1));
    expect(rows).toEqual([
      "deleting",
      expect.stringMatching(/^DELETING, others took 1m\d+s$/),
      "gone",
    ]);
  }));

test("so does the row of a backup", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const life = backupLife(vendor.host());
    await life.create(backupOrder(instanceId, {}, "first"));
    const before = vendor.reports.length;
    await life.create(backupOrder(instanceId, {}, "second"));
    const rows = vendor.reports.slice(before).map((line) => line.split("::second: ").at(-1));
    expect(rows).toEqual([
      "starting",
      expect.stringMatching(/^running, others took 2m\d+s$/),
      "finished",
    ]);
  }));

test("a backup that was finished before says nothing of how long others take", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const life = backupLife(vendor.host());
    await life.update(id, outs, { ...outs, keepLatest: 2 });
    const before = vendor.reports.length;
    await life.create(backupOrder(instanceId, {}, "second"));
    expect(vendor.reports.slice(before).join()).not.toContain("others took");
  }));
