import type { Fault, FaultKind } from "../../../emulator";
import { ORDER, VirtualEmulator } from "../virtualEmulator";

function withFault(...faults: readonly Fault[]): VirtualEmulator {
  const emulator = new VirtualEmulator();
  for (const fault of faults) emulator.api.faults.add(fault);
  return emulator;
}

/** The fault that hit each call, or its status. */
function told(emulator: VirtualEmulator): (string | number)[] {
  return emulator.api.requests.map(({ fault, status }) => fault ?? status);
}

describe("which call is hit", () => {
  const run = (faults: readonly Fault[], calls: readonly string[]): (string | number)[] => {
    const emulator = withFault(...faults);
    for (const action of calls) emulator.raw(action, { RegionId: "CN_Hongkong_A" });
    return told(emulator);
  };
  const five = Array.from({ length: 5 }, () => "DescribeRegins");

  test.each<[string, Fault, (string | number)[]]>([
    ["the first, once", { kind: "html" }, ["html", 200, 200, 200, 200]],
    ["the n-th", { kind: "html", call: 3 }, [200, 200, "html", 200, 200]],
    ["so many in a row", { kind: "html", call: 2, times: 2 }, [200, "html", "html", 200, 200]],
    [
      "from one on, always",
      { kind: "html", call: 4, times: "always" },
      [200, 200, 200, "html", "html"],
    ],
  ])("%s", (_which, fault, expected) => {
    expect(run([fault], five)).toEqual(expected);
  });

  test("calls of other actions don't count, unless no action is named", () => {
    const calls = [
      "DescribeAvailableDBConfig",
      "DescribeRegins",
      "DescribeDBInstances",
      "DescribeRegins",
    ];
    const fault: Fault = { kind: "reset", call: 2 };
    expect(run([{ ...fault, action: "DescribeRegins" }], calls)).toEqual([200, 200, 200, "reset"]);
    expect(run([fault], calls)).toEqual([200, "reset", 200, 200]);
  });

  test("for so many seconds from its first hit on", () => {
    const emulator = withFault({ kind: "html", action: "DescribeRegins", call: 2, forSeconds: 10 });
    for (const seconds of [100, 9, 0.5, 0.5, 1]) {
      emulator.raw("DescribeRegins");
      emulator.pass(seconds);
    }
    expect(told(emulator)).toEqual([200, "html", "html", "html", 200]);
    expect(emulator.api.faults.faults).toEqual([]);
  });

  test("a kind for some actions counts the calls of those alone", () => {
    const calls = ["DescribeRegins", "DescribeDBInstances"];
    expect(run([{ kind: "stale-list" }], calls)).toEqual([200, "stale-list"]);
  });

  test("of several, the first added hits, and each counts every call", () => {
    const faults: Fault[] = [
      { kind: "reset", call: 2 },
      { kind: "html", call: 1, times: 2 },
      { kind: "http-500", call: 4 },
    ];
    expect(run(faults, five)).toEqual(["html", "reset", 200, "http-500", 200]);
  });

  test("counting begins when the fault is added", () => {
    const emulator = new VirtualEmulator();
    emulator.call("DescribeRegins");
    emulator.api.faults.add({ kind: "html", call: 2 });
    for (const action of five) emulator.raw(action);
    expect(told(emulator)).toEqual([200, 200, "html", 200, 200, 200]);
  });

  test("a request that names no action of the API is none of the calls", () => {
    const emulator = withFault({ kind: "html" });
    emulator.send("GET", "/");
    emulator.send("GET", "/mysql/?Action=DescribeRegins");
    emulator.send("GET", "/redis/?Action=DescribeEverything");
    emulator.raw("DescribeRegins");
    expect(told(emulator)).toEqual([404, 404, 400, "html"]);
  });

  test("a call is hit whoever signed it: the fault comes first", () => {
    const emulator = withFault({ kind: "http-502" });
    const answer = emulator.api.handle({
      method: "GET",
      url: "/redis?Action=DescribeRegins",
      body: "",
    });
    expect(answer.status).toBe(502);
  });

  test("those that may still hit are listed, until they are cleared; hits stay", () => {
    const emulator = withFault(
      { kind: "html", times: 2 },
      { kind: "reset", action: "DescribeRegins", call: 5, when: "after" },
    );
    emulator.raw("DescribeRegins");
    const html = { kind: "html", call: 1, times: 2, when: "before", seen: 1 };
    const reset = {
      kind: "reset",
      action: "DescribeRegins",
      call: 5,
      times: 1,
      when: "after",
      seen: 1,
    };
    expect(emulator.api.faults.faults).toEqual([html, reset]);
    emulator.raw("DescribeRegins");
    expect(emulator.api.faults.faults).toEqual([{ ...reset, seen: 2 }]);
    emulator.api.faults.clear();
    expect(emulator.api.faults.faults).toEqual([]);
    expect(emulator.call("DescribeRegins").code).toBe("Success");
    expect(emulator.api.faults.hits).toHaveLength(2);
  });

  test("the same calls meet the same faults again", () => {
    const both = [1, 2].map(() => {
      const emulator = withFault({ kind: "two-ids" }, { kind: "html", call: 2, when: "after" });
      for (let index = 0; index < 3; index += 1) emulator.raw("CreateDBInstance", ORDER);
      return [emulator.api.requests, emulator.api.faults.hits, emulator.store.instances()];
    });
    expect(both[0]).toEqual(both[1]);
  });
});

describe("the file of a backup", () => {
  const fileUrl = (emulator: VirtualEmulator): string => {
    const InstanceUuid = emulator.runningInstance();
    emulator.call("CreateBackup", { InstanceUuid });
    emulator.pass(30);
    const BackupId = emulator.store.backups()[0]?.backupId ?? "";
    const { data } = emulator.call("DownloadBackup", { InstanceUuid, BackupId });
    return (
      (data as Record<string, string>)["BackupDownloadUrl"]?.replace(/^http:\/\/[^/]+/, "") ?? ""
    );
  };

  test.each<[FaultKind, number, string]>([
    ["reset", 0, ""],
    ["http-503", 503, "<html>"],
    ["truncated", 200, "REDIS0009"],
    ["empty-body", 200, ""],
  ])("%s can hit it", (kind, status, part) => {
    const emulator = new VirtualEmulator();
    const url = fileUrl(emulator);
    emulator.api.faults.add({ kind, action: "BackupFile", when: "after" });
    const answer = emulator.api.download({ method: "GET", url });
    expect(answer.status).toBe(status);
    expect(answer.body.toString("latin1")).toContain(part);
    expect(answer.body).toHaveLength(kind === "truncated" ? 9 : answer.body.length);
    expect(emulator.api.requests.at(-1)).toMatchObject({ action: "BackupFile", fault: kind });
    expect(emulator.api.download({ method: "GET", url }).body).toHaveLength(18);
  });

  test("odd JSON can't stand for it", () => {
    const emulator = withFault({ kind: "null-data" });
    emulator.api.download({ method: "GET", url: "/backups/none" });
    expect(told(emulator)).toEqual([403]);
  });
});
