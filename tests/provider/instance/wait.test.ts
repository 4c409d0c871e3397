import type { EmulatorApi } from "../../../emulator";
import { PartlyMadeError } from "../../../provider/core/errors";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count, elapsed, HOUR, LATE, MINUTE, only, SECOND, twinOf } from "../observed";
import {
  answerInstead,
  failureOf,
  instanceLife,
  jsonAnswer,
  order,
  slowInstances,
  USELESS_ANSWERS,
  type Bag,
} from "../orders";

afterEach(() => {
  jest.restoreAllMocks();
});

describe("an order that is not ready in time", () => {
  async function partlyMade(vendor: EmulatedVendor, change: Bag = {}): Promise<PartlyMadeError> {
    const error = await failureOf(instanceLife(vendor.host()).create(order(change)));
    if (!(error instanceof PartlyMadeError)) throw error;
    return error;
  }

  function expectKept(error: PartlyMadeError, api: EmulatorApi): void {
    const { instanceUuid, instanceName } = only(api);
    expect(error.id).toBe(instanceUuid);
    expect(error.properties).toMatchObject({ ...order(), instanceName, paasGoodsId: 8063 });
    expect(error.properties).toHaveProperty("__provider");
    expect(error.reasons).toEqual([error.message]);
    expect(error.message).toContain(instanceUuid);
    expect(error.message).toContain(instanceName);
    expect(error.reasons.join()).not.toContain("canary");
  }

  test.each<[string, Bag, number]>([
    ["after 30 minutes", {}, 30 * MINUTE],
    ["after what customTimeouts says", { __timeouts: { create: "1h30m" } }, 90 * MINUTE],
    ["whatever the limits of other operations", { __timeouts: { update: "1m" } }, 30 * MINUTE],
  ])("is kept in state %s", (_name, change, limit) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 24 * 3600 });
      let error: PartlyMadeError | undefined;
      const waited = await elapsed(async () => {
        error = await partlyMade(vendor, change);
      });
      expect(waited).toBeGreaterThanOrEqual(limit);
      expect(waited).toBeLessThan(limit + LATE);
      if (error === undefined) throw new Error("no error");
      expectKept(error, vendor.api);
      expect(error.message).toMatch(/gave up after \d+ s, statuses seen: CREATING/);
      expect(error.message).toMatch(/[^.]\. Run `pulumi up` again: it goes on waiting\.$/);
    }),
  );

  test("after lists that failed is told in whole sentences", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 24 * 3600 });
      setTimeout(() => {
        vendor.faults.add({ kind: "http-502", action: "DescribeDBInstances", times: "always" });
      }, MINUTE);
      const { message } = await partlyMade(vendor);
      expect(message).toMatch(
        /the last list failed: .* times\. Try again later\. Run `pulumi up` again: it goes on waiting\.$/,
      );
    }));

  test.each(["ERROR", "CREATE_FAILED", "创建失败", "exception"])(
    "nor will be: it says %s",
    (status) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor(slowInstances);
        setTimeout(() => {
          vendor.api.store.changeInstance(only(vendor.api).instanceUuid, { status });
        }, MINUTE);
        let error: PartlyMadeError | undefined;
        const waited = await elapsed(async () => {
          error = await partlyMade(vendor);
        });
        expect(waited).toBeLessThan(MINUTE + LATE);
        if (error === undefined) throw new Error("no error");
        expectKept(error, vendor.api);
        expect(error.message).toMatch(/pulumi up --replace/);
      }),
  );

  test("nor will be: the vendor lists it no more", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      setTimeout(() => {
        vendor.api.store.removeInstance(only(vendor.api).instanceUuid);
      }, MINUTE);
      const error = await partlyMade(vendor);
      expect(error.message).toMatch(
        /listed it before, and neither lists it any more nor knows its id.*pulumi refresh/,
      );
    }));

  test.each(["PENDING", "STARTING", "MODIFYING", ""])(
    "goes on waiting while it says %j",
    (status) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor(slowInstances);
        const change = (to: string) => (): void => {
          vendor.api.store.changeInstance(only(vendor.api).instanceUuid, { status: to });
        };
        setTimeout(change(status), MINUTE);
        setTimeout(change("RUNNING"), 10 * MINUTE);
        const { outs } = await instanceLife(vendor.host()).create(order());
        expect(outs).toMatchObject({ status: "RUNNING" });
      }),
  );

  test.each([
    ...USELESS_ANSWERS,
    ["an empty list", jsonAnswer(200, { Code: "Success", Data: [] })] as const,
  ])("bears lists that fail for a while: %s", (_name, answer) =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const start = Date.now();
      answerInstead(vendor.api, "DescribeDBInstances", () => {
        const age = Date.now() - start;
        return age > 5 * SECOND && age < 30 * SECOND ? answer : undefined;
      });
      const { outs } = await instanceLife(vendor.host()).create(order());
      expect(outs).toMatchObject({ status: "RUNNING" });
    }),
  );

  test("is named with the twin that the vendor made of it", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 3600 });
      let twin = "";
      setTimeout(() => {
        twin = twinOf(vendor.api, only(vendor.api).instanceUuid);
      }, MINUTE);
      const error = await partlyMade(vendor, { __timeouts: { create: "5m" } });
      expect(error.message).toContain(`. Besides, the vendor has ${twin} of the same name`);
    }));

  test("is waited for while no list shows it, for longer than what was listed once", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const start = Date.now();
      answerInstead(vendor.api, "DescribeDBInstances", () => {
        const isHidden = Date.now() - start < 10 * MINUTE;
        return isHidden ? jsonAnswer(200, { Code: "Success", Data: [] }) : undefined;
      });
      const { outs } = await instanceLife(vendor.host()).create(order());
      expect(outs).toMatchObject({ status: "RUNNING" });
    }));

  test("nor will be: it was found by its name, and is listed no more", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ ...slowInstances, edition: "first" });
      let shown = 0;
      answerInstead(vendor.api, "DescribeDBInstances", (carryOut) => {
        const answer = carryOut();
        if (answer.body.includes("InstanceUuid")) shown += 1;
        return shown > 1 ? jsonAnswer(200, { Code: "Success", Data: [] }) : answer;
      });
      expect((await partlyMade(vendor)).message).toContain("the vendor listed it before");
    }));

  test("is waited for by the next update, which orders nothing", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const change = { __timeouts: { create: "1m" } };
      const { id, properties } = await partlyMade(vendor, change);
      const life = instanceLife(vendor.host());
      const outs = properties as Bag;
      const inputs = await life.inputs(order(change), outs);
      expect(await life.diff(outs, inputs)).toMatchObject({ changes: true, replaces: [] });
      const updated = await life.update(id, outs, inputs);
      expect(updated.outs).toMatchObject({ ...inputs, status: "RUNNING", ip: only(vendor.api).ip });
      expect(only(vendor.api).instanceUuid).toBe(id);
      expect(count(vendor, "CreateDBInstance")).toBe(1);
      expect(count(vendor, "DeleteDBInstance")).toBe(0);
    }));

  test("keeps the name it was ordered by when no name is given any more", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(slowInstances);
      const change = { __timeouts: { create: "1m", update: "1m" } };
      const { id, properties } = await partlyMade(vendor, { ...change, instanceName: "mine" });
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order(change), properties as Bag);
      const error = await failureOf(life.update(id, properties as Bag, inputs));
      expect(error).toMatchObject({ id, properties: { instanceName: "mine" } });
      expect(String(error)).toContain(`mine (${id})`);
    }));

  test("stays in state when the update gives up too, after its own limit", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor({ deliverySeconds: 24 * 3600 });
      const change = { __timeouts: { create: "1m", update: "2m" } };
      const { id, properties } = await partlyMade(vendor, change);
      const life = instanceLife(vendor.host());
      const inputs = await life.inputs(order(change), properties as Bag);
      let error: unknown;
      const waited = await elapsed(async () => {
        error = await failureOf(life.update(id, properties as Bag, inputs));
      });
      expect(error).toBeInstanceOf(PartlyMadeError);
      expect(error).toMatchObject({ id, properties: inputs });
      expect(waited).toBeGreaterThanOrEqual(2 * MINUTE);
      expect(waited).toBeLessThan(2 * MINUTE + LATE);
    }));
});

test("a wait of hours stays within the timers of the machine", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 3600 });
    const life = instanceLife(vendor.host());
    const waited = await elapsed(() => life.create(order({ __timeouts: { create: "60d" } })));
    expect(waited).toBeLessThan(HOUR + LATE);
  }));
