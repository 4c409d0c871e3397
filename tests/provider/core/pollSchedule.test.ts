import { Durations } from "../../../provider/core/durations";
import { intervalAfter, intervalAtEnd, leastInterval } from "../../../provider/core/pollSchedule";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function after(...milliseconds: number[]): Durations {
  const seen = new Durations();
  for (const one of milliseconds) seen.add(one);
  return seen;
}

describe("how long after a list the next one is due", () => {
  const NEW = after();
  const SLOW = after(180 * SECOND, 220 * SECOND);
  const QUICK = after(2 * SECOND);

  test.each<[string, number, Durations | undefined, number]>([
    ["a look that expects nothing begins with half a second", 0, undefined, 500],
    ["and takes seven tenths of the time waited", 10 * SECOND, undefined, 7 * SECOND],
    ["to fifteen seconds", 10 * MINUTE, undefined, 15 * SECOND],
    ["the first delivery is looked for at once", 0, NEW, 25],
    ["then after seven tenths of the time waited", 10 * SECOND, NEW, 7 * SECOND],
    ["to fifteen seconds", 119 * SECOND, NEW, 15 * SECOND],
    ["closely where deliveries of minutes end", 2 * MINUTE, NEW, 3_600],
    ["to the fifth minute", 5 * MINUTE - 1, NEW, 3_600],
    ["then not any more", 5 * MINUTE, NEW, 15 * SECOND],
    ["long before the expected end, seldom", 0, SLOW, 15 * SECOND],
    ["just before it, at its beginning", 120 * SECOND, SLOW, 6 * SECOND],
    ["near it, closely", 150 * SECOND, SLOW, 3_600],
    ["also a while after the longest seen", 280 * SECOND, SLOW, 3_600],
    ["then more and more seldom", 300 * SECOND, SLOW, 9_800],
    ["to fifteen seconds", 10 * MINUTE, SLOW, 15 * SECOND],
    ["what is quick is not waited for longer than it takes", 0, QUICK, 1_400],
    ["and seen quickly", 1_500, QUICK, 100],
    ["what took no time is looked for at once", 0, after(0), 25],
  ])("%s: %d ms", (_name, waited, seen, interval) => {
    expect(intervalAfter(waited, seen)).toBe(interval);
  });

  test("is whole milliseconds, and never none", () => {
    for (let waited = 0; waited < 10_000; waited += 7)
      for (const seen of [undefined, NEW, QUICK, after(333), after(1_111, 7_777)]) {
        const interval = intervalAfter(waited, seen);
        expect(Number.isInteger(interval)).toBe(true);
        expect(interval).toBeGreaterThanOrEqual(25);
      }
  });
});

test.each([
  [60 * SECOND, 500],
  [1_000, 250],
  [0, 25],
])("what begins to go after %d ms is looked at again after %d ms", (took, interval) => {
  expect(intervalAtEnd(took)).toBe(interval);
});

test.each([
  [1, 25],
  [80, 400],
  [30_000, 2_000],
])(
  "after a list that took %d ms the next one comes %d ms later at the earliest",
  (took, interval) => {
    expect(leastInterval(took)).toBe(interval);
  },
);

describe("what was seen", () => {
  test("is nothing at first", () => {
    const { shortest, usual, longest } = after();
    expect([shortest, usual, longest]).toEqual([undefined, undefined, undefined]);
  });

  test("has a shortest, a usual and a longest", () => {
    const { shortest, usual, longest } = after(30, 10, 20);
    expect([shortest, usual, longest]).toEqual([10, 20, 30]);
  });

  test("is the latest hundred, however many there were", () => {
    const seen = after(1, ...Array.from({ length: 100 }, () => 50));
    expect(seen.shortest).toBe(50);
  });
});
