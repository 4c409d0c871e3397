import { Durations } from "../../../provider/core/durations";
import { remaining } from "../../../provider/core/progress";
import { emulatedVendor } from "../../emulatedVendor";
import { inVirtualTime } from "../../virtualTime";
import { instanceLife, order } from "../orders";

const SECOND = 1_000;

function seen(...seconds: number[]): Durations {
  const durations = new Durations();
  for (const one of seconds) durations.add(one * SECOND);
  return durations;
}

test.each<[number, Durations, string]>([
  [30, seen(), ""],
  [0, seen(200), ", about 3m20s left"],
  [1, seen(200), ", about 3m20s left"],
  [80, seen(180, 200, 210), ", about 2m left"],
  [143, seen(200), ", about 55s left"],
  [196, seen(200, 190, 230), ", due any moment"],
  [230, seen(200, 190, 230), ", due any moment"],
  [231, seen(200, 190, 230), ", longer than others of this run"],
  [0, seen(3_600), ", about 60m left"],
])("after %d s what is left is told of what others took: %#", (waited, durations, text) => {
  expect(remaining(waited * SECOND, durations)).toBe(text);
});

describe("a row", () => {
  /** Two after another: what the first took tells about the second. */
  async function rowsOfTwo(hasTerminal: boolean): Promise<string[]> {
    const vendor = emulatedVendor({ deliverySeconds: 200 });
    const host = vendor.host({}, undefined, {}, hasTerminal);
    const life = instanceLife(host);
    await life.create(order({}, "first"));
    const before = vendor.reports.length;
    await life.create(order({}, "second"));
    return vendor.reports
      .slice(before)
      .map((line) => line.slice(line.lastIndexOf("::second: ") + "::second: ".length));
  }

  test("without a terminal, each change of state is one line, with what is left", () =>
    inVirtualTime(async () => {
      expect(await rowsOfTwo(false)).toEqual([
        expect.stringMatching(/^ordering second-/),
        "ordered, about 3m20s left",
        "CREATING, about 3m10s left",
        "RUNNING",
      ]);
    }));

  test("on a terminal, what is left is kept up to date", () =>
    inVirtualTime(async () => {
      const [ordering, ordered, first, ...others] = await rowsOfTwo(true);
      expect(ordering).toMatch(/^ordering second-/);
      expect(ordered).toBe("ordered, about 3m20s left");
      expect(first).toBe("CREATING, about 3m10s left");
      expect(others.length).toBeGreaterThan(8);
      expect(others.slice(-2)).toEqual(["CREATING, due any moment", "RUNNING"]);
    }));
});
