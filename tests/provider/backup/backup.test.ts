import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import {
  BEIJING_TIME,
  CLUSTER,
  ids,
  SINGLE,
  slowBackups,
  storedIds,
  withInstance,
} from "../backups";
import { count, LATE, MINUTE, SECOND } from "../observed";
import {
  answerInstead,
  backupLife,
  backupOrder,
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

/** Lets the host of a task die once the vendor has started the backup. */
async function die(vendor: EmulatedVendor, task: () => Promise<unknown>): Promise<void> {
  const killed = new Promise<void>((resolve) => {
    vendor.killAt({ action: "CreateBackup", when: "after" }, resolve);
  });
  void task();
  await killed;
}

test("a backup whose turn doesn't come in time is not started, and ends by its deadline", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE, {
      ...{ deliverySeconds: 0, backupSeconds: 600, deleteSeconds: 1 },
    });
    const life = backupLife(vendor.host());
    const first = life.create(backupOrder(instanceId, {}, "first"));
    const start = Date.now();
    const hasty = { __timeouts: { create: "60s" } };
    const error = await failureOf(life.create(backupOrder(instanceId, hasty, "second")));
    expect(Date.now() - start).toBeLessThan(60 * SECOND + LATE);
    expect(String(error)).toContain("nothing was begun");
    await first;
    // Those behind it are not held up, nor let through too early.
    await life.create(backupOrder(instanceId, {}, "third"));
    expect(count(vendor, "CreateBackup")).toBe(2);
  }));

describe("create", () => {
  test("starts one backup, waits until it is finished and gives its entry", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const start = Date.now();
      const change = { description: "before release", triggers: ["v1"] };
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId, change));
      expect(Date.now() - start).toBeGreaterThanOrEqual(120 * SECOND);
      expect(Date.now() - start).toBeLessThan(120 * SECOND + LATE);
      const [stored, ...others] = vendor.api.store.backups(instanceId);
      expect(others).toEqual([]);
      expect(stored).toMatchObject({ status: "finished" });
      const backupId = stored?.backupId ?? "";
      expect(id).toBe(`${instanceId}/${backupId}`);
      const sizeBytes = expect.any(Number) as number;
      const time = expect.stringMatching(BEIJING_TIME) as string;
      expect(outs).toEqual({
        ...backupOrder(instanceId, change),
        __token: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        __owner: expect.anything() as object,
        entries: [
          { backupId, shardId: "", status: "finished", sizeBytes, startTime: time, endTime: time },
        ],
        status: "finished",
        sizeBytes,
        startTime: time,
        endTime: time,
        earlier: [],
      });
      expect(outs["sizeBytes"]).toBeGreaterThan(0);
      expect(count(vendor, "CreateBackup")).toBe(1);
    }));

  test("of a cluster has one entry for each shard, in an order of its own", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      const stored = vendor.api.store.backups(instanceId);
      expect(stored).toHaveLength(5);
      expect(ids(outs["entries"]).sort()).toEqual(storedIds(vendor.api, instanceId).sort());
      const shards = (outs["entries"] as { shardId: string }[]).map(({ shardId }) => shardId);
      expect(shards).toEqual([...shards].sort());
      expect(id).toBe(`${instanceId}/${String(ids(outs["entries"])[0])}`);
      const sizes = (outs["entries"] as { sizeBytes: number }[]).map(({ sizeBytes }) => sizeBytes);
      expect(outs["sizeBytes"]).toBe(sizes.reduce((sum, size) => sum + size));
      expect(count(vendor, "CreateBackup")).toBe(1);
    }));

  test.each<[string, Bag, RegExp]>([
    ["alone", {}, /^pulumi-[0-9a-f]{12}$/],
    [
      "after the user's text",
      { description: "每晚 nightly" },
      /^每晚 nightly pulumi-[0-9a-f]{12}$/,
    ],
    ["alone for an empty text", { description: "" }, /^pulumi-[0-9a-f]{12}$/],
  ])("marks it with its token, %s", (_name, change, description) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId, change));
      const [stored] = vendor.api.store.backups(instanceId);
      expect(stored?.description).toMatch(description);
      expect(stored?.description).toContain(String(outs["__token"]));
    }),
  );

  test.each([SINGLE, CLUSTER])(
    "never claims another's backup taken at the same time: %j",
    (shape) =>
      inVirtualTime(async () => {
        const { vendor, instanceId } = await withInstance(shape);
        const { store } = vendor.api;
        const theirs: string[] = [];
        answerInstead(vendor.api, "CreateBackup", (carryOut) => {
          const answer = carryOut();
          theirs.push(...store.createBackup(instanceId, "by hand"));
          theirs.push(...store.createBackup(instanceId, ""));
          return answer;
        });
        const life = backupLife(vendor.host());
        const { id, outs } = await life.create(backupOrder(instanceId));
        const all = storedIds(vendor.api, instanceId);
        const ours = all.filter((backupId) => !theirs.includes(backupId));
        expect(ids(outs["entries"]).sort()).toEqual(ours.sort());
        await life.delete(id, outs);
        expect(storedIds(vendor.api, instanceId)).toEqual(theirs);
      }),
  );

  test("takes two of one instance one after the other", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const life = backupLife(vendor.host());
      const start = Date.now();
      const made = await Promise.all([
        life.create(backupOrder(instanceId, {}, "one")),
        life.create(backupOrder(instanceId, {}, "two")),
      ]);
      expect(Date.now() - start).toBeGreaterThanOrEqual(2 * 120 * SECOND);
      const all = made.flatMap(({ outs }) => ids(outs["entries"]));
      expect(new Set(all).size).toBe(10);
      expect(all.sort()).toEqual(storedIds(vendor.api, instanceId).sort());
      expect(count(vendor, "CreateBackup")).toBe(2);
    }));

  test("goes on with the second when the first fails", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = backupLife(vendor.host());
      let posts = 0;
      answerInstead(vendor.api, "CreateBackup", () => {
        posts += 1;
        return posts === 1 ? jsonAnswer(400, { Code: "BadArgs", Data: {} }) : undefined;
      });
      const results = await Promise.allSettled([
        life.create(backupOrder(instanceId, {}, "one")),
        life.create(backupOrder(instanceId, {}, "two")),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
      expect(vendor.api.store.backups(instanceId)).toHaveLength(1);
    }));

  test("takes those of two instances side by side", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowBackups);
      const instances = instanceLife(vendor.host());
      const one = await instances.create(order(SINGLE, "one"));
      const two = await instances.create(order(SINGLE, "two"));
      const life = backupLife(vendor.host());
      const start = Date.now();
      await Promise.all([one, two].map(({ id }) => life.create(backupOrder(id, {}, `of ${id}`))));
      expect(Date.now() - start).toBeLessThan(120 * SECOND + LATE);
    }));

  test("of an instance that is gone fails and starts nothing", () =>
    inVirtualTime(async () => {
      const error = await failureOf(
        backupLife(emulatedVendor().host()).create(backupOrder("gone")),
      );
      expect(error).toMatchObject({ action: "CreateBackup", code: "ResourceNotFound" });
    }));

  test.each(USELESS_ANSWERS)("is sent once when its answer tells nothing: %s", (_name, answer) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      answerInstead(vendor.api, "CreateBackup", (carryOut) => {
        carryOut();
        return answer;
      });
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toEqual(storedIds(vendor.api, instanceId));
      expect(count(vendor, "CreateBackup")).toBe(1);
    }),
  );

  test("starts nothing when the backups can't be listed", () =>
    inVirtualTime(async () => {
      for (const [, answer] of USELESS_ANSWERS) {
        const { vendor, instanceId } = await withInstance(SINGLE);
        answerInstead(vendor.api, "DescribeBackups", () => answer);
        await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
        expect(vendor.api.store.backups()).toEqual([]);
      }
    }));

  test("takes over the one that a killed run started, and starts none", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      await die(vendor, () => backupLife(vendor.host()).create(backupOrder(instanceId)));
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      const lists = count(vendor, "DescribeBackups");
      const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      // One that finds the backup, and one that shows it finished.
      expect(count(vendor, "DescribeBackups") - lists).toBe(2);
      expect([id]).toEqual(storedIds(vendor.api, instanceId).map((one) => `${instanceId}/${one}`));
      expect(outs).toMatchObject({ status: "finished" });
      expect(count(vendor, "CreateBackup")).toBe(1);
    }));

  test("that takes one over leaves nothing for an import of the same run", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      await die(vendor, () => backupLife(vendor.host()).create(backupOrder(instanceId)));
      const life = backupLife(vendor.host());
      const { id } = await life.create(backupOrder(instanceId));
      const again = backupOrder(instanceId, { __import: id }, "kept");
      expect(String(await failureOf(life.create(again)))).toContain(`the stack has ${id} already`);
    }));

  test("of another instance than that of a killed run is started, and the other backup is named", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const other = await instanceLife(vendor.host()).create(order(SINGLE, "other"));
      await die(vendor, () => backupLife(vendor.host()).create(backupOrder(instanceId)));
      const [left = ""] = storedIds(vendor.api, instanceId);
      const { outs } = await backupLife(vendor.host()).create(backupOrder(other.id));
      expect(ids(outs["entries"])).toEqual(storedIds(vendor.api, other.id));
      expect(vendor.warnings.join()).toContain(`started the backup ${left} of ${instanceId}`);
    }));

  test.each([
    ["in the order of their starts", false],
    ["the newer first", true],
  ])("takes over the newer of two that killed runs started, recorded %s", (_name, isReversed) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const create = (): Promise<{ readonly outs: Bag }> =>
        backupLife(vendor.host()).create(backupOrder(instanceId));
      await die(vendor, create);
      vendor.faults.add({ kind: "empty-list", action: "DescribeBackups", times: "always" });
      await die(vendor, create);
      vendor.faults.clear();
      const newer = storedIds(vendor.api, instanceId).at(-1);
      if (isReversed) vendor.stack.creating.reverse();
      const { outs } = await create();
      expect(ids(outs["entries"])).toEqual([newer]);
      expect(storedIds(vendor.api, instanceId)).toEqual([newer]);
    }),
  );

  test("shows on its row what it waits for", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const before = vendor.reports.length;
      const made = await backupLife(vendor.host()).create(backupOrder(instanceId));
      const row = `${String(made.outs["__urn"])}: `;
      expect(vendor.reports.slice(before)).toEqual(
        ["starting", "running", "finished, more shards may come", "finished"].map(
          (text) => `${row}${text}`,
        ),
      );
    }));
});
