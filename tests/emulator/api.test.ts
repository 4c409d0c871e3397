import { ORDER, VirtualEmulator } from "./virtualEmulator";

describe("what the documents call an error", () => {
  test.each([
    ["GET", "DescribeAvailableDBConfig", "RegionId"],
    ["POST", "CreateDBInstance", "RegionId"],
    ["POST", "DeleteDBInstance", "InstanceUuid"],
    ["GET", "DescribeBackups", "InstanceUuid"],
    ["GET", "DownloadBackup", "InstanceUuid"],
    ["POST", "CreateBackup", "InstanceUuid"],
    ["POST", "DeleteBackup", "InstanceUuid"],
  ])("%s %s without parameters: ArgMissing names %s", (_method, action, first) => {
    const answer = new VirtualEmulator().call(action);
    expect([answer.status, answer.code]).toEqual([400, "ArgMissing"]);
    expect(answer.message).toContain(first);
  });

  test.each(Object.keys(ORDER))("an order without %s, or with null or empty, misses it", (name) => {
    const emulator = new VirtualEmulator();
    for (const value of [undefined, null, ""]) {
      const answer = emulator.call("CreateDBInstance", { ...ORDER, [name]: value });
      expect([answer.status, answer.code]).toEqual([400, "ArgMissing"]);
    }
    expect(emulator.store.instances()).toEqual([]);
  });

  test("an unknown action and a wrong method are unsupported", () => {
    const emulator = new VirtualEmulator();
    const unknown = emulator.send("GET", `/redis/?${emulator.query("DescribeRegions", "GET")}`);
    expect([unknown.status, unknown.code]).toEqual([400, "UnsupportedOperation"]);
    const method = emulator.send("POST", `/redis/?${emulator.query("DescribeRegins", "POST")}`);
    expect([method.status, method.code]).toEqual([400, "UnsupportedOperation"]);
    expect(method.message).toContain("GET");
  });

  test.each(["{", "[]", "3", '"text"', "null"])("the body %s is malformed", (body) => {
    const emulator = new VirtualEmulator();
    const url = `/redis/?${emulator.query("DeleteDBInstance", "POST")}`;
    const answer = emulator.send("POST", url, body);
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
  });

  test.each([
    ["an unknown region", { RegionId: "CN_Nowhere_A" }],
    ["a specification that is not for sale", { PaasGoodsId: 1 }],
    ["a specification that is not a number", { PaasGoodsId: "large" }],
    ["no whole number", { PaasGoodsId: 5765.5 }],
    ["a name that is no text", { InstanceName: 7 }],
    ["none", { Amount: 0 }],
    ["four at once", { Amount: 4 }],
    ["a port below 1024", { ServicePort: 1023 }],
    ["a port above 65535", { ServicePort: 65536 }],
    ["the port 9100", { ServicePort: 9100 }],
    ["the port 9121", { ServicePort: 9121 }],
    ["the port 9122", { ServicePort: 9122 }],
    ["the port 16379", { ServicePort: 16379 }],
    ["a test group that is no number", { TestGroupId: "mine" }],
    ["a subject that is no number", { SubjectId: {} }],
  ])("an order for %s is an InvalidParameter", (_what, change) => {
    const emulator = new VirtualEmulator();
    const answer = emulator.call("CreateDBInstance", { ...ORDER, ...change });
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
    expect(emulator.store.instances()).toEqual([]);
  });

  test.each(["PUT", "DELETE", "PATCH"])("%s is refused", (method) => {
    const emulator = new VirtualEmulator();
    const answer = emulator.send(method, `/redis/?${emulator.query("DescribeRegins", "GET")}`);
    expect(answer.status).toBe(403);
  });

  test("an error has the vendor's envelope", () => {
    const { text, headers } = new VirtualEmulator().call("DeleteDBInstance", { InstanceUuid: "x" });
    expect(JSON.parse(text)).toEqual({
      Code: "ResourceNotFound",
      Data: {},
      Message: 'There is no instance "x".',
      TaskId: "",
    });
    expect(headers["Content-Type"]).toBe("application/json");
  });
});

describe("the record of requests", () => {
  test("requests can be counted", () => {
    const emulator = new VirtualEmulator();
    emulator.call("DescribeRegins");
    emulator.call("DescribeBackups", { InstanceUuid: "none" });
    expect(emulator.api.requests).toEqual([
      { action: "DescribeRegins", status: 200, code: "Success", at: emulator.now },
      { action: "DescribeBackups", status: 404, code: "ResourceNotFound", at: emulator.now },
    ]);
  });

  test("it stays bounded, and keeps the latest", () => {
    const emulator = new VirtualEmulator();
    for (let index = 0; index < 10_500; index += 1) {
      emulator.now += 1;
      emulator.api.handle({ method: "GET", url: "/", body: "" });
    }
    expect(emulator.api.requests.length).toBeLessThanOrEqual(10_000);
    expect(emulator.api.requests.length).toBeGreaterThanOrEqual(5_000);
    expect(emulator.api.requests.at(-1)?.at).toBe(emulator.now);
  });

  test("a line tells a person what was asked, and how it went", () => {
    const emulator = new VirtualEmulator();
    const uuid = emulator.runningInstance({ InstanceName: "the cache" });
    emulator.call("CreateBackup", { InstanceUuid: uuid, Desc: "before 发布" });
    emulator.call("DeleteDBInstance", { InstanceUuid: uuid });
    const [backup] = emulator.store.backups();
    expect(emulator.lines).toEqual([
      `2026-11-21T08:30:00.000Z POST CreateDBInstance 200 Success 0.0 ms 1/s RegionId=CN_Hongkong_A InstanceName="the cache" PaasGoodsId=5765 made=${uuid}`,
      `2026-11-21T08:33:20.000Z POST CreateBackup 200 Success 0.0 ms 1/s InstanceUuid=${uuid} Desc="before 发布" made=${backup?.backupId ?? ""}`,
      `2026-11-21T08:33:20.000Z POST DeleteDBInstance 409 ResourceInUse 0.0 ms 2/s InstanceUuid=${uuid} "A backup of the instance is under way."`,
    ]);
  });

  test("no text of a request forges a line or steers a terminal", () => {
    const emulator = new VirtualEmulator();
    const nasty = "a\n2026 POST Forged\u001b[2J\u009b2J\u202e";
    emulator.call("DescribeDBInstances", { InstanceName: nasty });
    emulator.send("GET", `/redis/?${emulator.query(nasty, "GET")}`);
    expect(emulator.lines).toHaveLength(2);
    const control = Array.from(emulator.lines.join("")).filter((character) => {
      const code = character.charCodeAt(0);
      return code < 32 || (code > 126 && code < 160) || code === 0x202e;
    });
    expect(control).toEqual([]);
  });
});
