import { CancelledError } from "../../../provider/core/errors";
import type { Limit } from "../../../provider/core/operation";
import {
  confirmInterval,
  lookInterval,
  PollLoop,
  pollInterval,
} from "../../../provider/core/pollLoop";
import { now, sleep } from "../../../provider/time";
import { inVirtualTime } from "../../virtualTime";

const MINUTE = 60_000;

function within(milliseconds: number, signal = new AbortController().signal): Limit {
  return { deadline: now() + milliseconds, signal };
}

function counting(): { loop: PollLoop<number>; lists: () => number } {
  const start = Date.now();
  let lists = 0;
  const loop = new PollLoop(() => {
    lists += 1;
    return Promise.resolve([Date.now() - start]);
  });
  return { loop, lists: () => lists };
}

test("one list serves all that start to wait together", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    const waits = Array.from({ length: 100 }, () =>
      loop.until(within(MINUTE), ([age = 0]) => (age >= 0 ? age : undefined), { what: "now" }),
    );
    await Promise.all(waits);
    expect(lists()).toBe(1);
  }));

test("a hundred that start one after another share lists", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    const waits: Promise<number>[] = [];
    for (let started = 0; started < 100; started += 1) {
      const since = Date.now();
      waits.push(
        loop.until(within(MINUTE), () => (Date.now() - since >= 5_000 ? 1 : undefined), {
          what: "five seconds",
        }),
      );
      await sleep(20);
    }
    await Promise.all(waits);
    // 2 s of starting and 5 s of waiting.
    expect(lists()).toBeLessThanOrEqual(14);
  }));

test.each([
  [0, 25],
  [1_000, 400],
  [10_000, 1_265],
  [26_000, 2_040],
  [200_000, 3_900],
  [5 * MINUTE, 3_900],
  [10 * MINUTE, 7_500],
  [30 * MINUTE, 15_000],
])("after %d ms the next list is due in %d ms", (waitedMs, interval) => {
  expect(pollInterval(waitedMs)).toBe(interval);
});

test.each([
  [0, 25],
  [400, 100],
  [10_000, 500],
])("what ended after %d ms is confirmed in %d ms", (tookMs, interval) => {
  expect(confirmInterval(tookMs)).toBe(interval);
});

test.each([
  [-25, 500],
  [1_000, 500],
  [4_000, 2_000],
  [60_000, 10_000],
])("after %d ms the next look is due in %d ms", (lookedMs, interval) => {
  expect(lookInterval(lookedMs)).toBe(interval);
});

test("a look at what should be there already comes every half second at most", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    const ages: number[] = [];
    await loop.until(
      within(MINUTE),
      ([age = 0]) => (ages.push(age) && age >= 1_500 ? true : undefined),
      { what: "a second and a half" },
    );
    const gaps = ages.slice(1).map((age, index) => age - (ages[index] ?? 0));
    expect(gaps).toEqual([500, 500, 500]);
  }));

test("the longest wait of a kind sets the pace: whoever joins later multiplies no lists", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    const waits: Promise<number>[] = [];
    const start = now();
    for (let started = 0; started < 50; started += 1) {
      const since = now();
      waits.push(
        loop.until(within(10 * MINUTE), () => (now() - since >= 200_000 ? 1 : undefined), {
          what: "a delivery",
          kind: "delivery",
        }),
      );
      await sleep(10_000);
    }
    await Promise.all(waits);
    expect(lists()).toBeLessThanOrEqual((now() - start) / 3_900 + 40);
  }));

test("a cancel ends every wait at once", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    const cancel = new AbortController();
    const start = now();
    const wait = loop.until(within(MINUTE, cancel.signal), () => undefined, { what: "nothing" });
    const ended = expect(wait).rejects.toThrow(CancelledError);
    await sleep(1_010);
    cancel.abort();
    await ended;
    expect(now() - start).toBeLessThan(1_020);
    await expect(
      loop.until(within(MINUTE, cancel.signal), () => 1, { what: "more" }),
    ).rejects.toThrow("cancelled");
  }));

test("a list that began before the wait is not shown to it", () =>
  inVirtualTime(async () => {
    let fact = "before";
    const loop = new PollLoop(async () => {
      const seen = fact;
      await sleep(1_000);
      return [seen];
    });
    const first = loop.until(within(MINUTE), ([seen]) => seen, { what: "first" });
    await sleep(500);
    fact = "after";
    const second = loop.until(within(MINUTE), ([seen]) => seen, { what: "second" });
    expect(await Promise.all([first, second])).toEqual(["before", "after"]);
  }));

test("a time-out says what was waited for, for how long, what was seen and what failed", () =>
  inVirtualTime(async () => {
    const loop = new PollLoop<number>(() => Promise.reject(new Error("HTTP 500")));
    const wait = loop.until(within(MINUTE), () => undefined, {
      what: "waiting for RUNNING",
      lastSeen: () => "statuses seen: CREATING",
    });
    await expect(wait).rejects.toThrow(
      "waiting for RUNNING: gave up after 60 s, statuses seen: CREATING; the last list failed: HTTP 500",
    );
  }));

test("a wait may ask to fail with the first list that fails, while others go on", () =>
  inVirtualTime(async () => {
    let broken = true;
    const loop = new PollLoop(() =>
      broken ? Promise.reject(new Error("HTTP 500")) : Promise.resolve([1]),
    );
    const patient = loop.until(within(MINUTE), ([one]) => one, { what: "patient" });
    await expect(
      loop.until(within(MINUTE), ([one]) => one, { what: "hasty", onListError: "fail" }),
    ).rejects.toThrow("HTTP 500");
    broken = false;
    await expect(patient).resolves.toBe(1);
  }));

test("what a wait throws ends that wait alone", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    const bad = loop.until(
      within(MINUTE),
      () => {
        throw new Error("failed status");
      },
      { what: "bad" },
    );
    const good = loop.until(within(MINUTE), ([age]) => age, { what: "good" });
    await expect(bad).rejects.toThrow("failed status");
    await expect(good).resolves.toBeGreaterThanOrEqual(0);
  }));

test("the loop rests when nobody waits", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    await loop.until(within(MINUTE), ([age]) => age, { what: "once" });
    const before = lists();
    await sleep(MINUTE);
    expect(lists()).toBe(before);
  }));

test("a wait whose deadline has passed is shown one list all the same", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    expect(await loop.until(within(-1), ([age]) => age, { what: "late" })).toBe(0);
    await expect(loop.until(within(-1), () => undefined, { what: "late" })).rejects.toThrow(
      "late: gave up",
    );
  }));
