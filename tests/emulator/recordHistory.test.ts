import { RecordHistory } from "../../emulator/recordHistory";

const SECOND = 1000;

test("gives the records of any moment of the last ten minutes", () => {
  const records = new RecordHistory<{ readonly name: string }>([["a", { name: "kept" }]]);
  records.set("b", { name: "new" }, 10 * SECOND);
  records.set("b", { name: "changed" }, 20 * SECOND);
  records.delete("a", 30 * SECOND);
  const at = (second: number): string[] => records.asOf(second * SECOND).map(({ name }) => name);
  expect(at(9)).toEqual(["kept"]);
  expect(at(10).sort()).toEqual(["kept", "new"]);
  expect(at(20).sort()).toEqual(["changed", "kept"]);
  expect(at(30)).toEqual(["changed"]);
  expect(records.all()).toEqual([{ name: "changed" }]);
  expect([records.get("a"), records.latest("a"), records.latest("b"), records.latest("c")]).toEqual(
    [undefined, { name: "kept" }, { name: "changed" }, undefined],
  );
});

test("forgets what is older, so that it stays bounded", () => {
  const records = new RecordHistory<{ readonly second: number }>();
  for (let second = 0; second < 5000; second += 1) {
    records.set("a", { second }, second * SECOND);
  }
  expect(records.asOf(4500 * SECOND)).toEqual([{ second: 4500 }]);
  // The oldest change that is left is the first of at most two times ten minutes.
  expect(records.asOf(0)[0]?.second).toBeGreaterThan(5000 - 1202);
});
