import type { Fault } from "../../../emulator";
import { CONTROL_TEXT } from "../../../emulator/faults/controlText";
import { CLUSTER, ORDER, VirtualEmulator } from "../virtualEmulator";

function withFault(...faults: readonly Fault[]): VirtualEmulator {
  const emulator = new VirtualEmulator();
  for (const fault of faults) emulator.api.faults.add(fault);
  return emulator;
}

describe("a request that reaches the vendor twice", () => {
  test.each([
    ["doubled-request", 403],
    ["doubled-request-400", 400],
  ] as const)("%s: one instance is made, and the nonce was used", (kind, status) => {
    const emulator = withFault({ kind, action: "CreateDBInstance" });
    const answer = emulator.call("CreateDBInstance", ORDER);
    expect([answer.status, answer.code]).toEqual([status, "SignatureNonceUsed"]);
    const [made, ...more] = emulator.store.instances();
    expect([made?.instanceName, more]).toEqual(["cache", []]);
    expect(emulator.api.requests).toMatchObject([{ status, code: "SignatureNonceUsed" }]);
    expect(emulator.lines[0]).toContain(`made=${made?.instanceUuid ?? ""} fault=${kind}`);
  });

  test("the n-th delete is carried out as well", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance();
    emulator.api.faults.add({ kind: "doubled-request", action: "DeleteDBInstance" });
    expect(emulator.call("DeleteDBInstance", { InstanceUuid }).code).toBe("SignatureNonceUsed");
    expect(emulator.store.instances()).toMatchObject([{ status: "DELETING" }]);
  });
});

describe("a refusal after the call was carried out", () => {
  test.each([
    ["http-403-gateway", 403],
    ["http-401", 401],
  ] as const)("%s: the instance is made", (kind, status) => {
    const emulator = withFault({ kind, action: "CreateDBInstance", when: "after" });
    expect(emulator.raw("CreateDBInstance", ORDER).status).toBe(status);
    expect(emulator.store.instances()).toHaveLength(1);
  });
});

describe("a refusal under another status", () => {
  test.each([
    ["refusal-under-200", 200],
    ["refusal-under-400", 400],
  ] as const)("%s: a clock that is wrong, until it is right", (kind, status) => {
    const emulator = withFault({ kind, times: "always" });
    const { url } = emulator.request("DescribeRegins");
    emulator.pass(3600);
    const answer = emulator.send("GET", url);
    expect([answer.status, answer.code]).toEqual([status, "TimestampExpired"]);
    expect(answer.headers["Date"]).toBe("Sat, 21 Nov 2026 09:30:00 GMT");
    expect(emulator.call("DescribeRegins").code).toBe("Success");
  });

  test("refusal-under-200: too many calls", () => {
    const emulator = new VirtualEmulator({ callsPerSecond: 1 });
    emulator.api.faults.add({ kind: "refusal-under-200", times: "always" });
    emulator.call("DescribeRegins");
    const { status, code } = emulator.call("DescribeRegins");
    expect([status, code]).toEqual([200, "TooManyRequests"]);
    emulator.pass(2);
    expect(emulator.call("DescribeRegins").code).toBe("Success");
  });
});

describe("another delivery than ordered", () => {
  const delivered = (kind: Fault["kind"], order = {}): Record<string, unknown>[] => {
    const emulator = withFault({ kind });
    emulator.call("CreateDBInstance", { ...ORDER, ...order });
    emulator.call("CreateDBInstance", { ...ORDER, ...order });
    return emulator.list("DescribeDBInstances");
  };

  test("other-size: twice the memory, of the n-th order alone", () => {
    expect(delivered("other-size").map(({ Ram }) => Ram)).toEqual([2048, 1024]);
  });

  test("other-version", () => {
    expect(delivered("other-version").map(({ Version }) => Version)).toEqual(["4.0", "2.8.19"]);
  });

  test("other-port", () => {
    expect(delivered("other-port").map(({ Port }) => Port)).toEqual([9737, 9736]);
    const ports = delivered("other-port", { ServicePort: 65535 }).map(({ Port }) => Port);
    expect(ports).toEqual([65534, 65535]);
  });
});

describe("late-entry", () => {
  test("an instance is made at once and listed late, while a query by id finds it", () => {
    const emulator = withFault({ kind: "late-entry", seconds: 30 });
    const { data } = emulator.call("CreateDBInstance", ORDER);
    emulator.call("CreateDBInstance", { ...ORDER, InstanceName: "other" });
    const [InstanceUuid = ""] = (data as { InstancesUuid: string[] }).InstancesUuid;
    expect(emulator.store.instances()).toHaveLength(2);
    expect(emulator.list("DescribeDBInstances")).toMatchObject([{ InstanceName: "other" }]);
    expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toHaveLength(1);
    emulator.pass(29.9);
    expect(emulator.list("DescribeDBInstances")).toHaveLength(1);
    emulator.pass(0.1);
    expect(emulator.list("DescribeDBInstances")).toMatchObject([
      { InstanceName: "cache", InstanceUuid },
      { InstanceName: "other" },
    ]);
  });

  test("byId: a query by id does not find it either, and after a minute both do", () => {
    const emulator = withFault({ kind: "late-entry", byId: true });
    const { data } = emulator.call("CreateDBInstance", ORDER);
    const [InstanceUuid = ""] = (data as { InstancesUuid: string[] }).InstancesUuid;
    emulator.pass(59);
    expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toEqual([]);
    emulator.pass(1);
    expect(emulator.list("DescribeDBInstances", { InstanceUuid })).toHaveLength(1);
  });

  test("one shard of a backup, or all of them", () => {
    const emulator = new VirtualEmulator();
    const InstanceUuid = emulator.runningInstance({ PaasGoodsId: CLUSTER });
    emulator.api.faults.add({ kind: "late-entry", action: "CreateBackup", seconds: 45, shard: 2 });
    emulator.call("CreateBackup", { InstanceUuid, Desc: "one late" });
    const shards = emulator.store.backups().map(({ shardId }) => shardId);
    const listed = (): unknown[] =>
      emulator
        .list("DescribeBackups", { InstanceUuid })
        .map(({ ShardId }) => ShardId)
        .reverse();
    expect(listed()).toEqual(shards.filter((_, index) => index !== 1));
    emulator.pass(45);
    expect(listed()).toEqual(shards);
    emulator.api.faults.add({ kind: "late-entry" });
    emulator.call("CreateBackup", { InstanceUuid, Desc: "all late" });
    expect(listed()).toEqual(shards);
    emulator.pass(60);
    expect(listed()).toHaveLength(2 * shards.length);
  });

  test("a restart keeps it", () => {
    const before = withFault({ kind: "late-entry" });
    before.call("CreateDBInstance", ORDER);
    const after = new VirtualEmulator({}, { snapshot: before.store.snapshot() });
    expect(after.list("DescribeDBInstances")).toEqual([]);
    after.pass(60);
    expect(after.list("DescribeDBInstances")).toHaveLength(1);
  });
});

test("control-text: Message and TaskId, in an answer that succeeds", () => {
  const emulator = withFault({ kind: "control-text" });
  const { code, message, text } = emulator.call("CreateDBInstance", ORDER);
  expect([code, message]).toEqual(["Success", `Success.${CONTROL_TEXT}`]);
  expect(JSON.parse(text)).toMatchObject({ TaskId: CONTROL_TEXT });
  for (const character of ["\u001b[", "\u001b]0;", "\u0007", "\u202e", "\n"]) {
    expect(message).toContain(character);
  }
});

test("http-400-control: Code, Message and TaskId; the emulator's own log stays one line", () => {
  const emulator = withFault({ kind: "http-400-control" });
  const { code, message, text } = emulator.call("CreateDBInstance", ORDER);
  const { TaskId } = JSON.parse(text) as { readonly TaskId: string };
  for (const part of [code, message, TaskId]) expect(part).toContain(CONTROL_TEXT);
  expect(emulator.lines).toHaveLength(1);
  expect(emulator.lines[0]).not.toMatch(/\p{Cc}|\u202e/u);
});
