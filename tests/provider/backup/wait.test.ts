import type { EmulatorApi } from "../../../emulator";
import { PartlyMadeError } from "../../../provider/core/errors";
import type { EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { CLUSTER, ids, SINGLE, slowBackups, storedIds, withInstance } from "../backups";
import { count, LATE, MINUTE, SECOND } from "../observed";
import { answerInstead, backupLife, backupOrder, failureOf, jsonAnswer, type Bag } from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

/** The vendor keeps no description, as its documents don't promise that it does. */
function forgetDescriptions(api: EmulatorApi): void {
  answerInstead(api, "DescribeBackups", (vendor) => {
    const answer = vendor();
    return { ...answer, body: answer.body.replace(/"Desc":"[^"]*"/g, '"Desc":""') };
  });
}

/** Lets a test change the list of backups. */
function changeEntries(
  api: EmulatorApi,
  change: (entries: readonly Bag[]) => readonly Bag[],
): void {
  answerInstead(api, "DescribeBackups", (vendor) => {
    const { Data, ...others } = JSON.parse(vendor().body) as { Data: Bag[] };
    return jsonAnswer(200, { ...others, Data: change(Data) });
  });
}

describe("where the vendor doesn't show descriptions", () => {
  test("the one new entry is ours, though an automatic backup has a description", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      vendor.api.store.createBackup(instanceId, "");
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      const automatic = { BackupId: "automatic", BackupMode: "auto", Desc: "daily" };
      changeEntries(vendor.api, (entries) => [
        ...entries.map((entry) => ({ ...entry, Desc: "" })),
        { ...entries[0], ...automatic },
      ]);
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toEqual(storedIds(vendor.api, instanceId).slice(1));
    }));

  test("an automatic backup is not taken for the one that was ordered", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      changeEntries(vendor.api, (entries) =>
        entries.map((entry) => ({ ...entry, BackupMode: "auto", Desc: "" })),
      );
      const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
      expect(error).not.toBeInstanceOf(PartlyMadeError);
      expect(String(error)).toContain(storedIds(vendor.api, instanceId)[0]);
    }));

  test("somebody else's that began since the last list of this process is known before the order", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      forgetDescriptions(vendor.api);
      const life = backupLife(vendor.host());
      const first = await life.create(backupOrder(instanceId, {}, "first"));
      await life.read(first.id, first.outs);
      const [theirs = ""] = vendor.api.store.createBackup(instanceId, "");
      const { outs } = await life.create(backupOrder(instanceId, {}, "second"));
      expect(ids(outs["entries"])).toHaveLength(1);
      expect(ids(outs["entries"])).not.toContain(theirs);
    }));

  test("one of somebody else's is nothing to warn of where no run was interrupted", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      vendor.api.store.createBackup(instanceId, "");
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(vendor.warnings).toEqual([]);
    }));

  test("the one new entry is ours", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      vendor.api.store.createBackup(instanceId, "an old one");
      await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
      const [old] = storedIds(vendor.api, instanceId);
      forgetDescriptions(vendor.api);
      const life = backupLife(vendor.host());
      const { id, outs } = await life.create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toHaveLength(1);
      expect(ids(outs["entries"])).not.toContain(old);
      expect((await life.read(id, outs)).props).toEqual(outs);
      await life.delete(id, outs);
      expect(storedIds(vendor.api, instanceId)).toEqual([old]);
    }));

  test("the new entries of a cluster's backup are ours", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      forgetDescriptions(vendor.api);
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"]).sort()).toEqual(storedIds(vendor.api, instanceId).sort());
    }));

  test.each([
    ["files", SINGLE, 2],
    ["shards", CLUSTER, 10],
  ])(
    "of the %s of two backups none is claimed, and the error names them",
    (_name, shape, entries) =>
      inVirtualTime(async () => {
        const { vendor, instanceId } = await withInstance(shape);
        const change = { __timeouts: { create: "10m" } };
        const { store } = vendor.api;
        const forget = (answer: { body: string }): string =>
          answer.body.replace(/"Desc":"[^"]*"/g, '"Desc":""');
        const handle = vendor.api.handle.bind(vendor.api);
        jest.spyOn(vendor.api, "handle").mockImplementation((request) => {
          const answer = handle(request);
          if (request.url.includes("Action=CreateBackup&")) store.createBackup(instanceId, "");
          return { ...answer, body: forget(answer) };
        });
        const error = await failureOf(
          backupLife(vendor.host()).create(backupOrder(instanceId, change)),
        );
        const message = String(error);
        expect(storedIds(vendor.api, instanceId)).toHaveLength(entries);
        for (const backupId of storedIds(vendor.api, instanceId))
          expect(message).toContain(backupId);
      }),
  );
});

test("a backup of somebody else's that a list lacked at first is never claimed", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const [theirs] = vendor.api.store.createBackup(instanceId, "");
    await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
    // The one before the order lacks theirs, the first one after it lacks ours.
    vendor.faults.add({ kind: "stale-list", action: "DescribeBackups", times: 2 });
    const life = backupLife(vendor.host());
    const { id, outs } = await life.create(backupOrder(instanceId));
    expect(ids(outs["entries"])).toHaveLength(1);
    expect(ids(outs["entries"])).not.toContain(theirs);
    await life.delete(id, outs);
    expect(storedIds(vendor.api, instanceId)).toEqual([theirs]);
  }));

test("where the vendor shows descriptions one without a mark is named, never claimed", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    vendor.api.store.createBackup(instanceId, "by hand");
    await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
    // The vendor takes the call and does nothing; somebody else starts a backup.
    let theirs: string | undefined;
    answerInstead(vendor.api, "CreateBackup", () => {
      [theirs] = vendor.api.store.createBackup(instanceId, "");
      return jsonAnswer(200, { Code: "Success", Data: {} });
    });
    const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
    expect(error).not.toBeInstanceOf(PartlyMadeError);
    expect(String(error)).toContain(theirs);
  }));

test("a backup of which no list shows anything is said to be unknown, and no other is named", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    vendor.faults.add({ kind: "hang", action: "CreateBackup", when: "before" });
    const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
    expect(String(error)).toMatch(/is not known: no list shows its mark \(pulumi-[0-9a-f]+\)\. If/);
  }));

test("a finished shard that one list leaves out is waited for", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(CLUSTER);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    const hidden = ids(outs["entries"])[3] ?? "";
    vendor.faults.add({ kind: "hidden-entries", action: "DescribeBackups", id: hidden });
    const before = count(vendor, "DescribeBackups");
    const news = { ...outs, keepLatest: 2 };
    const updated = await backupLife(vendor.host()).update(id, outs, news);
    expect(updated.outs).toEqual(news);
    expect(count(vendor, "DescribeBackups") - before).toBe(2);
  }));

describe("an entry that somebody else deletes", () => {
  test("ends the wait for it soon, and the state goes on holding it until a refresh", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      setTimeout(() => {
        for (const backupId of storedIds(vendor.api, instanceId))
          vendor.api.store.removeBackup(backupId);
      }, 30 * SECOND);
      const start = Date.now();
      const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
      expect(Date.now() - start).toBeLessThan(2 * MINUTE);
      expect(error).toBeInstanceOf(PartlyMadeError);
      expect(String(error)).toMatch(/does not list .* any more.*`pulumi refresh`/);
      const { id, properties } = error as PartlyMadeError & { properties: Bag };
      expect(ids(properties["entries"])).toHaveLength(1);
      expect((await backupLife(vendor.host()).read(id, properties)).id).toBe("");
    }));

  test("of a backup that is finished is told by the next update", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      const life = backupLife(vendor.host());
      const { id, outs } = await life.create(backupOrder(instanceId));
      vendor.api.store.removeBackup(storedIds(vendor.api, instanceId)[0] ?? "");
      const news = await life.inputs(backupOrder(instanceId, { keepLatest: 2 }), outs);
      const start = Date.now();
      const error = await failureOf(life.update(id, outs, news));
      expect(Date.now() - start).toBeLessThan(2 * MINUTE);
      expect(String(error)).toContain("`pulumi refresh`");
      expect(ids((error as { properties: Bag }).properties["entries"])).toEqual(
        ids(outs["entries"]),
      );
    }));
});

test("one list without a backup doesn't empty its state", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const [mine = ""] = vendor.api.store.createBackup(instanceId, "");
    await new Promise((resolve) => setTimeout(resolve, 3 * MINUTE));
    const life = backupLife(vendor.host());
    const { id, outs } = await life.create(
      backupOrder(instanceId, { __import: `${instanceId}/${mine}` }),
    );
    vendor.faults.add({ kind: "empty-list", action: "DescribeBackups", call: 1 });
    vendor.faults.add({ kind: "http-500", action: "DescribeBackups", call: 1, times: "always" });
    const news = { ...outs, keepLatest: 2, __timeouts: { update: "5m" } };
    const error = await failureOf(backupLife(vendor.host()).update(id, outs, news));
    vendor.faults.clear();
    const { properties } = error as { properties: Bag };
    expect(ids(properties["entries"])).toEqual([mine]);
    await backupLife(vendor.host()).delete(id, properties);
    expect(storedIds(vendor.api, instanceId)).toEqual([]);
  }));

test("where the vendor shows no description and never answered the call, the one new entry is named and not claimed", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    forgetDescriptions(vendor.api);
    vendor.faults.add({ kind: "reset", action: "CreateBackup", when: "after" });
    const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
    const [backupId] = storedIds(vendor.api, instanceId);
    expect(error).not.toBeInstanceOf(PartlyMadeError);
    expect(String(error)).toContain("is not known");
    expect(String(error)).toContain(backupId);
  }));

test("of an instance that the vendor denies to DescribeBackups and lists, nothing is dropped", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    const { id, outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
    answerInstead(vendor.api, "DescribeBackups", () =>
      jsonAnswer(404, { Code: "ResourceNotFound", Data: {}, Message: "no such instance" }),
    );
    vendor.faults.add({ kind: "http-404", action: "DeleteBackup", times: "always" });
    for (const what of ["read", "delete"] as const) {
      const error = await failureOf(backupLife(vendor.host())[what](id, outs));
      expect(String(error)).toContain("but lists it. Nothing was forgotten");
      // The dynamic provider process prints no stack trace.
      expect((error as Error).stack).toMatch(/^\(no stack trace/);
    }
  }));

describe("a backup that is not finished in time", () => {
  async function partlyMade(
    vendor: EmulatedVendor,
    instanceId: string,
    change: Bag = {},
  ): Promise<PartlyMadeError & { readonly properties: Bag }> {
    const task = backupLife(vendor.host()).create(backupOrder(instanceId, change));
    const error = await failureOf(task);
    if (!(error instanceof PartlyMadeError)) throw error;
    return error as PartlyMadeError & { readonly properties: Bag };
  }

  test.each<[string, Bag, number]>([
    ["an hour", {}, 60 * MINUTE],
    ["what customTimeouts says", { __timeouts: { create: "5m" } }, 5 * MINUTE],
  ])("is kept in state with all its entries after %s", (_name, change, limit) =>
    inVirtualTime(async () => {
      const options = { ...slowBackups, backupSeconds: 24 * 3600 };
      const { vendor, instanceId } = await withInstance(CLUSTER, options);
      const start = Date.now();
      const error = await partlyMade(vendor, instanceId, change);
      expect(Date.now() - start).toBeGreaterThanOrEqual(limit);
      expect(Date.now() - start).toBeLessThan(limit + LATE);
      expect(error.properties).toMatchObject(backupOrder(instanceId, change));
      expect(error.properties).toHaveProperty("__provider");
      expect(error.properties).toHaveProperty("__token");
      expect(ids(error.properties["entries"]).sort()).toEqual(
        storedIds(vendor.api, instanceId).sort(),
      );
      expect(error.id).toBe(`${instanceId}/${String(ids(error.properties["entries"])[0])}`);
      expect(error.reasons.join()).toContain(error.id);
      expect(error.message).toContain("last statuses: running");
    }),
  );

  test("is kept with the entries that are listed after the first one", () =>
    inVirtualTime(async () => {
      const options = { ...slowBackups, backupSeconds: 24 * 3600 };
      const { vendor, instanceId } = await withInstance(CLUSTER, options);
      const start = Date.now();
      changeEntries(vendor.api, (entries) =>
        Date.now() - start < 2 * MINUTE ? entries.slice(0, 1) : entries,
      );
      const error = await partlyMade(vendor, instanceId, { __timeouts: { create: "5m" } });
      expect(ids(error.properties["entries"])).toHaveLength(5);
    }));

  test("and whose entries are listed no more says so", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const change = { __timeouts: { create: "30s", update: "15s" } };
      const { id, properties } = await partlyMade(vendor, instanceId, change);
      vendor.faults.add({ kind: "empty-list", action: "DescribeBackups", times: "always" });
      const error = await failureOf(backupLife(vendor.host()).update(id, properties, properties));
      expect(String(error)).toContain("last statuses: none");
      expect(vendor.reports.at(-1)).toMatch(/: not listed yet$/);
    }));

  test("is waited for by the next update, which starts nothing", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const change = { __timeouts: { create: "30s" } };
      const { id, properties } = await partlyMade(vendor, instanceId, change);
      const life = backupLife(vendor.host());
      const inputs = await life.inputs(backupOrder(instanceId, change), properties);
      expect(await life.diff(properties, inputs)).toMatchObject({ changes: true, replaces: [] });
      const { outs } = await life.update(id, properties, inputs);
      expect(outs).toMatchObject({ ...inputs, status: "finished" });
      expect(ids(outs["entries"])).toEqual(ids(properties["entries"]));
      expect(count(vendor, "CreateBackup")).toBe(1);
    }));

  test("waits for a shard that is listed after the others are finished", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      let finishedLists = 0;
      answerInstead(vendor.api, "DescribeBackups", (carryOut) => {
        const answer = carryOut();
        const { Data, ...others } = JSON.parse(answer.body) as { Data: { Status: string }[] };
        if (Data[0]?.Status !== "finished") return answer;
        finishedLists += 1;
        return finishedLists > 1 ? answer : jsonAnswer(200, { ...others, Data: Data.slice(1) });
      });
      const { outs } = await backupLife(vendor.host()).create(backupOrder(instanceId));
      expect(ids(outs["entries"])).toHaveLength(5);
    }));

  test("is kept with the entries of the first list when every later one fails", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      let seen = false;
      answerInstead(vendor.api, "DescribeBackups", (carryOut) => {
        const answer = carryOut();
        if (seen) return jsonAnswer(500, "");
        seen = answer.body.includes("BackupId");
        return answer;
      });
      const change = { __timeouts: { create: "5m" } };
      const { properties } = await partlyMade(vendor, instanceId, change);
      expect(ids(properties["entries"])).toHaveLength(5);
    }));

  test("is kept with its entries when lists fail, and deleted whole", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      const start = Date.now();
      answerInstead(vendor.api, "DescribeBackups", () =>
        Date.now() - start > 2 * SECOND && Date.now() - start < 10 * MINUTE
          ? jsonAnswer(500, "")
          : undefined,
      );
      const { id, properties } = await partlyMade(vendor, instanceId, {
        __timeouts: { create: "5m" },
      });
      expect(ids(properties["entries"])).toHaveLength(5);
      await new Promise((resolve) => setTimeout(resolve, 10 * MINUTE));
      await backupLife(vendor.host()).delete(id, properties);
      expect(vendor.api.store.backups(instanceId)).toEqual([]);
    }));

  test.each(["failed", "BackupError", "失败"])("nor will be: an entry says %s", (status) =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(CLUSTER);
      answerInstead(vendor.api, "DescribeBackups", (carryOut) => {
        const answer = carryOut();
        return {
          ...answer,
          body: answer.body.replace('"Status":"running"', `"Status":"${status}"`),
        };
      });
      const error = await partlyMade(vendor, instanceId);
      expect(error.message).toContain(`says ${status}`);
      expect(ids(error.properties["entries"])).toHaveLength(5);
    }),
  );
});
