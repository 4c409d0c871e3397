import { systemClock } from "../../../provider/core/clock";
import { Durations } from "../../../provider/core/durations";
import { PollLoop } from "../../../provider/core/waiter";
import { inVirtualTime } from "../../virtualTime";

const MINUTE = 60_000;

function counting(): { loop: PollLoop<number>; lists: () => number } {
  const start = Date.now();
  let lists = 0;
  const loop = new PollLoop(() => {
    lists += 1;
    return Promise.resolve([Date.now() - start]);
  }, systemClock);
  return { loop, lists: () => lists };
}

test("one list serves all that start to wait together", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    const deadline = Date.now() + MINUTE;
    const waits = Array.from({ length: 100 }, () =>
      loop.until(([age = 0]) => (age >= 0 ? age : undefined), { deadline, what: "now" }),
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
        loop.until(() => (Date.now() - since >= 5_000 ? 1 : undefined), {
          deadline: since + MINUTE,
          what: "five seconds",
        }),
      );
      await systemClock.sleep(20);
    }
    await Promise.all(waits);
    // 2 s of starting and 5 s of waiting.
    expect(lists()).toBeLessThanOrEqual(14);
  }));

test("the interval grows with the time waited, to fifteen seconds", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    const ages: number[] = [];
    await loop.until(([age = 0]) => (ages.push(age) && age >= 5 * MINUTE ? true : undefined), {
      deadline: Date.now() + 10 * MINUTE,
      what: "five minutes",
    });
    const gaps = ages.slice(1).map((age, index) => age - (ages[index] ?? 0));
    expect(gaps[0]).toBe(500);
    expect(gaps.at(-1)).toBe(15_000);
  }));

test("a list that began before the wait is not shown to it", () =>
  inVirtualTime(async () => {
    let fact = "before";
    const loop = new PollLoop(async () => {
      const seen = fact;
      await systemClock.sleep(1_000);
      return [seen];
    }, systemClock);
    const deadline = Date.now() + MINUTE;
    const first = loop.until(([seen]) => seen, { deadline, what: "first" });
    await systemClock.sleep(500);
    fact = "after";
    const second = loop.until(([seen]) => seen, { deadline, what: "second" });
    expect(await Promise.all([first, second])).toEqual(["before", "after"]);
  }));

test("a time-out says what was waited for, for how long, what was seen and what failed", () =>
  inVirtualTime(async () => {
    const loop = new PollLoop<number>(() => Promise.reject(new Error("HTTP 500")), systemClock);
    const wait = loop.until(() => undefined, {
      deadline: Date.now() + MINUTE,
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
    const loop = new PollLoop(
      () => (broken ? Promise.reject(new Error("HTTP 500")) : Promise.resolve([1])),
      systemClock,
    );
    const deadline = Date.now() + MINUTE;
    const patient = loop.until(([one]) => one, { deadline, what: "patient" });
    await expect(
      loop.until(([one]) => one, { deadline, what: "hasty", onListError: "fail" }),
    ).rejects.toThrow("HTTP 500");
    broken = false;
    await expect(patient).resolves.toBe(1);
  }));

test("what a wait throws ends that wait alone", () =>
  inVirtualTime(async () => {
    const { loop } = counting();
    const deadline = Date.now() + MINUTE;
    const bad = loop.until(
      () => {
        throw new Error("failed status");
      },
      { deadline, what: "bad" },
    );
    const good = loop.until(([age]) => age, { deadline, what: "good" });
    await expect(bad).rejects.toThrow("failed status");
    await expect(good).resolves.toBeGreaterThanOrEqual(0);
  }));

test("the loop rests when nobody waits", () =>
  inVirtualTime(async () => {
    const { loop, lists } = counting();
    await loop.until(([age]) => age, { deadline: Date.now() + MINUTE, what: "once" });
    const before = lists();
    await systemClock.sleep(MINUTE);
    expect(lists()).toBe(before);
  }));

test("a list that takes long is asked for less often", () =>
  inVirtualTime(async () => {
    let lists = 0;
    const loop = new PollLoop(async () => {
      lists += 1;
      await systemClock.sleep(400);
      return [lists];
    }, systemClock);
    const seen = new Durations();
    seen.add(0);
    const start = Date.now();
    const wait = loop.until(() => (Date.now() - start >= 10_000 ? true : undefined), {
      deadline: start + MINUTE,
      what: "ten seconds",
      seen,
    });
    await wait;
    // Each begins two seconds after the one before.
    expect(lists).toBeLessThanOrEqual(6);
  }));
