import { now, parseDuration, signalAt } from "../../provider/time";

test.each([
  ["90s", 90_000],
  ["45m", 2_700_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  ["500ms", 500],
])("%s is %i ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "10", "m", "10 m", "-5m", "5 minutes"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

describe("signalAt", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("ends at the deadline, and says that it is too late", () => {
    const signal = signalAt(now() + 1000);
    jest.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });

  test.each([
    ["a deadline that is over", -1, true],
    ["one in many years", 1e15, false],
    ["none", Infinity, false],
  ])("with %s", (_, left, isAborted) => {
    const signal = signalAt(now() + left);
    jest.advanceTimersByTime(10_000);
    expect(signal.aborted).toBe(isAborted);
  });
});
