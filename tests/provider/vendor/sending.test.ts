import type { Agent } from "node:https";

import { AxiosHeaders, CanceledError, type AxiosAdapter } from "axios";

import { CdsConnectionError } from "../../../provider/vendor/errors";
import { inVirtualTime } from "../../virtualTime";
import { KINDS, refusal, reset } from "./badAnswers";
import { failure, PASSWORD, read, READ_ATTEMPTS, write } from "./calls";
import { clientAnswered, refused, success } from "./inProcess";
import { answering, clientOf, closeRawServers, startRawServer, type RawServer } from "./rawServer";

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeRawServers();
});

describe("how often a call is sent", () => {
  test.each(KINDS)("a write once: $kind", async ({ answer }) => {
    const server = await startRawServer(answer);
    await failure(write(clientOf(server.url)));
    expect(server.requests).toHaveLength(1);
  });

  // The vendor's limit of calls makes the next attempts wait: below, in virtual time.
  test.each(KINDS.filter(({ error }) => !("httpStatus" in error) || error.httpStatus !== 429))(
    "a read again if that may help: $kind",
    async ({ answer, transient }) => {
      const server = await startRawServer(answer);
      await failure(read(clientOf(server.url)));
      expect(server.requests).toHaveLength(transient ? READ_ATTEMPTS : 1);
      expect(server.requests.every((request) => request.url.startsWith("/redis/?"))).toBe(true);
    },
  );

  test("a read again after the vendor limits the rate", () =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(() => refused(429, "Throttling"));
      await failure(read(client));
      expect(requests).toHaveLength(READ_ATTEMPTS);
    }));

  test("a read that fails once succeeds", async () => {
    const server: RawServer = await startRawServer((request, response) => {
      const answer =
        server.requests.length === 1 ? reset : answering(200, '{"Code":"Success","Data":[]}');
      answer(request, response);
    });
    await expect(read(clientOf(server.url))).resolves.toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test("each attempt has a nonce, a time and a signature of its own", () =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(() =>
        refused(500, "InternalError", "No.", { "retry-after": "1" }),
      );
      await failure(read(client));
      const of = (name: string): (string | null)[] => requests.map(({ query }) => query.get(name));
      for (const name of ["SignatureNonce", "Timestamp", "Signature"])
        expect(new Set(of(name)).size).toBe(READ_ATTEMPTS);
    }));

  test.each([
    ["2", 2_000],
    ["Sat, 21 Nov 2026 08:30:05 GMT", 5_000],
    ["0", 0],
    ["Sat, 21 Nov 2026 08:00:00 GMT", 0],
  ])("Retry-After %s is waited for by all calls of the account", (header, waits) =>
    inVirtualTime(async () => {
      jest.setSystemTime(Date.parse("2026-11-21T08:30:00Z"));
      const { client, requests } = clientAnswered((_request, before) =>
        before === 0 ? refused(429, "Throttling", "No.", { "retry-after": header }) : success(),
      );
      const first = read(client);
      const refusedAlone = failure(
        write(
          clientAnswered(() => refused(429, "Throttling", "No.", { "retry-after": header })).client,
        ),
      );
      expect(await refusedAlone).toMatchObject({ retryAfterMs: waits });
      await Promise.all([first, read(client)]);
      const [start = 0, ...later] = requests.map(({ at }) => at);
      // Where the vendor names no time, the pace has one of its own.
      for (const at of later) expect(at - start).toBeGreaterThanOrEqual(waits === 0 ? 0 : waits);
      expect(Math.max(...later) - start).toBeLessThanOrEqual(Math.max(waits, 1_000));
    }),
  );

  test("a Retry-After that makes no sense is none", async () => {
    const server = await startRawServer(
      answering(429, refusal("Throttling"), { "Retry-After": "soon" }),
    );
    expect(await failure(write(clientOf(server.url)))).toMatchObject({ retryAfterMs: undefined });
  });
});

test("a write sends its parameters in the body alone", async () => {
  const server = await startRawServer(answering(200, { Code: "Success", Data: {} }));
  await write(clientOf(server.url));
  const [request] = server.requests;
  expect(request?.method).toBe("POST");
  expect(JSON.parse(request?.body ?? "")).toEqual({
    RegionId: "CN_Hongkong_A",
    VdcId: "vdc-1",
    BasePipeId: "pipe-1",
    InstanceName: "cache",
    PaasGoodsId: 8063,
    Password: PASSWORD,
    Amount: 1,
  });
  expect([...(request?.query.keys() ?? [])].sort()).toEqual([
    "AccessKeyId",
    "Action",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
  ]);
});

test("an unused connection stays open between polls, which are up to 15 s apart", async () => {
  const adapter = jest.fn<Promise<never>, Parameters<AxiosAdapter>>(() =>
    Promise.reject(new Error("no")),
  );
  await failure(write(clientOf("https://cds.invalid", { adapter })));
  const agent = adapter.mock.calls[0]?.[0].httpsAgent as Agent;
  expect(agent.options.keepAlive).toBe(true);
  expect(agent.options.timeout).toBeGreaterThan(15_000);
});

describe("a call that is never answered", () => {
  /** Gives up when it is told to, as the network would. */
  const silent: AxiosAdapter = (config) =>
    new Promise((_resolve, reject) => {
      config.signal?.addEventListener?.("abort", () => {
        reject(new CanceledError());
      });
    });

  test("ends after 30 s, and may have been carried out", () =>
    inVirtualTime(async () => {
      const start = Date.now();
      const thrown = await failure(write(clientOf("https://cds.invalid", { adapter: silent })));
      expect(Date.now() - start).toBe(30_000);
      expect(thrown).toBeInstanceOf(CdsConnectionError);
      expect(thrown).toMatchObject({ ambiguous: true, transient: true });
      expect(String(thrown)).toContain("timed out after 30 s");
    }));

  test("is sent again if it is a read", () =>
    inVirtualTime(async () => {
      const start = Date.now();
      await failure(read(clientOf("https://cds.invalid", { adapter: silent })));
      expect(Date.now() - start).toBe(READ_ATTEMPTS * 30_000);
    }));

  test("leaves no timer behind when it is answered", () =>
    inVirtualTime(async () => {
      const adapter: AxiosAdapter = (config) =>
        Promise.resolve({
          data: '{"Code":"Success","Data":[]}',
          status: 200,
          statusText: "",
          headers: new AxiosHeaders(),
          config,
        });
      await read(clientOf("https://cds.invalid", { adapter }));
      expect(jest.getTimerCount()).toBe(0);
    }));
});
