import { parseDuration } from "../../provider/time";

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
