import {
  canonicalQuery,
  formatTimestamp,
  signature,
  signedQuery,
  stringToSign,
} from "../../provider/vendor/signer";
import { RequestVerifier } from "../../emulator/verify";
import { START, VirtualEmulator } from "./virtualEmulator";

const REQUIRED = [
  "Action",
  "AccessKeyId",
  "Signature",
  "SignatureMethod",
  "SignatureNonce",
  "SignatureVersion",
  "Timestamp",
  "Version",
];

describe("who may call", () => {
  test("a request signed as documented is answered", () => {
    const answer = new VirtualEmulator().call("DescribeRegins");
    expect([answer.status, answer.code]).toEqual([200, "Success"]);
  });

  test.each(REQUIRED)("a query without %s is refused as ArgMissing", (name) => {
    const emulator = new VirtualEmulator();
    const query = new URLSearchParams(emulator.query("DescribeRegins", "GET"));
    query.delete(name);
    const answer = emulator.send("GET", `/redis/?${query.toString()}`);
    expect([answer.status, answer.code]).toEqual([400, "ArgMissing"]);
    expect(answer.message).toContain(name);
  });

  test.each([
    ["SignatureMethod", "HMAC-SHA256"],
    ["SignatureVersion", "2.0"],
    ["Version", "2020-01-01"],
    ["Timestamp", "2026-11-21 08:30:00"],
    ["Timestamp", "2026-13-41T08:30:00Z"],
  ])("%s=%s is refused as InvalidParameter", (name, value) => {
    const emulator = new VirtualEmulator();
    const query = new URLSearchParams(emulator.query("DescribeRegins", "GET"));
    query.set(name, value);
    const answer = emulator.send("GET", `/redis/?${query.toString()}`);
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
  });

  test("an unknown key is refused with 401, and not repeated in the answer", () => {
    const emulator = new VirtualEmulator();
    const query = new URLSearchParams(emulator.query("DescribeRegins", "GET"));
    query.set("AccessKeyId", "someone-else");
    const answer = emulator.send("GET", `/redis/?${query.toString()}`);
    expect([answer.status, answer.code]).toEqual([401, "InvalidAccessKeyId"]);
    expect(answer.text).not.toContain("someone-else");
  });

  test("a query changed after it was signed is refused", () => {
    const emulator = new VirtualEmulator();
    const query = emulator.query("DescribeDBInstances", "GET", { InstanceName: "mine" });
    const answer = emulator.send("GET", `/redis/?${query.replace("mine", "yours")}`);
    expect([answer.status, answer.code]).toEqual([403, "SignatureDoesNotMatch"]);
  });

  test("a signature made for the other method is refused", () => {
    const emulator = new VirtualEmulator();
    const answer = emulator.send("POST", `/redis/?${emulator.query("DescribeRegins", "GET")}`);
    expect([answer.status, answer.code]).toEqual([403, "SignatureDoesNotMatch"]);
  });

  test("the JSON body is not signed", () => {
    const emulator = new VirtualEmulator();
    const url = `/redis/?${emulator.query("DeleteDBInstance", "POST")}`;
    const answer = emulator.send("POST", url, JSON.stringify({ InstanceUuid: "none" }));
    expect(answer.code).toBe("ResourceNotFound");
  });

  test("a form-encoded query (+ for a space, unsorted) is decoded before it is verified", () => {
    const emulator = new VirtualEmulator();
    const name = "a b+c*d~e/é 缓存 (1)'!";
    const signed = new URLSearchParams(
      emulator.query("DescribeDBInstances", "GET", { InstanceName: name }),
    );
    const shuffled = new URLSearchParams([...signed].reverse());
    expect(shuffled.toString()).toContain("a+b%2Bc*d%7Ee");
    expect(emulator.send("GET", `/redis/?${shuffled.toString()}`).status).toBe(200);
  });

  test("a parameter sent twice alike, as the vendor's Python example does, counts once", () => {
    const emulator = new VirtualEmulator();
    const query = emulator.query("DescribeDBInstances", "GET", { InstanceName: "a b" });
    expect(emulator.send("GET", `/redis/?${query}&InstanceName=a+b`).status).toBe(200);
    const other = emulator.query("DescribeDBInstances", "GET", { InstanceName: "a b" });
    const answer = emulator.send("GET", `/redis/?${other}&InstanceName=c`);
    expect([answer.status, answer.code]).toEqual([400, "InvalidParameter"]);
  });

  test("/redis without the last slash is the same place, any other path is none", () => {
    const emulator = new VirtualEmulator();
    const at = (path: string): number =>
      emulator.send("GET", `${path}?${emulator.query("DescribeRegins", "GET")}`).status;
    expect([at("/redis/"), at("/redis"), at("/"), at("/mysql/")]).toEqual([200, 200, 404, 404]);
  });
});

describe("freshness", () => {
  const at = (emulator: VirtualEmulator, seconds: number, nonce: string): string => {
    const query = signedQuery(
      {
        action: "DescribeRegins",
        method: "GET",
        params: {},
        nonce,
        timestamp: formatTimestamp(emulator.now + seconds * 1000),
      },
      emulator.api.credentials,
    );
    return emulator.send("GET", `/redis/?${query}`).code;
  };

  test("a timestamp is good for 15 minutes, before and after", () => {
    const emulator = new VirtualEmulator();
    expect(at(emulator, -900, "a")).toBe("Success");
    expect(at(emulator, -901, "b")).toBe("TimestampExpired");
    expect(at(emulator, 900, "c")).toBe("Success");
    expect(at(emulator, 901, "d")).toBe("TimestampExpired");
  });

  test("the window can be chosen", () => {
    const emulator = new VirtualEmulator({ timestampWindowSeconds: 5 });
    expect(at(emulator, -5, "a")).toBe("Success");
    expect(at(emulator, -6, "b")).toBe("TimestampExpired");
  });

  test("an expired timestamp answers with the emulator's time in Date", () => {
    const emulator = new VirtualEmulator();
    const url = `/redis/?${emulator.query("DescribeRegins", "GET")}`;
    emulator.pass(3600);
    const answer = emulator.send("GET", url);
    expect([answer.status, answer.code]).toEqual([403, "TimestampExpired"]);
    expect(answer.headers["Date"]).toBe("Sat, 21 Nov 2026 09:30:00 GMT");
  });

  test("a nonce is good once, for as long as its timestamp is", () => {
    const emulator = new VirtualEmulator();
    const url = `/redis/?${emulator.query("DescribeRegins", "GET")}`;
    expect(emulator.send("GET", url).code).toBe("Success");
    expect(emulator.send("GET", url).code).toBe("SignatureNonceUsed");
    emulator.pass(900);
    expect(emulator.send("GET", url).code).toBe("SignatureNonceUsed");
    emulator.pass(1);
    expect(emulator.send("GET", url).code).toBe("TimestampExpired");
  });

  test("a nonce of a request from the future is remembered until its own end", () => {
    const emulator = new VirtualEmulator();
    expect(at(emulator, 900, "future")).toBe("Success");
    emulator.pass(1800);
    expect(at(emulator, -900, "future")).toBe("SignatureNonceUsed");
  });

  test("a refused signature does not use up the nonce", () => {
    const emulator = new VirtualEmulator();
    const query = emulator.query("DescribeRegins", "GET");
    expect(emulator.send("GET", `/redis/?${query}&Extra=1`).code).toBe("SignatureDoesNotMatch");
    expect(emulator.send("GET", `/redis/?${query}`).code).toBe("Success");
  });

  test("the memory of nonces stays bounded", () => {
    const credentials = { accessKeyId: "id", accessKeySecret: "secret" };
    const verifier = new RequestVerifier(credentials, 10_000);
    for (let second = 0; second < 1000; second += 1) {
      const now = START + second * 1000;
      const query: Record<string, string> = {
        Action: "DescribeRegins",
        AccessKeyId: "id",
        SignatureMethod: "HMAC-SHA1",
        SignatureNonce: `n${second}`,
        SignatureVersion: "1.0",
        Timestamp: formatTimestamp(now),
        Version: "2019-08-08",
      };
      const text = stringToSign("GET", canonicalQuery(query));
      verifier.verify("GET", { ...query, Signature: signature(text, "secret") }, now);
    }
    expect(verifier.rememberedNonces).toBeLessThanOrEqual(30);
  });
});
