import { NoTurnError, Pace } from "../../../provider/client/pace";
import { systemClock } from "../../../provider/lifecycle/clock";
import { inVirtualTime } from "../../virtualTime";

const PATIENCE_MS = 90_000;

interface Observed {
  readonly pace: Pace;
  /** When each call was sent, in milliseconds since the start. */
  readonly sentAt: number[];
  /** The most that were under way at a time. */
  readonly most: () => number;
  readonly send: (kind?: "read" | "write", takesMs?: number, patienceMs?: number) => Promise<void>;
}

function observed(): Observed {
  const start = Date.now();
  const pace = new Pace(
    () => Date.now(),
    (milliseconds) => systemClock.sleep(milliseconds),
  );
  const sentAt: number[] = [];
  let underWay = 0;
  let most = 0;
  return {
    pace,
    sentAt,
    most: () => most,
    send: (kind = "read", takesMs = 0, patienceMs = PATIENCE_MS) =>
      pace.send(
        kind,
        async () => {
          sentAt.push(Date.now() - start);
          underWay += 1;
          most = Math.max(most, underWay);
          await systemClock.sleep(takesMs);
          underWay -= 1;
        },
        patienceMs,
      ),
  };
}

test("a call alone is sent at once, also just after another one", () =>
  inVirtualTime(async () => {
    const { send, sentAt } = observed();
    await send();
    await send();
    expect(sentAt).toEqual([0, 0]);
  }));

test("no second has more than fifty calls", () =>
  inVirtualTime(async () => {
    const { send, sentAt } = observed();
    await Promise.all(Array.from({ length: 200 }, () => send()));
    const inWindow = sentAt.map(
      (from) => sentAt.filter((at) => at >= from && at < from + 1_000).length,
    );
    expect(Math.max(...inWindow)).toBe(50);
    expect(sentAt.at(-1)).toBeLessThanOrEqual(4_000);
  }));

test("no more than ten calls are under way at a time", () =>
  inVirtualTime(async () => {
    const { send, most } = observed();
    await Promise.all(Array.from({ length: 30 }, () => send("write", 500)));
    expect(most()).toBe(10);
  }));

test("a read overtakes the writes that wait: many resources wait for one list", () =>
  inVirtualTime(async () => {
    const { pace, send } = observed();
    const writes = Array.from({ length: 300 }, () => send("write"));
    let readAt = 0;
    const start = Date.now();
    await pace.send(
      "read",
      async () => {
        readAt = Date.now() - start;
        return Promise.resolve();
      },
      PATIENCE_MS,
    );
    expect(readAt).toBeLessThanOrEqual(1_000);
    await Promise.all(writes);
  }));

test("after a refusal as one too many all calls wait, longer each time in a row, to ten seconds", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    for (let refusals = 0; refusals < 6; refusals += 1) {
      await send();
      pace.throttled();
    }
    await Promise.all([send(), send("write")]);
    const waits = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 0]);
  }));

test("a call that was taken ends the row", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.throttled();
    await send();
    pace.throttled();
    await send();
    pace.taken();
    pace.throttled();
    await send();
    expect(sentAt).toEqual([1_000, 3_000, 4_000]);
  }));

test("calls that were under way together and are refused together count once", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    for (let refused = 0; refused < 10; refused += 1) pace.throttled();
    await send();
    expect(sentAt).toEqual([1_000]);
  }));

test.each([
  [5, 5_000],
  [3_600, 60_000],
])("a Retry-After of %d s holds all calls for %d ms", (seconds, waits) =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.throttled(seconds * 1_000);
    await Promise.all([send(), send("write")]);
    expect(sentAt).toEqual([waits, waits]);
  }),
);

test("fewer are under way after a refusal, and more again with each one that is taken", () =>
  inVirtualTime(async () => {
    const first = observed();
    first.pace.throttled();
    await Promise.all(Array.from({ length: 20 }, () => first.send("write", 100)));
    expect(first.most()).toBe(5);
    for (let taken = 0; taken < 5; taken += 1) first.pace.taken();
    await Promise.all(Array.from({ length: 20 }, () => first.send("write", 100)));
    expect(first.most()).toBe(10);
  }));

test("a call whose turn doesn't come in time is not sent, and says so", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.throttled(60_000);
    const call = send("write", 0, 5_000);
    await expect(call).rejects.toThrow(NoTurnError);
    await expect(call).rejects.toThrow("not sent: its turn did not come within 5 s");
    await systemClock.sleep(60_000);
    expect(sentAt).toEqual([]);
  }));

test("when nobody waits no timer is left, so that the process may end", () =>
  inVirtualTime(async () => {
    const { pace, send } = observed();
    await Promise.all(Array.from({ length: 30 }, () => send()));
    await systemClock.sleep(1_000);
    expect(jest.getTimerCount()).toBe(0);
    pace.throttled(60_000);
    expect(jest.getTimerCount()).toBe(0);
  }));
