import { request as httpRequest } from "node:http";
import { get } from "node:http";

import { startEmulator, type Emulator, type EmulatorView } from "../../../emulator";
import { refusalOf } from "../../../emulator/control/controlGuard";

const ORDER = {
  ...{ instanceName: "cache", regionId: "CN_Hongkong_A", displayName: "", vdcId: "vdc-1" },
  ...{ vdcName: "hongkong", basePipeId: "pipe-1", paasGoodsId: 8075, ramGb: 20, version: "5.0" },
  ...{ subProductName: "Redis 集群版", isCluster: false, linkType: "", linkName: "", port: 9736 },
};

let emulator: Emulator;
let id: string;
let backupId: string;
beforeEach(async () => {
  emulator = await startEmulator({ deliverySeconds: 100 });
  id = emulator.store.createInstances(ORDER, 1)[0] ?? "";
  backupId = emulator.store.createBackup(id, "nightly")[0] ?? "";
});
afterEach(() => emulator.close());

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function control(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { "Content-Type": "application/json" },
): Promise<Told> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? { method } : { method, body: text, headers };
  const answer = await fetch(`${emulator.url}/_emulator/${path}`, init);
  return { status: answer.status, body: (await answer.json()) as Told["body"] };
}

describe("the control of the account", () => {
  test("shows what the page shows", async () => {
    await fetch(`${emulator.url}/redis/?Action=Nothing`);
    emulator.faults.add({ kind: "reset" });
    const { status, body } = await control("GET", "state");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      instances: [{ instanceUuid: id, instanceName: "cache", status: "CREATING" }],
      backups: [{ backupId, description: "nightly", status: "running" }],
      faults: [{ kind: "reset", seen: 0 }],
      hits: 0,
      calls: [{ number: 1, method: "GET", action: "Nothing", status: 400 }],
    });
    const { callsPerSecond } = body as unknown as EmulatorView;
    expect([callsPerSecond.length, Math.max(...callsPerSecond)]).toEqual([60, 1]);
    // The control is none of the vendor's calls.
    expect(emulator.requests).toHaveLength(1);
  });

  test("changes an instance, and only what it is told", async () => {
    const change = { ramGb: 32, status: "ERROR", tags: [{ tagId: 1, tagName: "team" }] };
    const { status, body } = await control("PATCH", `instances/${id}`, change);
    expect([status, body]).toEqual([200, expect.objectContaining(change)]);
    expect(emulator.store.findInstance(id)).toMatchObject({ ...change, instanceName: "cache" });
    expect((await control("GET", `instances/${id}`)).body).toMatchObject(change);
  });

  test("removes a backup entry, and an instance with its backups", async () => {
    expect(await control("DELETE", `backups/${backupId}`)).toEqual({
      status: 200,
      body: { removed: backupId },
    });
    expect(emulator.store.backups()).toEqual([]);
    emulator.store.createBackup(id, "");
    expect((await control("DELETE", `instances/${id}`)).status).toBe(200);
    expect([emulator.store.instances(), emulator.store.backups()]).toEqual([[], []]);
  });

  test.each([
    ["{", "is not JSON"],
    [[], "the fields are ramGb"],
    [{ ramGb: "8" }, "ramGb: "],
    [{ ramGb: 0 }, "ramGb: "],
    [{ port: 70000 }, "port: "],
    [{ instanceName: "" }, "instanceName: "],
    [{ instanceUuid: "other" }, "instanceUuid"],
    [{ status: "x".repeat(300) }, "status: "],
  ])("%j is refused with a reason, and nothing of it is done", async (change, reason) => {
    const before = emulator.store.findInstance(id);
    const { status, body } = await control("PATCH", `instances/${id}`, change);
    expect([status, body["error"]]).toEqual([400, expect.stringContaining(reason)]);
    expect(emulator.store.findInstance(id)).toEqual(before);
  });

  test.each([
    ["PATCH", "instances/unknown", 404],
    ["DELETE", "backups/unknown", 404],
    ["GET", "unknown", 404],
    ["POST", "state", 405],
    ["DELETE", "events", 405],
  ])("%s %s: %i", async (method, path, expected) => {
    expect((await control(method, path)).status).toBe(expected);
  });

  test.each(["instances", "backups"])(
    "a method that %s lack is named, with the others",
    async (kind) => {
      const path = `${emulator.url}/_emulator/${kind}/${kind === "backups" ? backupId : id}`;
      const answer = await fetch(path, { method: "OPTIONS" });
      expect([answer.status, answer.headers.get("allow")]).toEqual([
        405,
        expect.stringMatching(/^GET, (PATCH, )?DELETE$/),
      ]);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test("what a form of a web page can send changes nothing", async () => {
    const change = await control("PATCH", `instances/${id}`, "{}", {
      "Content-Type": "text/plain",
    });
    expect(change.status).toBe(415);
  });

  test.each(["state", "events", "instances/x", "backups/x", "faults", "unknown", ""])(
    "a page of another site does not get %s",
    async (path) => {
      for (const headers of [
        { Origin: "http://evil.example" },
        { Origin: "null" },
        { Host: "rebound.example" },
      ]) {
        const status = await new Promise((resolve, reject) => {
          const url = `${emulator.url}/_emulator/${path}`;
          const request = httpRequest(url, { method: "DELETE", headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          });
          request.on("error", reject);
          request.end();
        });
        expect(status).toBe(403);
      }
      expect(emulator.store.instances()).toHaveLength(1);
    },
  );

  test.each([
    ["http://127.0.0.1:43017", true],
    ["HTTP://127.0.0.1:43017", true],
    ["http://127.0.0.1:8080", false],
    ["https://127.0.0.1:43017", false],
    ["http://localhost:43017", false],
  ])("the origin %s is its own: %s", (origin, isOwn) => {
    const asker = { remoteAddress: "127.0.0.1", host: "127.0.0.1:43017", origin };
    expect(refusalOf(asker) === undefined).toBe(isOwn);
  });
});

describe("the page", () => {
  test("is for browsers alone: a client of the API gets the API's refusal", async () => {
    const page = await fetch(emulator.pageUrl, { headers: { Accept: "text/html,*/*;q=0.8" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await page.text()).toContain("<title>CDS Redis emulator</title>");
    const answer = await fetch(emulator.pageUrl);
    expect([answer.status, await answer.json()]).toMatchObject([404, { Code: "ResourceNotFound" }]);
  });

  test("may run and load nothing but itself", async () => {
    const { headers } = await fetch(emulator.pageUrl, { headers: { Accept: "text/html" } });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-\S{44}'; style-src 'sha256-\S{44}'; /,
    );
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  test("gets an event at once and after a change, and none where nothing changes", async () => {
    const events: EmulatorView[] = [];
    const heard = async (count: number): Promise<void> => {
      while (events.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const request = get(`${emulator.url}/_emulator/events`, (response) => {
      expect(response.headers["content-type"]).toBe("text/event-stream");
      let rest = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const parts = (rest + chunk).split("\n\n");
        rest = parts.pop() ?? "";
        for (const part of parts)
          events.push(JSON.parse(part.replace("data: ", "")) as EmulatorView);
      });
    });
    request.on("error", () => undefined);
    await heard(1);
    emulator.store.changeInstance(id, { instanceName: "renamed" });
    await heard(2);
    request.destroy();
    expect(events.map(({ instances }) => instances[0]?.instanceName)).toEqual(["cache", "renamed"]);
  });
});
