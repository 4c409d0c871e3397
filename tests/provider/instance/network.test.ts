import { emulatedVendor } from "../../emulatedVendor";
import { UNKNOWN } from "../../../provider/core/engineValues";
import { DEFAULT_VDCS } from "../../../emulator";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, order, type Bag } from "../orders";

const networks = { vdcs: DEFAULT_VDCS };

async function reasonsFor(change: Bag, olds: Bag = {}): Promise<string[]> {
  const life = instanceLife(emulatedVendor(networks).host());
  const { failures } = await life.check(olds, order(change));
  return failures.map(({ reason }) => reason);
}

describe("the network of an order", () => {
  test.each<[string, Bag, string]>([
    [
      "an unknown data center",
      { vdcId: "vdc-9" },
      "vdcId names no data center of the account; data centers of the account in CN_Hongkong_A: vdc-1 (hongkong), vdc-2 (hongkong-staging).",
    ],
    [
      "a data center of another region",
      { vdcId: "vdc-3" },
      "vdcId names the data center beijing, which is in CN_Beijing_A; data centers of the account in CN_Hongkong_A: vdc-1 (hongkong), vdc-2 (hongkong-staging).",
    ],
    [
      "a network of another data center",
      { basePipeId: "pipe-2" },
      "basePipeId names no network of the data center; private networks of hongkong with a free address: pipe-1 (cache, 65533 addresses free).",
    ],
    [
      "a network without a free address",
      { basePipeId: "pipe-full" },
      "basePipeId names the network full, which has no free address; private networks of hongkong with a free address: pipe-1 (cache, 65533 addresses free).",
    ],
  ])("is refused at preview, with the choices: %s", (_name, change, reason) =>
    inVirtualTime(async () => {
      expect(await reasonsFor(change)).toEqual([reason]);
    }),
  );

  test.each<[string, Bag]>([
    ["that is right", {}],
    ["of which a part is not known yet", { vdcId: UNKNOWN, basePipeId: "pipe-9" }],
  ])("is taken: one %s", (_name, change) =>
    inVirtualTime(async () => {
      expect(await reasonsFor(change)).toEqual([]);
    }),
  );

  test("is not looked at again where an instance has it, so that one outlives its data center", () =>
    inVirtualTime(async () => {
      const change = { vdcId: "vdc-gone" };
      expect(await reasonsFor(change, order({ ...change, instanceName: "cache" }))).toEqual([]);
    }));

  test("without a free address is a warning for a name of the user's, which a replacement keeps", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(networks);
      const change = { basePipeId: "pipe-full", instanceName: "shop" };
      expect((await instanceLife(vendor.host()).check({}, order(change))).failures).toEqual([]);
      expect(vendor.warnings.join()).toContain("has no free address");
    }));

  test("is asked for once, whatever the number of instances", () =>
    inVirtualTime(async () => {
      const vendor = emulatedVendor(networks);
      const life = instanceLife(vendor.host());
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => life.inputs(order({}, `${index}`))),
      );
      expect(vendor.actions().filter((action) => action === "DescribeVdc")).toHaveLength(1);
    }));

  test.each(["http-403", "http-502", "hang", "html"] as const)(
    "is not checked, with one warning, where the network API fails: %s",
    (kind) =>
      inVirtualTime(async () => {
        const vendor = emulatedVendor(networks);
        vendor.faults.add({ kind, action: "DescribeVdc", times: 1000 });
        const life = instanceLife(vendor.host());
        const orders = [order({ vdcId: "vdc-9" }), order({ vdcId: "vdc-9" }, "other")];
        for (const one of orders) expect((await life.check({}, one)).failures).toEqual([]);
        expect(vendor.warnings).toEqual([
          expect.stringContaining("vdcId and basePipeId are not checked"),
        ]);
      }),
  );
});
