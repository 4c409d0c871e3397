import type { EmulatedVendor } from "../../../emulatedVendor";
import { emulatedVendor } from "../../../emulatedVendor";
import { FakeStack } from "../../../fakeStack";
import { inVirtualTime } from "../../../virtualTime";
import { SINGLE, storedIds, withInstance } from "../../backups";
import { count, elapsed, MINUTE, only } from "../../observed";
import {
  answerInstead,
  backupLife,
  backupOrder,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  type Bag,
} from "../../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

const ELSEWHERE = { "cds:endpoint": "asia" };

function ids({ api }: EmulatedVendor): string[] {
  return api.store.instances().map(({ instanceUuid }) => instanceUuid);
}

/** Lets a host die once the vendor has carried out its call, or just before. */
async function die(
  vendor: EmulatedVendor,
  action: string,
  task: () => Promise<unknown>,
  when: "before" | "after" = "after",
): Promise<void> {
  const killed = new Promise<void>((resolve) => {
    vendor.killAt({ action, when }, resolve);
  });
  void task().catch(() => undefined);
  await killed;
}

/** A vendor whose hosts draw other digits than the first ones. */
function later(options: Parameters<typeof emulatedVendor>[0] = {}): EmulatedVendor {
  const vendor = emulatedVendor(options);
  for (let draws = 0; draws < 9; draws += 1) vendor.host().randomHex(7);
  return vendor;
}

function loseCli(stack: FakeStack): void {
  stack.unreadable = Object.assign(new Error("spawn pulumi ENOENT"), { code: "ENOENT" });
}

describe("what was ordered without the CLI", () => {
  test("is refused and named when the CLI is there, not ordered again", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      loseCli(vendor.stack);
      vendor.faults.add({ kind: "hang", action: "CreateDBInstance", when: "after" });
      vendor.faults.add({
        ...{ kind: "empty-list", action: "DescribeDBInstances", call: 2, times: "always" },
      });
      const first = String(await failureOf(instanceLife(vendor.host()).create(order())));
      expect(first).toContain("whether");
      vendor.faults.clear();
      const { instanceUuid } = only(vendor.api);
      vendor.stack.unreadable = undefined;
      const second = String(await failureOf(instanceLife(vendor.host()).create(order())));
      expect(second).toContain(instanceUuid);
      expect(second).toMatch(/Nothing was ordered.*`import: .*orders\/[0-9a-f]+\.json/);
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("by a process that was killed, too; and a name that never appears costs two minutes", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      loseCli(vendor.stack);
      await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
      vendor.stack.creating.length = 0;
      vendor.stack.unreadable = undefined;
      const { instanceUuid } = only(vendor.api);
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(String(error)).toContain(instanceUuid);
      vendor.api.store.removeInstance(instanceUuid);
      const took = await elapsed(() => instanceLife(vendor.host()).create(order()));
      expect(took).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(count(vendor, "CreateDBInstance")).toBe(2);
    }));

  test("is refused without the CLI, too", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      loseCli(vendor.stack);
      await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
      vendor.stack.creating.length = 0;
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(String(error)).toContain(only(vendor.api).instanceUuid);
      expect(String(error)).toContain("Nothing was ordered");
      expect(count(vendor, "CreateDBInstance")).toBe(1);
    }));

  test("of a backup the same", () =>
    inVirtualTime(async () => {
      const { vendor, instanceId } = await withInstance(SINGLE);
      loseCli(vendor.stack);
      await die(vendor, "CreateBackup", () =>
        backupLife(vendor.host()).create(backupOrder(instanceId)),
      );
      vendor.stack.creating.length = 0;
      vendor.stack.unreadable = undefined;
      const error = await failureOf(backupLife(vendor.host()).create(backupOrder(instanceId)));
      expect(String(error)).toContain(storedIds(vendor.api, instanceId)[0]);
      expect(String(error)).toContain("Nothing was ordered");
      expect(count(vendor, "CreateBackup")).toBe(1);
    }));
});

test("what was ordered at another address is named by this run and the next ones, and its note stays", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    const left = only(vendor.api);
    const asia = later();
    let outs: Bag = {};
    const took = await elapsed(async () => {
      ({ outs } = await instanceLife(asia.host(ELSEWHERE, vendor.stack)).create(order()));
    });
    // It can't be seen from here, so nobody looks for it.
    expect(took).toBeLessThan(MINUTE);
    expect(asia.warnings.join()).toMatch(
      new RegExp(`${left.instanceName} at https://cdsapi\\.capitalonline\\.net`),
    );
    expect(vendor.stack.noted.size).toBe(1);
    expect(outs).not.toHaveProperty("__settled");
    await instanceLife(asia.host(ELSEWHERE, vendor.stack)).read("any", outs).catch(String);
    expect(asia.warnings.filter((line) => line.includes(left.instanceName))).toHaveLength(2);
  }));

test("what was ordered with another key, and this one doesn't show, is named and its note stays", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    const left = only(vendor.api);
    const other = later({ accessKeyId: "OTHER-KEY" });
    const host = other.host({ "cds:accessKeyId": "OTHER-KEY" }, vendor.stack);
    await instanceLife(host).create(order());
    expect(other.warnings.join()).toContain(`${left.instanceName} with another access key`);
    expect(vendor.stack.noted.size).toBe(1);
  }));

test("what was ordered in another named account, as the engine's record alone tells, is named there", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    const keys = { "cds-prod:accessKeyId": "PROD-KEY", "cds-prod:accessKeySecret": "fake" };
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    const left = only(vendor.api);
    vendor.stack.noted.clear();
    Object.assign(vendor.stack.creating[0]?.inputs ?? {}, { account: "prod" });
    const dev = later();
    const { outs } = await instanceLife(dev.host(keys, vendor.stack)).create(order());
    // The search may go on in the other account.
    expect(outs).not.toHaveProperty("__settled");
    expect(dev.warnings.join()).toContain(`${left.instanceName} in another account (prod)`);
    expect(dev.warnings.join()).not.toContain("delete the note");
  }));

test("what was ordered under another name of the same account is taken over", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    vendor.stack.noted.clear();
    Object.assign(vendor.stack.creating[0]?.inputs ?? {}, { account: "prod" });
    const error = await failureOf(instanceLife(vendor.host()).create(order()));
    expect(String(error)).toContain("is taken into the stack's state");
    expect(error).toMatchObject({ id: only(vendor.api).instanceUuid });
  }));

test("what was ordered with another key of the same account is taken over, and nobody is sent to look for it", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    for (const note of vendor.stack.noted.values())
      Object.assign(note, { owner: { ...note.owner, key: "0" } });
    const { id } = await instanceLife(vendor.host()).create(order());
    expect(id).toBe(only(vendor.api).instanceUuid);
    expect(vendor.warnings.join()).not.toContain("with another access key");
  }));

test("only the order that was looked for here is settled, though the engine records both", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    await die(vendor, "CreateDBInstance", () => instanceLife(vendor.host()).create(order()));
    const asia = later();
    const create = (): ReturnType<ReturnType<typeof instanceLife>["create"]> =>
      instanceLife(asia.host(ELSEWHERE, vendor.stack)).create(order());
    await die(asia, "CreateDBInstance", create, "before");
    const [, here] = vendor.stack.creating;
    const { outs } = await create();
    expect(outs["__settled"]).toEqual([here?.inputs["__token"]]);
  }));

test("of two interrupted orders the one that is listed later is found, too", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    const create = (): Promise<unknown> => instanceLife(vendor.host()).create(order());
    await die(vendor, "CreateDBInstance", create);
    vendor.faults.add({ kind: "empty-list", action: "DescribeDBInstances", times: "always" });
    await die(vendor, "CreateDBInstance", create);
    vendor.faults.clear();
    vendor.faults.add({ kind: "stale-list", action: "DescribeDBInstances" });
    const error = await failureOf(create());
    expect(error).toHaveProperty("id");
    for (const id of ids(vendor)) expect(String(error)).toContain(id);
    expect(ids(vendor)).toHaveLength(2);
  }));

test("where the vendor shows no marks, what an interrupted run may have started is named", () =>
  inVirtualTime(async () => {
    const { vendor, instanceId } = await withInstance(SINGLE);
    answerInstead(vendor.api, "DescribeBackups", (carryOut) => {
      const answer = carryOut();
      return { ...answer, body: answer.body.replace(/"Desc":"[^"]*"/g, '"Desc":""') };
    });
    await die(vendor, "CreateBackup", () =>
      backupLife(vendor.host()).create(backupOrder(instanceId)),
    );
    const [left = ""] = storedIds(vendor.api, instanceId);
    await backupLife(vendor.host()).create(backupOrder(instanceId));
    expect(vendor.warnings.join()).toContain(left);
  }));

test("an error promises to take over only what is noted", () =>
  inVirtualTime(async () => {
    for (const isNoted of [true, false]) {
      const vendor = emulatedVendor();
      if (!isNoted)
        jest.spyOn(vendor.stack.journal, "begin").mockRejectedValue(new Error("EROFS: read-only"));
      vendor.faults.add({ kind: "hang", action: "CreateDBInstance", when: "before" });
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      expect(String(error).includes("takes over what the order made")).toBe(isNoted);
    }
  }));

describe("an order that the vendor called busy", () => {
  /** The order is carried out, answered with 409, and listed so much later. */
  function carriedOutLate(lateMs: number): EmulatedVendor {
    const vendor = emulatedVendor({ deliverySeconds: 90 });
    let postedAt = Number.POSITIVE_INFINITY;
    vendor.faults.add({ kind: "http-409", action: "CreateDBInstance", when: "after" });
    const handle = vendor.api.handle.bind(vendor.api);
    jest.spyOn(vendor.api, "handle").mockImplementation((request) => {
      if (request.url.includes("Action=CreateDBInstance&"))
        postedAt = Math.min(postedAt, Date.now());
      const isList = request.url.includes("Action=DescribeDBInstances&");
      const lags = isList && postedAt <= Date.now() && Date.now() < postedAt + lateMs;
      return lags ? jsonAnswer(200, { Code: "Success", Data: [] }) : handle(request);
    });
    return vendor;
  }

  test("and carried out, is found when it is listed seconds later", () =>
    inVirtualTime(async () => {
      const vendor = carriedOutLate(5_000);
      const { id } = await instanceLife(vendor.host()).create(order());
      expect(ids(vendor)).toEqual([id]);
    }));

  test("and carried out, makes two when it is listed minutes later: both are named", () =>
    inVirtualTime(async () => {
      const vendor = carriedOutLate(60_000);
      const error = await failureOf(instanceLife(vendor.host()).create(order()));
      const [one = "", other = ""] = ids(vendor);
      expect(String(error)).toContain(one);
      expect(String(error)).toContain(other);
      expect([one, other]).toContain((error as { id: string }).id);
    }));
});

test("of an unclear order with a name of the user's, another instance of that name is not taken", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    vendor.faults.add({ kind: "hang", action: "CreateDBInstance", when: "before" });
    const mine = instanceLife(vendor.host()).create(
      order({ instanceName: "cache", vdcId: "vdc-mine" }),
    );
    const failed = failureOf(mine);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const theirs = await instanceLife(vendor.host({}, new FakeStack("their provider"))).create(
      order({ instanceName: "cache", vdcId: "vdc-theirs" }),
    );
    const text = String(await failed);
    expect(text).toContain(
      `lists ${theirs.id}, and whether this order or somebody else's made it can't be told`,
    );
    expect(await failed).not.toHaveProperty("id");
  }));

test("an answer with an empty id is one without an id", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    answerInstead(vendor.api, "CreateDBInstance", (carryOut) => {
      carryOut();
      return jsonAnswer(200, { Code: "Success", Data: { InstancesUuid: [""] } });
    });
    const { id } = await instanceLife(vendor.host()).create(order());
    expect([id]).toEqual(ids(vendor));
  }));
