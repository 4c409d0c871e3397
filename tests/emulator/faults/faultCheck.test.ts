import { FAULT_KINDS, type Fault } from "../../../emulator";
import { isContentKind } from "../../../emulator/faults/faultKinds";
import { VirtualEmulator } from "../virtualEmulator";

describe("a fault that can't be", () => {
  test.each<[unknown, RegExp]>([
    [{}, /^kind is missing: name one of dns, refused, .*, null-empty-list\.$/],
    [{ kind: "explode" }, /^There is no kind "explode": name one of dns, /],
    [{ kind: ["reset"] }, /^There is no kind "a value of type object"/],
    [{ kind: "toString" }, /^There is no kind "toString"/],
    [
      { kind: "reset", action: "CreateInstance" },
      /^There is no action "CreateInstance": .*CreateDBInstance, .*BackupFile, or leave action out/,
    ],
    [{ kind: "reset", action: "" }, /^There is no action "":/],
    [
      { kind: "two-ids", action: "DescribeRegins" },
      /^two-ids can't hit "DescribeRegins": name one of CreateDBInstance, or/,
    ],
    [
      { kind: "stale-list", action: "CreateDBInstance" },
      /^stale-list can't hit .*DescribeDBInstances, DescribeBackups/,
    ],
    [{ kind: "failed-status", action: "DescribeRegins" }, /^failed-status can't hit/],
    [{ kind: "no-code", action: "BackupFile" }, /^no-code can't hit "BackupFile"/],
    [{ kind: "no-id", when: "before" }, /^no-id can't be before: .* Say after/],
    [{ kind: "dns", when: "after" }, /^dns can't be after: .* Say before/],
    [{ kind: "reset", when: "during" }, /^when must be before or after, not "during"\.$/],
    [{ kind: "reset", call: 0 }, /^call must be a whole number, 1 or more, not 0\.$/],
    [{ kind: "reset", call: "2" }, /^call must be a whole number, 1 or more, not "2"\.$/],
    [
      { kind: "reset", times: 1.5 },
      /^times must be a whole number, 1 or more, or always, not 1\.5\.$/,
    ],
    [{ kind: "reset", times: "ever" }, /^times must be .*, or always, not "ever"\.$/],
    [
      { kind: "reset", acton: "CreateDBInstance" },
      /^A fault has no field "acton": its fields are kind, action, call, times, when, forSeconds, seconds, id, shard, byId\.$/,
    ],
    [
      { kind: "stale-list", seconds: 5 },
      /^stale-list has no field seconds: these kinds have it: lagging-list, late-entry\.$/,
    ],
    [{ kind: "late-entry", id: "x" }, /^late-entry has no field id: .*hidden-entries/],
    [{ kind: "reset", byId: true }, /^reset has no field byId:/],
    [
      { kind: "lagging-list", seconds: 601 },
      /^seconds must be a number more than 0 and at most 600, not 601\.$/,
    ],
    [{ kind: "late-entry", shard: 0 }, /^shard must be a whole number, 1 or more, not 0\.$/],
    [{ kind: "hidden-entries", id: "" }, /^id must be a text, not ""\.$/],
    [{ kind: "hidden-entries", byId: "yes" }, /^byId must be true or false, not "yes"\.$/],
    [{ kind: "reset", forSeconds: -1 }, /^forSeconds must be a number more than 0, not -1\.$/],
    [{ kind: "reset", forSeconds: 5, times: 2 }, /^times and forSeconds exclude each other/],
    [null, /^A fault must be an object with kind/],
    [[], /^A fault must be an object with kind/],
  ])("%j", (fault, reason) => {
    const { faults } = new VirtualEmulator().api;
    expect(() => {
      faults.add(fault as Fault);
    }).toThrow(reason);
    expect(faults.faults).toEqual([]);
  });

  test.each(FAULT_KINDS.filter(isContentKind))(
    "%s can be said to be after, which it is",
    (kind) => {
      const { faults } = new VirtualEmulator().api;
      faults.add({ kind, when: "after" });
      faults.add({ kind });
      expect(faults.faults.map(({ when }) => when)).toEqual(["after", "after"]);
    },
  );
});
