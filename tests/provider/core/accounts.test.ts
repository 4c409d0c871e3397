import { DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET } from "../../../emulator";
import { CancelledError, WaitTimeoutError } from "../../../provider/core/errors";
import { now, sleep } from "../../../provider/time";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { backupLife, backupOrder, instanceLife, order, type Life } from "../orders";

/** The stack's own keys are wrong: only the named account's open the door. */
const NAMED = {
  "cds:accessKeyId": "WRONG",
  "cds-prod:accessKeyId": DEFAULT_ACCESS_KEY_ID,
  "cds-prod:accessKeySecret": DEFAULT_ACCESS_KEY_SECRET,
  "cds-prod:regionId": "CN_Wuxi_A",
};

function life(vendor: EmulatedVendor): Life {
  return instanceLife(vendor.host(NAMED));
}

describe("a named account", () => {
  test("serves the whole life of an instance and its backup", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const { id, outs } = await life(vendor).create(order({ account: "prod" }));
      const backups = backupLife(vendor.host(NAMED));
      const backup = await backups.create(backupOrder(id, { account: "prod" }));
      expect((await life(vendor).read(id, outs)).id).toBe(id);
      await backups.delete(backup.id, backup.outs);
      await life(vendor).delete(id, outs);
      expect(vendor.api.store.instances()).toEqual([]);
    }));

  test("is another instance's account: a change replaces", () =>
    inVirtualTime(async () => {
      const lives = life(emulatedVendor());
      const inputs = await lives.inputs(order({ account: "prod" }));
      const diff = await lives.diff({ ...inputs, account: "staging" }, inputs);
      expect(diff.replaces).toEqual(["account"]);
    }));

  test("without keys is a failure that names its configuration, and the environment is not looked at", async () => {
    const { failures } = await life(emulatedVendor()).check({}, order({ account: "staging" }));
    expect(failures).toEqual([
      { property: "", reason: expect.stringContaining("cds-staging:accessKeyId") as string },
    ]);
  });

  test.each(["", "a b", "cds:prod", "-prod"])("%j can't be one", async (account) => {
    const { failures } = await life(emulatedVendor()).check({}, order({ account }));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toMatch(/^account /);
  });
});

describe("a region that is left out", () => {
  test("is the account's default", async () => {
    const { inputs } = await life(emulatedVendor()).check(
      {},
      order({ account: "prod", regionId: undefined }),
    );
    expect(inputs).toMatchObject({ regionId: "CN_Wuxi_A", paasGoodsId: 8063 });
  });

  test("and has no default is a failure that says how to give one", async () => {
    const { failures } = await instanceLife(emulatedVendor().host()).check(
      {},
      order({ regionId: undefined }),
    );
    expect(failures.map(({ reason }) => reason)).toEqual([
      "regionId is missing: give the vendor's region, such as CN_Hongkong_A, or set cds:regionId, or CDS_REGION.",
    ]);
  });

  test("moves with the default: that replaces, and preview shows it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor();
      const asked = order({ account: "prod", regionId: undefined });
      const inputs = await life(vendor).inputs(asked);
      const moved = instanceLife(vendor.host({ ...NAMED, "cds-prod:regionId": "CN_Hongkong_A" }));
      const diff = await moved.diff(inputs, await moved.inputs(asked, inputs));
      expect(diff.replaces).toEqual(["regionId"]);
    }));
});

describe("turns for one key", () => {
  const never = new AbortController().signal;

  test("come one after another; a task that fails lets the next one begin", () =>
    inVirtualTime(async () => {
      const account = emulatedVendor().host().account();
      const limit = { deadline: now() + 60_000, signal: never };
      const events: string[] = [];
      const turn = (name: string, error?: Error): Promise<void> =>
        account.inTurn(limit, "cache", async () => {
          events.push(`${name} begins`);
          await sleep(1_000);
          events.push(`${name} ends`);
          if (error !== undefined) throw error;
        });
      const failed = expect(turn("first", new Error("busy"))).rejects.toThrow("busy");
      await turn("second");
      await failed;
      expect(events).toEqual(["first begins", "first ends", "second begins", "second ends"]);
    }));

  test("that come too late, or after a cancel, begin nothing and let nobody pass before its turn", () =>
    inVirtualTime(async () => {
      const account = emulatedVendor().host().account();
      const cancel = new AbortController();
      const patient = { deadline: now() + 60_000, signal: never };
      const task = jest.fn(() => Promise.resolve(now()));
      const first = account.inTurn(patient, "cache", () => sleep(10_000));
      const late = account.inTurn({ ...patient, deadline: now() + 1_000 }, "cache", task);
      const cancelled = account.inTurn({ ...patient, signal: cancel.signal }, "cache", task);
      cancel.abort();
      const start = now();
      const last = account.inTurn(patient, "cache", task);
      await expect(cancelled).rejects.toThrow(CancelledError);
      await expect(late).rejects.toThrow(WaitTimeoutError);
      expect(task).not.toHaveBeenCalled();
      expect((await last) - start).toBeGreaterThanOrEqual(10_000);
      expect(task).toHaveBeenCalledTimes(1);
      await first;
    }));

  test("begin nothing for who had cancelled before, though nobody is at work", async () => {
    const account = emulatedVendor().host().account();
    const limit = { deadline: now() + 60_000, signal: AbortSignal.abort() };
    const task = jest.fn(() => Promise.resolve());
    await expect(account.inTurn(limit, "cache", task)).rejects.toThrow(CancelledError);
    expect(task).not.toHaveBeenCalled();
  });
});
