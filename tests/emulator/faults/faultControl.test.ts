import { request as httpRequest } from "node:http";

import { FAULT_KINDS, startEmulator, type Emulator } from "../../../emulator";
import { refusalOf, type ControlRequest } from "../../../emulator/control/controlGuard";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.close());

interface Listed {
  readonly faults: readonly unknown[];
  readonly hits: readonly unknown[];
  readonly kinds?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly error?: string;
}

async function control(
  method: string,
  body?: unknown,
  headers: Record<string, string> = { "Content-Type": "application/json" },
): Promise<{ status: number; told: Listed }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? { method } : { method, body: text, headers };
  const answer = await fetch(emulator.faultsUrl, init);
  return { status: answer.status, told: (await answer.json()) as Listed };
}

describe("the control endpoint", () => {
  test("adds one or several, lists them with what they hit, and clears them", async () => {
    expect(emulator.faultsUrl).toBe(`${emulator.url}/_emulator/faults`);
    const reset = { kind: "reset", action: "CreateDBInstance", call: 2, when: "after" };
    expect(await control("POST", reset)).toMatchObject({ status: 200, told: { faults: [reset] } });
    await control("POST", [{ kind: "http-502" }, { kind: "html", times: "always" }]);
    expect(emulator.faults.faults).toMatchObject([
      { ...reset, times: 1, seen: 0 },
      { kind: "http-502", call: 1, times: 1, when: "before", seen: 0 },
      { kind: "html", times: "always" },
    ]);
    expect((await fetch(`${emulator.url}/redis/?Action=DescribeRegins`)).status).toBe(502);
    const { told } = await control("GET");
    expect(told.faults).toEqual(emulator.faults.faults);
    expect(told.faults).toHaveLength(2);
    expect(told.hits).toMatchObject([{ kind: "http-502", action: "DescribeRegins" }]);
    expect((await control("DELETE")).told).toEqual({ faults: [], hits: told.hits });
    expect(emulator.faults.faults).toEqual([]);
    // It is none of the vendor's calls.
    expect(emulator.requests).toHaveLength(1);
  });

  test("tells the kinds that a server can do, with their meaning", async () => {
    const { told } = await control("GET");
    const possible = FAULT_KINDS.filter((kind) => !["dns", "refused", "tls"].includes(kind));
    expect(Object.keys(told.kinds ?? {})).toEqual(possible);
    expect(told.kinds?.["http-502"]).toBe("HTTP 502 of a gateway: HTML.");
    expect(Object.keys(told.fields ?? {})).toContain("forSeconds");
    expect(told.fields?.["kind"]).toBe("What goes wrong.");
  });

  test.each([
    ["{", "is not JSON"],
    [{ kind: "explode" }, "name one of"],
    [3, "must be an object"],
    [{ kind: "dns" }, "can't be out of reach for one call. Take reset"],
    [[{ kind: "reset" }, { kind: "reset", call: 0 }], "call must be"],
  ])("%j is refused with a reason, and nothing of it is added", async (body, reason) => {
    const { status, told } = await control("POST", body);
    expect([status, told.error]).toEqual([400, expect.stringContaining(reason)]);
    expect(emulator.faults.faults).toEqual([]);
  });

  test("the object of a server refuses as well what a server can't do", () => {
    expect(() => {
      emulator.faults.add({ kind: "tls" });
    }).toThrow(/not possible on an emulator that listens/);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])(
    "what a form of a web page can post is not taken: %s",
    async (type) => {
      const { status } = await control("POST", { kind: "reset" }, { "Content-Type": type });
      expect(status).toBe(415);
      expect(emulator.faults.faults).toEqual([]);
    },
  );

  test("a page that asks first is not let in", async () => {
    const answer = await fetch(emulator.faultsUrl, { method: "OPTIONS" });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST, DELETE"]);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("a page whose own name was given this address is not let in", async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { Host: "rebound.example", "Content-Type": "application/json" };
      const request = httpRequest(emulator.faultsUrl, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.end('{"kind":"reset"}');
    });
    expect([status, emulator.faults.faults]).toEqual([403, []]);
  });

  test("where the emulator listens for all, its URL is one of this machine", async () => {
    const open = await startEmulator({ host: "0.0.0.0", allowRemote: true });
    try {
      expect(open.faultsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_emulator\/faults$/);
      expect((await fetch(open.faultsUrl)).status).toBe(200);
    } finally {
      await open.close();
    }
  });
});

describe("who is let in", () => {
  /** The status of the refusal; undefined for who is let in. */
  const from = (change: Partial<ControlRequest>): number | undefined =>
    refusalOf({ remoteAddress: "127.0.0.1", host: "127.0.0.1:43017", ...change })?.status;

  test.each(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])("from %s: yes", (address) => {
    expect(from({ remoteAddress: address })).toBeUndefined();
  });

  test.each(["192.168.1.7", "::ffff:10.0.0.1", "fe80::1", "0.0.0.0", undefined])(
    "from %s: no",
    (address) => {
      expect(from({ remoteAddress: address })).toBe(403);
    },
  );

  test.each(["localhost:43017", "LOCALHOST", "[::1]:43017", "[::1]", "127.0.0.1"])(
    "as %s: yes",
    (host) => {
      expect(from({ host })).toBeUndefined();
    },
  );

  test.each(["example.com", "127.0.0.1.example.com", "192.168.1.7:43017", "", undefined])(
    "as %s: no",
    (host) => {
      expect(from({ host })).toBe(403);
    },
  );
});
