import { inspect } from "node:util";

import { AxiosHeaders, CanceledError, type AxiosAdapter } from "axios";
import { z } from "zod";

import { startEmulator, type Emulator } from "../../../emulator";
import type { CdsClient } from "../../../provider/client/client";
import {
  CdsAnswerError,
  CdsApiError,
  CdsConnectionError,
  type CdsError,
} from "../../../provider/client/errors";
import { createInstance, describeInstances } from "../../../provider/client/instances";
import { percentEncode } from "../../../provider/client/signer";
import { inVirtualTime } from "../../virtualTime";
import {
  answering,
  clientOf,
  closeRawServers,
  CREDENTIALS,
  startRawServer,
  type RawAnswer,
  type RawServer,
} from "./rawServer";

const HOUR = 3_600_000;
const READ_ATTEMPTS = 4;
const PASSWORD = 'canary"pass\\word +&%=中';
const order = {
  regionId: "CN_Hongkong_A",
  vdcId: "vdc-1",
  basePipeId: "pipe-1",
  instanceName: "cache",
  paasGoodsId: 8063,
  password: PASSWORD,
};

let emulator: Emulator | undefined;

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await emulator?.close();
  emulator = undefined;
  await closeRawServers();
});

const read = (client: CdsClient): Promise<unknown> => describeInstances(client);
const write = (client: CdsClient): Promise<unknown> => createInstance(client, order);

async function failure(task: Promise<unknown>): Promise<unknown> {
  return task.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error,
  );
}

/** All that a log, a state file or a crash report could hold of an error. */
function everythingOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack : "";
  return [
    String(error),
    stack,
    inspect(error, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(error),
  ].join("\n");
}

const refusal = (code: string, message = "No."): object => ({
  Code: code,
  Data: {},
  Message: message,
  TaskId: "task-1",
});

const reset: RawAnswer = (_request, response) => {
  response.destroy();
};

const cutOff: RawAnswer = (_request, response) => {
  response.writeHead(200, { "Content-Length": "1000" });
  response.write('{"Code":"Success","Data":[');
  setImmediate(() => response.destroy());
};

/** Ten mebibytes, as fast as they are taken. */
const huge: RawAnswer = (_request, response) => {
  response.writeHead(200);
  const mebibyte = " ".repeat(1024 * 1024);
  for (let sent = 0; sent < 10; sent += 1) response.write(mebibyte);
  response.end(JSON.stringify({ Code: "Success", Data: [] }));
};

interface Kind {
  readonly kind: string;
  readonly answer: RawAnswer;
  readonly type: new (...args: never[]) => CdsError;
  readonly error: object;
  readonly ambiguous: boolean;
  readonly transient: boolean;
  /** Default: all that a read may take where the failure is transient, else 1. */
  readonly reads?: number;
}

const api = (
  httpStatus: number,
  code: string,
  ambiguous: boolean,
  transient: boolean,
  headers: Record<string, string> = {},
): Kind => ({
  kind: `HTTP ${httpStatus} ${code}`,
  answer: answering(httpStatus, refusal(code), headers),
  type: CdsApiError,
  error: { httpStatus, code, taskId: "task-1" },
  ambiguous,
  transient,
});

const useless = (kind: string, answer: RawAnswer, httpStatus = 200): Kind => ({
  kind,
  answer,
  type: CdsAnswerError,
  error: { httpStatus },
  ambiguous: true,
  transient: true,
});

const KINDS: Kind[] = [
  api(400, "ArgMissing", false, false),
  api(400, "InvalidParameter", false, false),
  api(401, "InvalidAccessKeyId", false, false),
  api(403, "SignatureDoesNotMatch", false, false),
  api(404, "ResourceNotFound", false, false),
  api(409, "ResourceInUse", false, false),
  api(429, "Throttling", false, true),
  api(500, "InternalError", true, true),
  api(500, "CreateOrderExcept", true, true),
  api(503, "Busy", true, true),
  api(200, "BadArgs", false, false),
  api(200, "InternalError", true, true),
  api(200, "CreateOrderExcept", true, true),
  // An answer that says success with the status of a failure is none.
  api(400, "Success", false, false),
  useless("HTML", answering(200, "<html>it works</html>")),
  useless("HTML of a gateway", answering(502, "<html>bad gateway</html>"), 502),
  useless("an empty body", answering(200, "")),
  useless("truncated JSON", answering(200, '{"Code":"Success","Data":[{"Inst')),
  useless("JSON that is no object", answering(200, "[]")),
  useless("JSON null", answering(200, "null")),
  useless("no Code", answering(200, { Data: [] })),
  useless("a redirect", answering(302, "", { Location: "/elsewhere" }), 302),
  useless("a body cut off", cutOff, 0),
  useless("a body over 8 MiB", huge, 0),
  {
    kind: "a connection reset",
    answer: reset,
    type: CdsConnectionError,
    error: {},
    ambiguous: true,
    transient: true,
  },
];

describe("a failure is typed, with the action and whether it may have been carried out", () => {
  test.each(KINDS)("$kind", async ({ answer, type, error, ambiguous, transient }) => {
    const server = await startRawServer(answer);
    const thrown = await failure(write(clientOf(server.url)));
    expect(thrown).toBeInstanceOf(type);
    expect(thrown).toMatchObject({
      ...error,
      name: type.name,
      action: "CreateDBInstance",
      ambiguous,
      transient,
      message: expect.stringMatching(/^CreateDBInstance: /) as string,
    });
    expect(everythingOf(thrown)).not.toContain("canary");
  });

  test.each<[string, string, boolean]>([
    ["a name that is not found", "ENOTFOUND", false],
    ["a name server that doesn't answer", "EAI_AGAIN", false],
    ["a port where nobody listens", "ECONNREFUSED", false],
    ["a host that can't be reached", "EHOSTUNREACH", false],
    ["a network that can't be reached", "ENETUNREACH", false],
    ["a certificate out of date", "CERT_HAS_EXPIRED", false],
    ["a certificate of nobody's", "DEPTH_ZERO_SELF_SIGNED_CERT", false],
    ["a certificate chain of nobody's", "SELF_SIGNED_CERT_IN_CHAIN", false],
    ["a certificate that can't be verified", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", false],
    ["a certificate of another host", "ERR_TLS_CERT_ALTNAME_INVALID", false],
    ["a connection reset", "ECONNRESET", true],
    ["a connection broken while sending", "EPIPE", true],
    ["a time-out of the network", "ETIMEDOUT", true],
  ])("%s (%s)", async (_name, code, ambiguous) => {
    const adapter: AxiosAdapter = () => Promise.reject(Object.assign(new Error("no"), { code }));
    const thrown = await failure(write(clientOf("https://cds.invalid", { adapter })));
    expect(thrown).toBeInstanceOf(CdsConnectionError);
    expect(thrown).toMatchObject({ action: "CreateDBInstance", ambiguous, transient: true });
    expect(String(thrown)).toMatch(/https:\/\/cds\.invalid.*cds:endpoint/);
    expect(String(thrown)).toContain(code);
  });

  test("a real port where nobody listens", async () => {
    const server = await startRawServer(reset);
    await closeRawServers();
    expect(await failure(write(clientOf(server.url)))).toMatchObject({
      ambiguous: false,
      message: expect.stringContaining("ECONNREFUSED") as string,
    });
  });

  test("TLS spoken to a port that has none: nothing was sent", async () => {
    const server = await startRawServer(answering(200, { Code: "Success", Data: {} }));
    const client = clientOf(server.url.replace("http:", "https:"));
    expect(await failure(write(client))).toMatchObject({ ambiguous: false });
    expect(server.requests).toHaveLength(0);
  });
});

describe("an answer without what the call should bring", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "Data: "],
    ["missing", undefined, "Data: "],
    ["an object", {}, "Data: "],
    ["an entry without an id", [{ Ram: 1024 }], "Data.0.InstanceUuid: "],
    ["an entry with a size that is no number", [{ InstanceUuid: "i", Ram: "big" }], "Data.0.Ram: "],
  ])("is an error that says where: %s", async (_name, data, where) => {
    const server = await startRawServer(answering(200, { Code: "Success", Data: data }));
    const thrown = await failure(read(clientOf(server.url)));
    expect(thrown).toBeInstanceOf(CdsAnswerError);
    expect(String(thrown)).toContain(where);
  });

  test("is none where nothing is expected", async () => {
    for (const body of [{ Code: "Success" }, { Code: "Success", Data: null, TaskId: 17 }]) {
      const server = await startRawServer(answering(200, body));
      await expect(
        clientOf(server.url).write("DeleteDBInstance", { InstanceUuid: "i" }, z.unknown()),
      ).resolves.not.toThrow();
    }
  });
});

describe("the message of a refusal", () => {
  async function messageOf(status: number, body: object): Promise<string> {
    const server = await startRawServer(answering(status, body));
    return String(await failure(write(clientOf(server.url))));
  }

  test("has the vendor's text, and the task for the vendor's support", async () => {
    expect(await messageOf(400, refusal("InvalidParameter", "VdcId is wrong"))).toBe(
      "CdsApiError: CreateDBInstance: InvalidParameter (HTTP 400): VdcId is wrong (TaskId task-1, for the vendor's support)",
    );
  });

  test("does without what the vendor left out", async () => {
    expect(await messageOf(400, { Code: "BadArgs", Message: null, TaskId: null })).toBe(
      "CdsApiError: CreateDBInstance: BadArgs (HTTP 400)",
    );
  });

  test.each([
    [401, "InvalidAccessKeyId", /cds:accessKeyId and cds:accessKeySecret.*CDS_SECRET_ID.*clock/],
    [403, "SignatureDoesNotMatch", /cds:accessKeyId and cds:accessKeySecret.*CDS_SECRET_ID.*clock/],
    [429, "Throttling", /limits the rate/],
    [409, "ResourceInUse", /Another task is working on it/],
  ])("says what to do: %i %s", async (status, code, remedy) => {
    expect(await messageOf(status, refusal(code))).toMatch(remedy);
  });

  test("is not longer than a reader bears", async () => {
    const message = await messageOf(400, refusal("BadArgs", "long ".repeat(10_000)));
    expect(message.length).toBeLessThan(500);
  });
});

describe("no error holds a secret, whatever the vendor echoes", () => {
  const echoes: [string, (url: string, body: string) => string][] = [
    ["the password", () => PASSWORD],
    ["the body", (_url, body) => body],
    ["the body inside JSON", (_url, body) => JSON.stringify(body)],
    ["the password in a URL", () => `Password=${percentEncode(PASSWORD)}`],
    ["the password in a form", () => new URLSearchParams({ Password: PASSWORD }).toString()],
    ["the access key", () => `unknown key ${CREDENTIALS.accessKeyId}`],
    ["the secret", () => `expected secret ${CREDENTIALS.accessKeySecret}`],
    ["the URL", (url) => url],
    ["the URL, encoded once more", (url) => percentEncode(url)],
    ["the URL, decoded", (url) => decodeURIComponent(url)],
    [
      "the signature in JSON",
      (url) => JSON.stringify(Object.fromEntries(new URLSearchParams(url))),
    ],
  ];

  test.each(echoes)("%s", async (_name, echo) => {
    let signature = "none was sent";
    const server = await startRawServer((request, response) => {
      signature = request.query.get("Signature") ?? signature;
      const text = echo(request.url, request.body);
      answering(400, { Code: text, Message: text, TaskId: text })(request, response);
    });
    const everything = everythingOf(await failure(write(clientOf(server.url))));
    expect(everything).toContain("[secret]");
    expect(everything).not.toMatch(/canary/i);
    expect(everything).not.toContain("pass\\");
    expect(everything).not.toContain(signature);
    expect(everything).not.toContain(percentEncode(signature));
  });

  test("nor what the network throws", async () => {
    const adapter: AxiosAdapter = (config) =>
      Promise.reject(
        Object.assign(new Error(`broken: ${config.url ?? ""}`), { code: "ECONNRESET", config }),
      );
    const thrown = await failure(write(clientOf("https://cds.invalid", { adapter })));
    expect(everythingOf(thrown)).not.toMatch(/canary|Signature/i);
  });
});

describe("how often a call is sent", () => {
  test.each(KINDS)("a write once: $kind", async ({ answer }) => {
    const server = await startRawServer(answer);
    await failure(write(clientOf(server.url)));
    expect(server.requests).toHaveLength(1);
  });

  test.each(KINDS)("a read again if that may help: $kind", async ({ answer, transient }) => {
    const server = await startRawServer(answer);
    await failure(read(clientOf(server.url)));
    expect(server.requests).toHaveLength(transient ? READ_ATTEMPTS : 1);
    expect(server.requests.every((request) => request.url.startsWith("/redis/?"))).toBe(true);
  });

  test("a read that fails once succeeds", async () => {
    const server: RawServer = await startRawServer((request, response) => {
      const answer =
        server.requests.length === 1 ? reset : answering(200, '{"Code":"Success","Data":[]}');
      answer(request, response);
    });
    await expect(read(clientOf(server.url))).resolves.toEqual([]);
    expect(server.requests).toHaveLength(2);
  });

  test("each attempt has a nonce, a time and a signature of its own", async () => {
    let now = Date.parse("2026-11-21T08:30:00Z");
    const server = await startRawServer(answering(500, refusal("InternalError")));
    await failure(read(clientOf(server.url, { now: () => (now += 1_000) })));
    const of = (name: string): (string | null)[] =>
      server.requests.map((request) => request.query.get(name));
    for (const name of ["SignatureNonce", "Timestamp", "Signature"])
      expect(new Set(of(name)).size).toBe(READ_ATTEMPTS);
  });

  test("Retry-After is waited for, in seconds or as a date", async () => {
    for (const [header, waits] of [
      ["2", 2_000],
      ["Sat, 21 Nov 2026 08:30:05 GMT", 5_000],
      ["0", 0],
      ["Sat, 21 Nov 2026 08:00:00 GMT", 0],
    ] as const) {
      const slept: number[] = [];
      const server = await startRawServer(
        answering(429, refusal("Throttling"), { "Retry-After": header }),
      );
      const client = clientOf(server.url, {
        now: () => Date.parse("2026-11-21T08:30:00Z"),
        sleep: (milliseconds) => {
          slept.push(milliseconds);
          return Promise.resolve();
        },
      });
      expect(await failure(read(client))).toMatchObject({ retryAfterMs: waits });
      expect(slept).toEqual([waits, waits, waits]);
    }
  });

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

describe("when this machine's clock is off", () => {
  async function skewed(byMs: number): Promise<[Emulator, CdsClient]> {
    emulator = await startEmulator({ deliverySeconds: 0, now: () => Date.now() + byMs });
    const { accessKeyId, accessKeySecret } = emulator;
    return [emulator, clientOf(emulator.url, { credentials: { accessKeyId, accessKeySecret } })];
  }

  test.each([HOUR, -HOUR])(
    "by %i ms, a call is signed anew once, later ones at once",
    async (ms) => {
      const [{ requests }, client] = await skewed(ms);
      await read(client);
      expect(requests.map(({ status }) => status)).toEqual([403, 200]);
      await read(client);
      await read(client);
      expect(requests.map(({ status }) => status)).toEqual([403, 200, 200, 200]);
    },
  );

  test("a write that was refused for it is sent again, and carried out once", async () => {
    const [{ requests, store }, client] = await skewed(HOUR);
    await write(client);
    expect(requests.map(({ status }) => status)).toEqual([403, 200]);
    expect(store.instances()).toHaveLength(1);
  });

  test("calls in parallel are each signed anew once at most", async () => {
    const [{ requests, store }, client] = await skewed(HOUR);
    await Promise.all([...Array.from({ length: 10 }, () => read(client)), write(client)]);
    expect(requests.length).toBeLessThanOrEqual(22);
    expect(requests.filter(({ status }) => status === 200)).toHaveLength(11);
    expect(store.instances()).toHaveLength(1);
  });

  test("a refusal for another reason comes after one more try", async () => {
    const date = new Date(Date.now() + HOUR).toUTCString();
    const server = await startRawServer(
      answering(403, refusal("SignatureDoesNotMatch"), { Date: date }),
    );
    const client = clientOf(server.url);
    expect(await failure(write(client))).toMatchObject({ httpStatus: 403 });
    expect(server.requests).toHaveLength(2);
    const [first = 0, second = 0] = server.requests.map(({ query }) =>
      Date.parse(query.get("Timestamp") ?? ""),
    );
    expect(Math.abs(second - first - HOUR)).toBeLessThan(10_000);
    await failure(write(client));
    expect(server.requests).toHaveLength(3);
  });

  test("a refusal without a clock that differs is passed on at once", async () => {
    for (const date of [new Date().toUTCString(), "yesterday"]) {
      const answer = answering(403, refusal("SignatureDoesNotMatch"), { Date: date });
      const server = await startRawServer(answer);
      await failure(write(clientOf(server.url)));
      expect(server.requests).toHaveLength(1);
    }
  });
});

describe("a proxy named in the environment", () => {
  const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]);
  const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));

  function setProxy(url: string): void {
    for (const name of NAMES) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url });
  }

  afterEach(() => {
    for (const name of NAMES) Reflect.deleteProperty(process.env, name);
    for (const [name, value] of Object.entries(before))
      if (value !== undefined) process.env[name] = value;
  });

  test("is not used for loopback", async () => {
    const proxy = await startRawServer(answering(200, { Code: "Success", Data: [] }));
    const server = await startRawServer(answering(200, { Code: "Success", Data: [] }));
    setProxy(proxy.url);
    await read(clientOf(server.url));
    await read(clientOf(server.url.replace("127.0.0.1", "localhost")));
    expect(proxy.requests).toHaveLength(0);
    expect(proxy.tunnels).toHaveLength(0);
    expect(server.requests).toHaveLength(2);
  });

  test("sees where a call goes, and nothing of the call", async () => {
    const proxy = await startRawServer(answering(200, { Code: "Success", Data: {} }));
    setProxy(proxy.url);
    const thrown = await failure(write(clientOf("https://cds.invalid")));
    expect(everythingOf(thrown)).not.toMatch(/canary/i);
    expect(proxy.requests).toHaveLength(0);
    expect(proxy.tunnels).toEqual(["cds.invalid:443"]);
  });
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
