import { Absence, DELETED, LOST, Sightings } from "../../../provider/core/absence";
import { sleep } from "../../../provider/time";
import { inVirtualTime } from "../../virtualTime";

test("an absence needs lists in a row, and time: a list that shows the thing begins both anew", () =>
  inVirtualTime(async () => {
    const absence = new Absence(LOST);
    expect([absence.isCertain(false), absence.isCertain(false)]).toEqual([false, false]);
    await sleep(60_000);
    expect(absence.isCertain(true)).toBe(false);
    await sleep(29_000);
    expect([1, 2, 3].map(() => absence.isCertain(false))).toEqual([false, false, false]);
    await sleep(1_000);
    expect(absence.isCertain(false)).toBe(true);
  }));

test("after a delete that the vendor took three lists are enough", () => {
  const absence = new Absence(DELETED);
  expect([1, 2, 3].map(() => absence.isCertain(false))).toEqual([false, false, true]);
});

test("the lists of one window prove many absences, in whatever case an id is written", () =>
  inVirtualTime(async () => {
    const sightings = new Sightings();
    for (let seconds = 0; seconds <= 30; seconds += 10) {
      sightings.note(["KEPT"]);
      if (seconds < 30) await sleep(10_000);
    }
    expect(["gone-1", "gone-2", "kept"].map((id) => sightings.isAbsent(id, LOST))).toEqual([
      true,
      true,
      false,
    ]);
  }));

test("lists from before the last sighting prove nothing", () =>
  inVirtualTime(async () => {
    const sightings = new Sightings();
    for (let lists = 0; lists < 5; lists += 1) {
      sightings.note([]);
      await sleep(10_000);
    }
    sightings.note(["cache"]);
    await sleep(10_000);
    for (let lists = 0; lists < 3; lists += 1) sightings.note([]);
    expect(sightings.isAbsent("cache", LOST)).toBe(false);
    await sleep(30_000);
    expect(sightings.isAbsent("cache", LOST)).toBe(true);
  }));
