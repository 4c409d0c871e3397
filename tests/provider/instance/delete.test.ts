import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { elapsed, LATE, MINUTE, only } from "../observed";
import {
  answerInstead,
  answerQueryInstead,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  slowInstances,
  type Bag,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

describe("delete", () => {
  /** The ids for which a delete was sent. */
  function deletes(vendor: EmulatedVendor): unknown[] {
    const ids: unknown[] = [];
    answerInstead(vendor.api, "DeleteDBInstance", (_vendor, body) => {
      ids.push(body["InstanceUuid"]);
      return undefined;
    });
    return ids;
  }

  test("is sent once, for this one alone, and waits until it is gone", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const life = instanceLife(vendor.host());
      const [mine, other] = await Promise.all([
        life.create(order({ instanceName: "mine" })),
        life.create(order({ instanceName: "mine too" })),
      ]);
      const ids = deletes(vendor);
      const waited = await elapsed(() => life.delete(mine.id, mine.outs));
      expect(waited).toBeGreaterThanOrEqual(MINUTE);
      expect(waited).toBeLessThan(MINUTE + 3 * LATE);
      expect(ids).toEqual([mine.id]);
      expect(only(vendor.api).instanceUuid).toBe(other.id);
    }));

  test("that takes long is told soon after it is done", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deleteSeconds: 600 });
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      const waited = await elapsed(() => life.delete(id, outs));
      expect(waited).toBeGreaterThanOrEqual(10 * MINUTE);
      expect(waited).toBeLessThan(10 * MINUTE + LATE);
    }));

  test("of what is gone already succeeds, after lists of half a minute without it and a query by its id", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order({ instanceName: "mine" }));
      vendor.api.store.removeInstance(id);
      const other = await life.create(order({ instanceName: "mine" }));
      const ids = deletes(vendor);
      const took = await elapsed(() => life.delete(id, outs));
      expect(ids).toEqual([id]);
      expect(took).toBeGreaterThanOrEqual(30_000);
      expect(only(vendor.api).instanceUuid).toBe(other.id);
    }));

  test("of what the vendor calls unknown, doesn't list, and finds by its id fails", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      vendor.faults.add({ kind: "http-404", action: "DeleteDBInstance", times: "always" });
      vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
      answerQueryInstead(vendor.api, (answer) => {
        vendor.faults.clear();
        return answer();
      });
      const error = await failureOf(life.delete(id, outs));
      expect(String(error)).toContain("but knows its id. Nothing was deleted");
    }));

  test("nor is it done where a list had shown it before", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      vendor.faults.add({ kind: "http-404", action: "DeleteDBInstance", times: "always" });
      const hidden = { kind: "empty-list", action: "DescribeDBInstances" } as const;
      vendor.faults.add({ ...hidden, call: 3, times: "always" });
      answerQueryInstead(vendor.api, (answer) => {
        vendor.faults.clear();
        return answer();
      });
      const error = await failureOf(life.delete(id, outs));
      expect(String(error)).toContain("but knows its id. Nothing was deleted");
    }));

  test("is not done while lists come and go", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      let lists = 0;
      answerInstead(vendor.api, "DescribeDBInstances", () => {
        lists += 1;
        return lists % 3 === 0 ? undefined : jsonAnswer(200, { Code: "Success", Data: [] });
      });
      await life.delete(id, outs);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test.each<[string, Bag, number]>([
    ["20 minutes", {}, 20 * MINUTE],
    ["what customTimeouts says", { __timeouts: { delete: "45m", create: "1h" } }, 45 * MINUTE],
  ])("fails after %s, and the instance stays in state", (_name, change, limit) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deleteSeconds: 24 * 3600 });
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order(change));
      let error: unknown;
      const waited = await elapsed(async () => {
        error = await failureOf(life.delete(id, outs));
      });
      expect(String(error)).toContain(`(${id}) to be gone: gave up after`);
      expect(String(error)).toContain("last status: DELETING");
      expect(waited).toBeGreaterThanOrEqual(limit);
      expect(waited).toBeLessThan(limit + LATE);
    }),
  );

  test.each([400, 401, 403])("that is refused fails, and the instance stays: HTTP %i", (status) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const life = instanceLife(vendor.host());
      const { id, outs } = await life.create(order());
      answerInstead(vendor.api, "DeleteDBInstance", () =>
        jsonAnswer(status, { Code: "No", Data: {}, Message: "no" }),
      );
      const error = await failureOf(life.delete(id, outs));
      expect(error).toMatchObject({ action: "DeleteDBInstance", httpStatus: status });
      expect(only(vendor.api).instanceUuid).toBe(id);
    }),
  );
});
