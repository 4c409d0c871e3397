import { Coverage } from "./coverage";
import { liveThroughShare } from "./runHistories";

const coverage = new Coverage();
const started = performance.now();
let failed = 1;

test("no history breaks an invariant", async () => {
  await liveThroughShare(coverage);
  failed = 0;
  expect(coverage.seldomMet()).toEqual([]);
}, 580_000);

afterAll(() => {
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `histories: ${coverage.histories}, ${failed} failed, ${seconds} s (${coverage.summary()})\n`,
  );
});
