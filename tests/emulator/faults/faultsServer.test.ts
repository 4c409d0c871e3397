import { request as httpRequest } from "node:http";

import { z } from "zod";

import {
  EmulatorApi,
  FAULT_KINDS,
  startEmulator,
  type Emulator,
  type EmulatorOptions,
  type FaultKind,
} from "../../../emulator";
import {
  actionsOfKind,
  isContentKind,
  isEchoKind,
  isListKind,
  isNotSentKind,
} from "../../../emulator/faults/faultKinds";
import { CdsClient } from "../../../provider/vendor/client";
import { CdsError } from "../../../provider/vendor/errors";
import { signedQuery, formatTimestamp } from "../../../provider/vendor/signer";
import { adapterOf } from "../../emulatedVendor";
import { ORDER, START } from "../virtualEmulator";
import { SETTING_NAMES } from "../../settingNames";

const OPTIONS: EmulatorOptions & { readonly catalog?: never } = {
  seed: "faults",
  now: () => START,
  accessKeyId: "canary-access-key-id",
  accessKeySecret: "canary-access-key-secret",
};
let emulator: Emulator | undefined;

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  emulator = await startEmulator({ ...OPTIONS, ...options });
  return emulator;
}

beforeEach(() => {
  jest.spyOn(Date, "now").mockReturnValue(START);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await emulator?.close();
  emulator = undefined;
});

function clientOf(endpoint: string, inProcess?: EmulatorApi): CdsClient {
  return new CdsClient({
    settingNames: SETTING_NAMES,
    endpoint,
    credentials: {
      accessKeyId: "canary-access-key-id",
      accessKeySecret: "canary-access-key-secret",
    },
    ...(inProcess === undefined ? {} : { adapter: adapterOf(inProcess) }),
  });
}

const oneCreated = z.object({ InstancesUuid: z.array(z.string()).length(1) });

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof CdsError)) throw error;
    return { class: error.name, ambiguous: error.ambiguous, message: error.message };
  }
}

describe("the client ends over HTTP as it does in process", () => {
  // The first three need a real network, and the others the client's own limit: emulatedVendor.test.ts.
  const elsewhere: readonly FaultKind[] = ["dns", "refused", "tls", "hang", "slow"];
  const lists = FAULT_KINDS.filter(isListKind);
  // An echo repeats a signature, which is another one for each request.
  const orders = FAULT_KINDS.filter(
    (kind) =>
      actionsOfKind(kind).includes("CreateDBInstance") &&
      !elsewhere.includes(kind) &&
      !isEchoKind(kind),
  ).flatMap((kind): [FaultKind, "before" | "after"][] =>
    isContentKind(kind)
      ? [[kind, "after"]]
      : [
          [kind, "before"],
          [kind, "after"],
        ],
  );
  /** The client gets its one id all the same. */
  const succeeding: readonly FaultKind[] = [
    "control-text",
    "refusal-under-200",
    "refusal-under-400",
    "other-size",
    "other-version",
    "other-port",
    "late-entry",
  ];

  test.each(orders)("%s %s", async (kind, when) => {
    const server = await start();
    const api = new EmulatorApi(OPTIONS);
    const outcomes = [];
    for (const [vendor, inProcess] of [
      [server.api, undefined],
      [api, api],
    ] as const) {
      const order = (): Promise<unknown> =>
        // A client of its own, which does not wait after an earlier refusal.
        clientOf(server.url, inProcess).write("CreateDBInstance", ORDER, oneCreated, 30_000);
      vendor.faults.add({ kind, when, action: "CreateDBInstance" });
      const outcome = await failureOf(order());
      const { store, requests, faults } = vendor;
      outcomes.push({ outcome, requests, hits: faults.hits, instances: store.instances() });
      // The fault is over, whatever it did to the connection.
      expect(await order()).toBeDefined();
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]?.outcome).toMatchObject(
      succeeding.includes(kind)
        ? { InstancesUuid: [expect.any(String)] }
        : { class: expect.stringMatching(/^Cds/) as string },
    );
    expect(outcomes[0]?.hits).toHaveLength(1);
  });

  test.each(lists)("%s", async (kind) => {
    const server = await start();
    const api = new EmulatorApi(OPTIONS);
    const outcomes = [];
    for (const [vendor, client] of [
      [server.api, clientOf(server.url)],
      [api, clientOf(server.url, api)],
    ] as const) {
      vendor.faults.add({ kind });
      await client.write("CreateDBInstance", ORDER, oneCreated, 30_000);
      outcomes.push(await client.read("DescribeDBInstances", {}, z.array(z.looseObject({}))));
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    const expected = { "stale-list": [], "failed-status": [{ Status: "ERROR" }] };
    if (kind in expected) {
      expect(outcomes[0]).toMatchObject(expected[kind as keyof typeof expected]);
    }
  });
});

interface Got {
  readonly status: number | undefined;
  readonly bytes: number;
  /** Undefined when the answer ended as it should. */
  readonly error: string | undefined;
}

/** A raw GET, without limits. */
function get(url: string, onData: () => void = () => undefined): Promise<Got> {
  return new Promise((resolve) => {
    let [status, bytes]: [number | undefined, number] = [undefined, 0];
    const ended = (error?: NodeJS.ErrnoException): void => {
      resolve({ status, bytes, error: error?.code });
    };
    const request = httpRequest(url, (response) => {
      status = response.statusCode;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        onData();
      });
      response.on("error", ended);
      response.on("end", () => {
        ended();
      });
    });
    request.on("error", ended);
    request.end();
  });
}

describe("what goes over the wire", () => {
  const path = "/redis/?Action=DescribeRegins";

  /** Waits until so many calls were hit: a turn of the loop or two. */
  async function hits({ faults }: EmulatorApi, count: number): Promise<void> {
    while (faults.hits.length < count) await new Promise((resolve) => setImmediate(resolve));
  }

  test("reset: the connection is reset, without a byte", async () => {
    const { url, faults } = await start();
    faults.add({ kind: "reset" });
    expect(await get(url + path)).toEqual({ status: undefined, bytes: 0, error: "ECONNRESET" });
  });

  test("truncated: half of what Content-Length says", async () => {
    const { url, faults } = await start();
    faults.add({ kind: "truncated" });
    const got = await get(url + path);
    expect(got).toMatchObject({ status: 200, error: "ECONNRESET" });
    expect(got.bytes).toBeGreaterThan(10);
  });

  test("huge: more than 8 MiB, in which JSON is found by who takes it all", async () => {
    const { url, faults } = await start();
    faults.add({ kind: "huge", times: 2 });
    const got = await get(url + path);
    expect(got).toMatchObject({ status: 200, error: undefined });
    expect(got.bytes).toBeGreaterThan(8 * 1024 * 1024);
    expect(await (await fetch(url + path)).json()).toMatchObject({ Code: "Success" });
  });

  test("hang: nothing, until the server closes", async () => {
    const server = await start();
    const { faults, url, api } = server;
    faults.add({ kind: "hang" });
    const got = get(url + path);
    await hits(api, 1);
    // An answer would come before this one, to a later request.
    expect(await get(url + path)).toMatchObject({ status: 400 });
    await server.close();
    expect(await got).toEqual({ status: undefined, bytes: 0, error: "ECONNRESET" });
  });

  test("slow: headers and one byte, until the server closes", async () => {
    const server = await start();
    const { faults, url } = server;
    faults.add({ kind: "slow" });
    const got = await get(url + path, () => {
      void get(url + path).then(() => server.close());
    });
    expect(got).toEqual({ status: 200, bytes: 1, error: "ECONNRESET" });
  });

  test("a client that gives up leaves the server well", async () => {
    const { faults, url, api } = await start();
    for (const [index, kind] of (["hang", "slow", "huge"] as const).entries()) {
      faults.add({ kind });
      const abort = new AbortController();
      const answer = fetch(url + path, { signal: abort.signal }).then((got) => got.text());
      void hits(api, index + 1).then(() => {
        abort.abort();
      });
      await expect(answer).rejects.toThrow(/abort/);
      expect((await fetch(url + path)).status).toBe(400);
    }
  });

  test.each(["reset", "http-503", "truncated"] as const)("%s of a backup's file", async (kind) => {
    const { faults, url } = await start();
    faults.add({ kind, action: "BackupFile" });
    const got = await get(`${url}/backups/any`);
    const status = { reset: undefined, "http-503": 503, truncated: 200 }[kind];
    expect(got.status).toBe(status);
    expect(got.error).toBe(kind === "http-503" ? undefined : "ECONNRESET");
  });
});

test("no fault brings a password, key, signature or nonce into an answer, the log, requests or hits", async () => {
  const lines: string[] = [];
  const { faults, url, requests, api } = await start({ log: (line) => lines.push(line) });
  const canaries = ["canary-", ORDER.Password];
  const texts: string[] = [];
  for (const kind of FAULT_KINDS.filter((kind) => !isNotSentKind(kind))) {
    if (["hang", "slow"].includes(kind)) continue;
    faults.add({ kind, when: "after" });
    const list = isListKind(kind);
    const query = signedQuery(
      {
        action: list ? "DescribeDBInstances" : "CreateDBInstance",
        method: list ? "GET" : "POST",
        params: {},
        nonce: `canary-nonce-${kind}`,
        timestamp: formatTimestamp(START),
      },
      api.credentials,
    );
    canaries.push(new URLSearchParams(query).get("Signature") ?? "");
    const init = list ? {} : { method: "POST", body: JSON.stringify(ORDER) };
    const answer = await fetch(`${url}/redis/?${query}`, init).catch(() => undefined);
    const text = (await answer?.text().catch(() => "")) ?? "";
    // Echoes repeat secrets in the answer, and there alone.
    if (!isEchoKind(kind)) texts.push(text);
  }
  const kept = [lines, texts, requests, faults.hits].map((what) => JSON.stringify(what));
  expect([lines.length, faults.hits.length]).toEqual([55, 55]);
  for (const text of kept) for (const canary of canaries) expect(text).not.toContain(canary);
});
