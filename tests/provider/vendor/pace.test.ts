import { CdsTurnError } from "../../../provider/vendor/errors";
import { Pace } from "../../../provider/vendor/pace";
import { now, sleep } from "../../../provider/time";
import { inVirtualTime } from "../../virtualTime";

const PATIENCE_MS = 90_000;
/** Many wait for the answer of a shared call. */
const ACTIONS = { shared: "DescribeDBInstances", own: "DescribeBackups" };

interface Observed {
  readonly pace: Pace;
  /** When each call was sent, in milliseconds since the start. */
  readonly sentAt: number[];
  /** The most that were under way at a time. */
  readonly most: () => number;
  readonly send: (
    turn?: keyof typeof ACTIONS,
    takesMs?: number,
    patienceMs?: number,
  ) => Promise<void>;
}

function observed(): Observed {
  const start = now();
  const pace = new Pace();
  const sentAt: number[] = [];
  let underWay = 0;
  let most = 0;
  return {
    pace,
    sentAt,
    most: () => most,
    send: (turn = "shared", takesMs = 0, patienceMs = PATIENCE_MS) =>
      pace.send(
        ACTIONS[turn],
        async () => {
          sentAt.push(now() - start);
          underWay += 1;
          most = Math.max(most, underWay);
          // A fake timer of 0 ms that another one's callback sets takes 1 ms.
          if (takesMs > 0) await sleep(takesMs);
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

test("no second has more than a hundred calls", () =>
  inVirtualTime(async () => {
    const { send, sentAt } = observed();
    await Promise.all(Array.from({ length: 400 }, () => send()));
    const inWindow = sentAt.map(
      (from) => sentAt.filter((at) => at >= from && at < from + 1_000).length,
    );
    expect(Math.max(...inWindow)).toBe(100);
    expect(sentAt.at(-1)).toBeLessThanOrEqual(4_000);
  }));

test("no more than ten calls are under way at a time", () =>
  inVirtualTime(async () => {
    const { send, most } = observed();
    await Promise.all(Array.from({ length: 30 }, () => send("own", 500)));
    expect(most()).toBe(10);
  }));

test.each([ACTIONS.shared, "DescribeVdc"])(
  "%s, which many wait for, overtakes the calls of single resources",
  (action) =>
    inVirtualTime(async () => {
      const { pace, send } = observed();
      const writes = Array.from({ length: 300 }, () => send("own"));
      let readAt = 0;
      const start = now();
      await pace.send(
        action,
        async () => {
          readAt = now() - start;
          return Promise.resolve();
        },
        PATIENCE_MS,
      );
      expect(readAt).toBeLessThanOrEqual(1_000);
      await Promise.all(writes);
    }),
);

test("after a refusal as one too many all calls wait, longer each time in a row, to ten seconds", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    for (let refusals = 0; refusals < 6; refusals += 1) {
      await send();
      pace.throttled(now());
    }
    await Promise.all([send(), send("own")]);
    const waits = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 0]);
  }));

test("a call that was taken ends the row", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.throttled(now());
    await send();
    pace.throttled(now());
    await send();
    pace.taken(now());
    pace.throttled(now());
    await send();
    expect(sentAt).toEqual([1_000, 3_000, 4_000]);
  }));

test("calls that were under way together and are refused together count once", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    for (let refused = 0; refused < 10; refused += 1) pace.throttled(now());
    await send();
    expect(sentAt).toEqual([1_000]);
  }));

test.each([
  [5, 5_000],
  [3_600, 60_000],
])("a Retry-After of %d s holds all calls for %d ms", (seconds, waits) =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.pause(seconds * 1_000);
    await Promise.all([send(), send("own")]);
    expect(sentAt).toEqual([waits, waits]);
  }),
);

test("fewer are under way after a refusal, and one more with each second in which calls are taken", () =>
  inVirtualTime(async () => {
    const { pace, send, most } = observed();
    pace.throttled(now());
    await Promise.all(Array.from({ length: 20 }, () => send("own", 100)));
    expect(most()).toBe(5);
    for (let second = 0; second < 5; second += 1) {
      for (let taken = 0; taken < 9; taken += 1) pace.taken(now());
      await sleep(1_000);
    }
    await Promise.all(Array.from({ length: 20 }, () => send("own", 100)));
    expect(most()).toBe(10);
  }));

test("what was sent before a refusal doesn't end the row when it is taken", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    const before = now();
    await sleep(10);
    pace.throttled(now());
    await send();
    for (let taken = 0; taken < 9; taken += 1) pace.taken(before);
    pace.throttled(now());
    await send();
    expect(sentAt).toEqual([1_010, 3_010]);
  }));

test("a refusal that comes late, of what was sent before another one, counts no more", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    const before = now();
    await sleep(10);
    pace.throttled(now());
    await send();
    pace.throttled(before);
    await send();
    expect(sentAt).toEqual([1_010, 1_010]);
  }));

test("a Retry-After of a later refusal holds for longer", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.throttled(now());
    const waiting = send();
    pace.pause(5_000);
    await waiting;
    expect(sentAt).toEqual([5_000]);
  }));

test("calls of single resources are not starved by others of their kind", () =>
  inVirtualTime(async () => {
    const { pace, send } = observed();
    for (let polls = 0; polls < 300; polls += 1) void send("own", 500);
    const start = now();
    await pace.send(ACTIONS.own, () => Promise.resolve(), PATIENCE_MS);
    expect(now() - start).toBeLessThan(20_000);
  }));

test("a call whose turn doesn't come in time is not sent, and says so", () =>
  inVirtualTime(async () => {
    const { pace, send, sentAt } = observed();
    pace.pause(60_000);
    const call = send("own", 0, 5_000);
    await expect(call).rejects.toThrow(CdsTurnError);
    await expect(call).rejects.toThrow(
      "DescribeBackups: not sent: its turn did not come within 5 s",
    );
    await sleep(60_000);
    expect(sentAt).toEqual([]);
  }));

test("when nobody waits no timer keeps the process alive", () =>
  inVirtualTime(async () => {
    const started = jest.spyOn(global, "setTimeout");
    const isKeptAlive = (): boolean =>
      jest.getTimerCount() > 0 && started.mock.results.some(({ value }) => hasRef(value));
    const { pace, send } = observed();
    await Promise.all(Array.from({ length: 30 }, () => send()));
    await sleep(1_000);
    expect(jest.getTimerCount()).toBe(0);
    started.mockClear();
    pace.pause(60_000);
    expect(isKeptAlive()).toBe(false);
    const call = send("own", 0, 3_000);
    expect(isKeptAlive()).toBe(true);
    await expect(call).rejects.toThrow(CdsTurnError);
    expect(jest.getTimerCount()).toBe(1);
    started.mockRestore();
  }));

function hasRef(timer: unknown): boolean {
  return (timer as NodeJS.Timeout).hasRef();
}
