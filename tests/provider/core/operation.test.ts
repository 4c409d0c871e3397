import {
  CancelledError,
  PartlyMadeError,
  UnsettledOrderError,
} from "../../../provider/core/errors";
import { Operation } from "../../../provider/core/operation";
import { orderOnce, sendUntilTaken } from "../../../provider/core/send";
import { instanceLife } from "../../../provider/instance/instance";
import type { InstanceInputs } from "../../../provider/instance/arguments";
import { now, sleep } from "../../../provider/time";
import { CdsTurnError } from "../../../provider/vendor/errors";
import { emulatedVendor, type EmulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { count, only } from "../observed";
import { failureOf, instanceUrn, order, type Bag } from "../orders";

/** Orders an instance without any face, and cancels after so many milliseconds. */
async function cancelled(
  vendor: EmulatedVendor,
  afterMs: number,
): Promise<{ error: unknown; tookMs: number; inputs: Bag }> {
  const context = vendor.host();
  const cancel = new AbortController();
  const urn = instanceUrn("cache");
  const operation = new Operation(context, { urn, signal: cancel.signal });
  const given = order({ __provider: undefined, __urn: undefined });
  const { inputs } = await instanceLife.check(new Operation(context, { urn }), {}, given);
  const ended = vendor.stack.begin({ ...inputs, __urn: urn });
  const failed = failureOf(instanceLife.create(operation, inputs as InstanceInputs));
  await sleep(afterMs);
  const start = now();
  cancel.abort();
  const error = await failed;
  ended();
  return { error, tookMs: now() - start, inputs };
}

test("a cancel while an instance is delivered ends the wait at once, keeps it and says so", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 300 });
    const { error, tookMs } = await cancelled(vendor, 60_000);
    expect(tookMs).toBeLessThan(10);
    expect(error).toBeInstanceOf(PartlyMadeError);
    expect(String(error)).toContain("cancelled");
    expect((error as PartlyMadeError).id).toBe(only(vendor.api).instanceUuid);
    expect(vendor.stack.noted.size).toBe(0);
  }));

describe("a cancelled operation", () => {
  /** An operation that the test cancels, and what it shows. */
  function cancellable(): { operation: Operation; cancel: () => void; reports: string[] } {
    const vendor = emulatedVendor();
    const controller = new AbortController();
    const operation = new Operation(vendor.host(), { signal: controller.signal });
    const cancel = (): void => {
      controller.abort();
    };
    return { operation, cancel, reports: vendor.reports };
  }

  test("sends nothing", async () => {
    const { operation, cancel } = cancellable();
    const send = jest.fn(() => Promise.resolve("sent"));
    cancel();
    const sending = { what: "", send, alreadyDone: () => Promise.resolve(undefined) };
    const sent = sendUntilTaken(operation, { ...sending, isHarmlessTwice: true });
    await expect(sent).rejects.toThrow(CancelledError);
    expect(send).not.toHaveBeenCalled();
  });

  test("doesn't say that it tries again", () =>
    inVirtualTime(async () => {
      const { operation, cancel, reports } = cancellable();
      const send = jest.fn(() => {
        cancel();
        return Promise.reject(new CdsTurnError("DeleteDBInstance", 1_000));
      });
      const sending = { what: "", send, alreadyDone: () => Promise.resolve(undefined) };
      await failureOf(sendUntilTaken(operation, { ...sending, isHarmlessTwice: true }));
      await sleep(60_000);
      expect(send).toHaveBeenCalledTimes(1);
      expect(reports).toEqual([]);
    }));

  test("doesn't look for an order that it didn't send", async () => {
    const { operation, cancel } = cancellable();
    const send = jest.fn(() => Promise.resolve(["made"]));
    const find = jest.fn(() => Promise.resolve({ ours: [], doubtful: [] }));
    cancel();
    const ordered = orderOnce(operation, { what: "", send, find, unsettled: () => "" });
    await expect(ordered).rejects.toThrow(CancelledError);
    expect(send).not.toHaveBeenCalled();
    expect(find).not.toHaveBeenCalled();
  });
});

test("a cancel while the order is under way keeps its note: the next up takes it over", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 1 });
    vendor.faults.add({ kind: "hang", action: "CreateDBInstance", when: "after" });
    const { error, tookMs } = await cancelled(vendor, 1_000);
    expect(tookMs).toBeLessThan(10);
    expect(error).toBeInstanceOf(UnsettledOrderError);
    expect(String(error)).toContain("cancelled");
    expect(vendor.stack.noted.size).toBe(1);
    const context = vendor.host();
    const operation = new Operation(context, { urn: instanceUrn("cache") });
    const given = order({ __provider: undefined, __urn: undefined });
    const { inputs } = await instanceLife.check(operation, {}, given);
    const ended = vendor.stack.begin({ ...inputs, __urn: instanceUrn("cache") });
    const { id } = await instanceLife.create(operation, inputs as InstanceInputs);
    ended();
    expect(id).toBe(only(vendor.api).instanceUuid);
    expect(count(vendor, "CreateDBInstance")).toBe(1);
  }));

test("a cancel before anything is sent orders nothing and leaves no note", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "hang", action: "DescribeDBInstances", times: "always" });
    const { error } = await cancelled(vendor, 1_000);
    expect(error).toBeInstanceOf(CancelledError);
    expect(vendor.api.store.instances()).toEqual([]);
    expect(vendor.stack.noted.size).toBe(0);
  }));

test("a cancel of a delete keeps the instance in the state, and a delete by the vendor's busy word ends at once", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor();
    vendor.faults.add({ kind: "http-409", action: "DeleteDBInstance", times: "always" });
    const context = vendor.host();
    const urn = instanceUrn("cache");
    const operation = new Operation(context, { urn });
    const given = order({ __provider: undefined, __urn: undefined });
    const { inputs } = await instanceLife.check(operation, {}, given);
    const ended = vendor.stack.begin({ ...inputs, __urn: urn });
    const { id, state } = await instanceLife.create(operation, inputs as InstanceInputs);
    ended();
    const cancel = new AbortController();
    const failed = failureOf(
      instanceLife.delete(new Operation(context, { urn, signal: cancel.signal }), id, state),
    );
    await sleep(20_000);
    const start = now();
    cancel.abort();
    expect(await failed).toBeInstanceOf(CancelledError);
    expect(now() - start).toBeLessThan(10);
    const calls = vendor.actions().length;
    await sleep(60_000);
    expect(vendor.actions()).toHaveLength(calls);
    expect(only(vendor.api).status).toBe("RUNNING");
  }));
