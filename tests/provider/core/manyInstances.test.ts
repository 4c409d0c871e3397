import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count } from "../observed";
import { instanceLife, order, type Life } from "../orders";

const MANY = 100;
const SLOW = { deliverySeconds: 200, deliveryJitter: 0.3, deleteSeconds: 30 };

interface Kept {
  readonly id: string;
  readonly outs: Record<string, unknown>;
  /** From RUNNING to the moment when the engine was told, in milliseconds. */
  readonly lateMs: number;
}

/** All at once, as `pulumi up --parallel 100` asks for them. */
async function createMany(vendor: EmulatedVendor, life: Life, many = MANY): Promise<Kept[]> {
  return Promise.all(
    Array.from({ length: many }, async (_none, index) => {
      const { id, outs } = await life.create(order({}, `cache-${index}`));
      const readyAt = vendor.api.store.findInstance(id)?.readyAt ?? 0;
      return { id, outs, lateMs: Date.now() - readyAt };
    }),
  );
}

test("a hundred instances cost their creates and a hundred and ten calls more", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor(SLOW);
    await createMany(vendor, instanceLife(vendor.host()));
    expect(count(vendor, "CreateDBInstance")).toBe(MANY);
    expect(count(vendor, "DescribeAvailableDBConfig")).toBe(1);
    expect(vendor.actions().length).toBeLessThanOrEqual(MANY + 110);
  }));

test("none of them is told later than four seconds after it runs", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor(SLOW);
    const kept = await createMany(vendor, instanceLife(vendor.host()));
    expect(Math.max(...kept.map(({ lateMs }) => lateMs))).toBeLessThan(4_000);
  }));

test("to destroy them costs their deletes and sixty calls more", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor(SLOW);
    const kept = await createMany(vendor, instanceLife(vendor.host()));
    const before = vendor.actions().length;
    const life = instanceLife(vendor.host());
    await Promise.all(kept.map(({ id, outs }) => life.delete(id, outs)));
    expect(vendor.api.store.instances()).toEqual([]);
    expect(vendor.actions().length - before).toBeLessThanOrEqual(MANY + 60);
  }));

test("to preview them unchanged costs one call at most, and so does a refresh", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor(SLOW);
    const kept = await createMany(vendor, instanceLife(vendor.host()));
    const before = vendor.actions().length;
    const preview = instanceLife(vendor.host());
    for (const [index, { id, outs }] of kept.entries()) {
      const inputs = await preview.inputs(order({}, `cache-${index}`), outs);
      expect(await preview.diff(outs, inputs, id)).toMatchObject({ changes: false });
    }
    expect(vendor.actions().length - before).toBeLessThanOrEqual(1);
    const refresh = instanceLife(vendor.host());
    for (const { id, outs } of kept) expect((await refresh.read(id, outs)).id).toBe(id);
    expect(vendor.actions().length - before).toBeLessThanOrEqual(2);
  }));

test("what the first deliveries took is known for the next: nobody asks long before", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ ...SLOW, deliveryJitter: 0 });
    const life = instanceLife(vendor.host());
    await life.create(order({}, "first"));
    const listsOfFirst = count(vendor, "DescribeDBInstances");
    await life.create(order({}, "second"));
    const listsOfSecond = count(vendor, "DescribeDBInstances") - listsOfFirst;
    expect(listsOfSecond).toBeLessThan(listsOfFirst);
  }));

test("a vendor that refuses more than five calls a second delivers them all, each once", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ ...SLOW, callsPerSecond: 5 });
    const kept = await createMany(vendor, instanceLife(vendor.host()));
    expect(vendor.api.store.instances()).toHaveLength(MANY);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(MANY);
  }));

test("when all is done, no timer keeps the host from ending", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 5 });
    await createMany(vendor, instanceLife(vendor.host()), 10);
    expect(jest.getTimerCount()).toBe(0);
  }));
