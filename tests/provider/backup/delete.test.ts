import { inVirtualTime } from "../../virtualTime";
import { CLUSTER, ids, SINGLE, slowBackups, storedIds, withInstance } from "../backups";
import { count, LATE, MINUTE, SECOND } from "../observed";
import {
  answerInstead,
  backupLife,
  backupOrder,
  failureOf,
  jsonAnswer,
  USELESS_ANSWERS,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

test("a deletion is told soon after it is done", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE, { ...slowBackups, deleteSeconds: 5 });
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const start = Date.now();
    await backupLife(vendor.host()).delete(id, outs);
    expect(Date.now() - start).toBeLessThan(5 * SECOND + 5 * SECOND);
  }));

test("a deletion shows on its row what becomes of the backup", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const shown: unknown[] = [];
    answerInstead(vendor.api, "DeleteBackup", () => {
      shown.push(vendor.reports.at(-1)?.split(": ").at(-1));
      return undefined;
    });
    await backupLife(vendor.host()).delete(id, outs);
    expect(shown).toEqual(["deleting"]);
    expect(vendor.reports.at(-1)).toMatch(/: gone$/);
  }));

describe("read", () => {
  test.each(["nope", "/b-1", "i-1/"])("of %p says how an id is written", (id) =>
    inVirtualTime(async () => {
      const { vendor } = await withInstance(SINGLE);
      const error = await failureOf(backupLife(vendor.host()).read(id, {}));
      expect(String(error)).toContain("give <instanceId>/<BackupId>");
      expect(count(vendor, "DescribeBackups")).toBe(0);
    }),
  );

  test("changes nothing where nothing changed", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(await backupLife(vendor.host()).read(id, outs)).toEqual({ id, props: outs });
    }));

  test("of a backup that is there asks for one list", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      const before = count(vendor, "DescribeBackups");
      await backupLife(vendor.host()).read(id, outs);
      expect(count(vendor, "DescribeBackups") - before).toBe(1);
    }));

  test("shows that a shard's entry is gone", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      const [gone = "", ...left] = ids(outs["entries"]);
      vendor.api.store.removeBackup(gone);
      const { props } = await backupLife(vendor.host()).read(id, outs);
      expect(ids(props["entries"])).toEqual(left);
    }));

  test.each(["backup", "instance"])("says gone when the %s is", (what) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      if (what === "instance") vendor.api.store.removeInstance(instanceId);
      else for (const one of ids(outs["entries"])) vendor.api.store.removeBackup(one);
      const start = Date.now();
      expect(await backupLife(vendor.host()).read(id, outs)).toEqual({ id: "", props: {} });
      expect(Date.now() - start).toBeGreaterThanOrEqual(30_000);
      expect(vendor.warnings.join()).toContain(`${id} is gone`);
    }),
  );

  test.each([...USELESS_ANSWERS, ["HTTP 403", jsonAnswer(403, { Code: "No", Data: [] })] as const])(
    "fails when the list does, and doesn't say gone: %s",
    (_name, answer) =>
      inVirtualTime(async () => {
        const { vendor, instanceId } = await withInstance(SINGLE);
        const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
        answerInstead(vendor.api, "DescribeBackups", () => answer);
        const error = await failureOf(backupLife(vendor.host()).read(id, outs));
        expect(error).toMatchObject({ action: "DescribeBackups" });
      }),
  );
});

describe("delete", () => {
  test("removes every entry of ours, and no other", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const life = backupLife(vendor.host());
      const mine = await life.create(backupOrder(instanceId, {}, "mine"));
      const other = await life.create(backupOrder(instanceId, {}, "other"));
      const start = Date.now();
      await life.delete(mine.id, mine.outs);
      expect(Date.now() - start).toBeGreaterThanOrEqual(30 * SECOND);
      expect(storedIds(vendor.api, instanceId).sort()).toEqual(ids(other.outs["entries"]).sort());
      expect(count(vendor, "DeleteBackup")).toBe(5);
    }));

  test("of what is gone in part, or wholly, succeeds", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const life = backupLife(vendor.host());
      const { id, outs } = await life.create(backupOrder(instanceId));
      vendor.api.store.removeBackup(ids(outs["entries"])[2] ?? "");
      await life.delete(id, outs);
      expect(vendor.api.store.backups()).toEqual([]);
      await life.delete(id, outs);
    }));

  test("of one whose instance is gone succeeds", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = backupLife(vendor.host());
      const { id, outs } = await life.create(backupOrder(instanceId));
      vendor.api.store.removeInstance(instanceId);
      await life.delete(id, outs);
      expect(vendor.api.store.backups()).toEqual([]);
    }));

  test("of a state without entries removes the one in the resource's id", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = backupLife(vendor.host());
      const { id } = await life.create(backupOrder(instanceId));
      await life.delete(id, backupOrder(instanceId));
      expect(vendor.api.store.backups()).toEqual([]);
    }));

  test("fails after its limit, and the backup stays in state", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE, {
        ...slowBackups,
        deleteSeconds: 24 * 3600,
      });
      const life = backupLife(vendor.host());
      const change = { __timeouts: { delete: "2m" } };
      const { id, outs } = await life.create(backupOrder(instanceId, change));
      const start = Date.now();
      const error = await failureOf(life.delete(id, outs));
      expect(Date.now() - start).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(Date.now() - start).toBeLessThan(2 * MINUTE + LATE);
      expect(String(error)).toContain(String(ids(outs["entries"])[0]));
    }));
});
