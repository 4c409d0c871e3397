import { FAULT_KINDS, FAULT_MEANINGS, type Fault, type FaultKind } from "../../../emulator";
import { CONTROL_TEXT } from "../../../emulator/faults/controlText";
import {
  isContentKind,
  isEchoKind,
  isOutcomeKind,
  actionsOfKind,
} from "../../../emulator/faults/faultKinds";
import { shown } from "../../../emulator/shown";
import { CLUSTER, ORDER, START, VirtualEmulator } from "../virtualEmulator";

const NOT_SENT: readonly FaultKind[] = ["dns", "refused", "tls"];
const CONNECTION: readonly FaultKind[] = [
  ...NOT_SENT,
  "reset",
  "hang",
  "slow",
  "truncated",
  "huge",
];
const CONTENT = FAULT_KINDS.filter(isContentKind);
const REPLACING = FAULT_KINDS.filter((kind) => !isContentKind(kind));
const SENT = REPLACING.filter((kind) => !NOT_SENT.includes(kind));

/** What an answer of each kind looks like when the call was not carried out: status, Code, a part of the body. */
const SHAPES: Readonly<Record<string, readonly [status: number, code: string, part: string]>> = {
  ...Object.fromEntries(CONNECTION.map((kind) => [kind, [0, "", ""]])),
  "http-400": [400, "InvalidParameter", '"Code":"InvalidParameter"'],
  "http-401": [401, "Unauthorized", '"Code":"Unauthorized"'],
  "http-403": [403, "Forbidden", '"Code":"Forbidden"'],
  "http-404": [404, "ResourceNotFound", '"Code":"ResourceNotFound"'],
  "http-409": [409, "ResourceInUse", '"Code":"ResourceInUse"'],
  "http-429": [429, "TooManyRequests", '"Code":"TooManyRequests"'],
  "http-429-retry-after": [429, "", "<html>"],
  "http-500": [500, "InternalError", '"Code":"InternalError"'],
  "http-500-order": [500, "CreateOrderExcept", '"Code":"CreateOrderExcept"'],
  "http-502": [502, "", "<h1>502 Bad Gateway</h1>"],
  "http-503": [503, "", "<html>"],
  "http-504": [504, "", "<html>"],
  "http-403-gateway": [403, "", "<h1>403 Forbidden</h1>"],
  "http-200-throttled": [200, "TooManyRequests", '"Code":"TooManyRequests"'],
  "http-400-throttled": [400, "TooManyRequests", '"Code":"TooManyRequests"'],
  "http-200-expired": [200, "TimestampExpired", '"Code":"TimestampExpired"'],
  "http-400-expired": [400, "TimestampExpired", '"Code":"TimestampExpired"'],
  "http-400-control": [400, `InvalidParameter${CONTROL_TEXT}`, "\\u001b]0;title\\u0007"],
  ...Object.fromEntries(
    FAULT_KINDS.filter(isEchoKind).map((kind) => [
      kind,
      [400, "InvalidParameter", '"Code":"InvalidParameter"'],
    ]),
  ),
  html: [200, "", "<html>"],
  "empty-body": [200, "", ""],
  "malformed-json": [200, "", '{"Code":"Success"'],
  "truncated-json": [200, "", '{"Code":"Success"'],
  "no-code": [200, "", '{"Data":'],
  "error-code": [200, "InternalError", '"Code":"InternalError"'],
  "null-data": [200, "Success", '"Data":null'],
  "empty-list": [200, "Success", '"Data":[]'],
};

function withFault(...faults: readonly Fault[]): VirtualEmulator {
  const emulator = new VirtualEmulator();
  for (const fault of faults) emulator.api.faults.add(fault);
  return emulator;
}

test("each kind has its meaning in a line", () => {
  expect(FAULT_KINDS).toHaveLength(60);
  for (const kind of FAULT_KINDS) expect(FAULT_MEANINGS[kind]).toMatch(/^[^\n]{10,}\.$/);
});

describe.each(REPLACING)("%s", (kind) => {
  const [status, code, part] = SHAPES[kind] ?? [NaN, "", ""];

  test("before: the vendor never sees the call, and the client gets the fault", () => {
    const emulator = withFault({ kind, action: "CreateDBInstance" });
    const request = emulator.request("CreateDBInstance", ORDER);
    const answer = emulator.api.handle(request);
    expect(emulator.store.instances()).toEqual([]);
    expect(answer.transport).toBe(CONNECTION.includes(kind) ? kind : undefined);
    expect(answer.body).toContain(part);
    expect(answer.headers["Date"]).toBe("Sat, 21 Nov 2026 08:30:00 GMT");
    const seen = { action: "CreateDBInstance", at: START };
    expect(emulator.api.requests).toEqual([{ ...seen, status, code, fault: kind }]);
    expect(emulator.api.faults.hits).toEqual([{ ...seen, kind, when: "before" }]);
    // Neither was its nonce used, nor anything drawn that later ids come from.
    expect(emulator.api.handle(request).status).toBe(200);
    const other = new VirtualEmulator();
    other.call("CreateDBInstance", ORDER);
    expect(emulator.store.instances()).toEqual(other.store.instances());
  });

  test("the log shows it, and no secret", () => {
    const emulator = withFault({ kind, action: "CreateDBInstance" });
    emulator.raw("CreateDBInstance", ORDER);
    const word = /^\w*$/.test(code) ? code || "-" : shown(code);
    expect(emulator.lines).toEqual([
      `2026-11-21T08:30:00.000Z POST CreateDBInstance ${status} ${word} 0.0 ms 1/s fault=${kind}`,
    ]);
  });
});

describe.each(SENT)("%s after", (kind) => {
  test("the call is carried out, and the client gets the fault", () => {
    const emulator = withFault({ kind, action: "CreateDBInstance", when: "after" });
    const request = emulator.request("CreateDBInstance", ORDER);
    const answer = emulator.api.handle(request);
    const [made] = emulator.store.instances();
    expect(made).toMatchObject({ instanceName: "cache" });
    expect(answer.transport).toBe(CONNECTION.includes(kind) ? kind : undefined);
    const [status, code] = SHAPES[kind] ?? [];
    const seen = { action: "CreateDBInstance", at: START };
    expect(emulator.api.requests).toEqual([{ ...seen, status, code, fault: kind }]);
    expect(emulator.api.faults.hits).toEqual([{ ...seen, kind, when: "after" }]);
    expect(emulator.lines[0]).toContain(
      `made=${made?.instanceUuid ?? ""} fault=${kind} after=Success`,
    );
    expect(emulator.send("POST", request.url, request.body).code).toBe("SignatureNonceUsed");
  });

  test("a refusal of the vendor is replaced as well, and logged", () => {
    const emulator = withFault({ kind, action: "DeleteDBInstance", when: "after" });
    emulator.raw("DeleteDBInstance", { InstanceUuid: "none" });
    expect(emulator.lines[0]).toMatch(new RegExp(` fault=${kind} after=ResourceNotFound$`));
  });
});

describe("what is passed on of the real answer", () => {
  test.each(["truncated", "truncated-json"] as const)("%s: its first half", (kind) => {
    const whole = new VirtualEmulator().raw("DescribeRegins").body;
    const { body } = withFault({ kind, when: "after" }).raw("DescribeRegins");
    expect(body).toBe(whole.slice(0, Math.floor(whole.length / 2)));
    expect(() => JSON.parse(body) as unknown).toThrow();
  });

  test.each(["slow", "huge"] as const)("%s: all of it, in so many bytes as it has", (kind) => {
    const whole = new VirtualEmulator().raw("DescribeRegins");
    const answer = withFault({ kind, when: "after" }).raw("DescribeRegins");
    expect(answer).toEqual({ ...whole, transport: kind });
  });

  test("no-code: all but its Code", () => {
    const answer = withFault({ kind: "no-code", when: "after" }).raw("CreateDBInstance", ORDER);
    const { InstancesUuid } = new VirtualEmulator().call("CreateDBInstance", ORDER).data as {
      InstancesUuid: string[];
    };
    expect(JSON.parse(answer.body)).toMatchObject({ Data: { InstancesUuid } });
    expect(answer.body).not.toContain("Code");
  });

  test("two headers tell when to come again", () => {
    const after = (kind: FaultKind): string | undefined =>
      withFault({ kind }).raw("DescribeRegins").headers["Retry-After"];
    expect(
      ["http-429-retry-after", "http-503", "http-429"].map((kind) => after(kind as FaultKind)),
    ).toEqual(["5", "2", undefined]);
  });
});

describe("kinds that change what is told", () => {
  test("no-id: made, and not told", () => {
    const emulator = withFault({ kind: "no-id", action: "CreateDBInstance" });
    expect(emulator.call("CreateDBInstance", ORDER)).toMatchObject({ code: "Success", data: {} });
    expect(emulator.store.instances()).toHaveLength(1);
    expect(emulator.api.faults.hits).toMatchObject([{ kind: "no-id", when: "after" }]);
  });

  test("two-ids: made twice, and both told; of Amount 3 too, which the vendor would not double", () => {
    for (const Amount of [1, 3]) {
      const emulator = withFault({ kind: "two-ids" });
      const { data } = emulator.call("CreateDBInstance", { ...ORDER, Amount });
      const ids = emulator.store.instances().map(({ instanceUuid }) => instanceUuid);
      expect(ids).toHaveLength(2 * Amount);
      expect(data).toEqual({ InstancesUuid: ids });
      expect(emulator.api.requests).toMatchObject([{ status: 200, code: "Success" }]);
    }
  });

  test("two-ids: the first edition tells no ids of either", () => {
    const emulator = new VirtualEmulator({ edition: "first" });
    emulator.api.faults.add({ kind: "two-ids" });
    expect(emulator.call("CreateDBInstance", ORDER).data).toEqual({});
    expect(emulator.store.instances()).toHaveLength(2);
  });

  test("stale-list: without the newest, in the order of either list", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance();
    emulator.call("CreateDBInstance", { ...ORDER, InstanceName: "newer" });
    for (const Desc of ["first", "second"]) {
      emulator.call("CreateBackup", { InstanceUuid: uuid, Desc });
      emulator.pass(30);
    }
    emulator.api.faults.add({ kind: "stale-list", times: 2 });
    expect(emulator.list("DescribeDBInstances")).toMatchObject([{ InstanceName: "cache" }]);
    expect(emulator.list("DescribeBackups", { InstanceUuid: uuid })).toMatchObject([
      { Desc: "first" },
    ]);
    expect(emulator.list("DescribeDBInstances")).toHaveLength(2);
  });

  test("failed-status: what is not ready shows as failed, what is ready stays", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance({ PaasGoodsId: CLUSTER });
    emulator.call("CreateBackup", { InstanceUuid: uuid, Desc: "done" });
    emulator.pass(30);
    emulator.call("CreateBackup", { InstanceUuid: uuid, Desc: "new" });
    emulator.call("CreateDBInstance", { ...ORDER, InstanceName: "new" });
    emulator.api.faults.add({ kind: "failed-status", times: "always" });
    expect(emulator.list("DescribeDBInstances")).toMatchObject([
      { InstanceName: "cache", Status: "RUNNING", StatusStr: "运行中" },
      { InstanceName: "new", Status: "ERROR", StatusStr: "异常" },
    ]);
    const backups = emulator.list("DescribeBackups", { InstanceUuid: uuid });
    expect(backups.map(({ Desc, Status }) => [Desc, Status])).toEqual([
      ...Array.from({ length: 5 }, () => ["new", "failed"]),
      ...Array.from({ length: 5 }, () => ["done", "finished"]),
    ]);
    expect(emulator.store.instances().map(({ status }) => status)).toEqual(["RUNNING", "CREATING"]);
  });

  test.each(CONTENT.filter((kind) => !isOutcomeKind(kind)))(
    "%s: a refusal passes as it is",
    (kind) => {
      const action = actionsOfKind(kind).includes("CreateDBInstance")
        ? "CreateDBInstance"
        : "DescribeBackups";
      const plain = new VirtualEmulator().call(action, { InstanceUuid: "none" });
      const emulator = withFault({ kind, action });
      expect(emulator.call(action, { InstanceUuid: "none" })).toEqual(plain);
      expect(emulator.api.requests).toMatchObject([{ status: plain.status, fault: kind }]);
    },
  );
});
