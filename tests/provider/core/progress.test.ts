import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, order } from "../orders";

test("a row says once what others of this run took, and then each change of state", () =>
  inVirtualTime(async () => {
    const vendor = emulatedVendor({ deliverySeconds: 200 });
    const life = instanceLife(vendor.host());
    await life.create(order({}, "first"));
    const before = vendor.reports.length;
    await life.create(order({}, "second"));
    const rows = vendor.reports
      .slice(before)
      .map((line) => line.slice(line.lastIndexOf("::second: ") + "::second: ".length));
    expect(rows).toEqual([
      expect.stringMatching(/^ordering second-/),
      expect.stringMatching(/^CREATING, others took 3m2\ds$/),
      "RUNNING",
    ]);
  }));
