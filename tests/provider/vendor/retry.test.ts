import { CdsApiError, CdsConnectionError } from "../../../provider/vendor/errors";
import { inVirtualTime } from "../../virtualTime";
import { failure, read, READ_ATTEMPTS } from "./calls";
import { clientAnswered, refused, success, type Scripted } from "./inProcess";

interface Outcome {
  readonly result: unknown;
  /** When each attempt was sent, in milliseconds since the first. */
  readonly sentAt: readonly number[];
  readonly elapsedMs: number;
}

/** Reads with so many refusals of one kind before the answer. */
function readThrough(refusal: Scripted, refusals: number): Promise<Outcome> {
  return inVirtualTime(async () => {
    const { client, requests } = clientAnswered((_request, before) =>
      before < refusals ? refusal : success(),
    );
    const start = Date.now();
    const result: unknown = await (refusals < READ_ATTEMPTS ? read(client) : failure(read(client)));
    return { result, sentAt: requests.map(({ at }) => at - start), elapsedMs: Date.now() - start };
  });
}

const limited = (retryAfter: number, status = 429): Scripted =>
  refused(status, "Busy", "No.", { "retry-after": String(retryAfter) });

afterEach(() => {
  jest.restoreAllMocks();
});

test("an answer is passed on at once", async () => {
  const { result, sentAt, elapsedMs } = await readThrough(refused(500, "unused"), 0);
  expect(result).toEqual([]);
  expect(sentAt).toEqual([0]);
  expect(elapsedMs).toBe(0);
});

test.each<[string, Scripted]>([
  ["an answer that can't be used", [502, "<html>"]],
  ["HTTP 500", refused(500, "InternalError")],
  ["HTTP 429", refused(429, "Throttling")],
  ["InternalError under HTTP 200", refused(200, "InternalError")],
])("%s may pass: the read is sent again, four times at most", async (_name, refusal) => {
  expect(await readThrough(refusal, READ_ATTEMPTS - 1)).toMatchObject({ result: [] });
  const { result, sentAt } = await readThrough(refusal, READ_ATTEMPTS);
  expect(result).toMatchObject({ transient: true });
  expect(sentAt).toHaveLength(READ_ATTEMPTS);
});

test("no connection may pass: the read is sent again, four times at most", () =>
  inVirtualTime(async () => {
    const adapter = jest.fn(() =>
      Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })),
    );
    const { client } = clientAnswered(() => success(), { adapter });
    expect(await failure(read(client))).toBeInstanceOf(CdsConnectionError);
    expect(adapter).toHaveBeenCalledTimes(READ_ATTEMPTS);
  }));

test.each<[number, string]>([
  [400, "InvalidParameter"],
  [401, "InvalidAccessKeyId"],
  [403, "SignatureDoesNotMatch"],
  [404, "ResourceNotFound"],
  [409, "ResourceInUse"],
])("HTTP %i does not pass: the read is sent once", async (status, code) => {
  const { result, sentAt, elapsedMs } = await readThrough(refused(status, code), READ_ATTEMPTS);
  expect(result).toBeInstanceOf(CdsApiError);
  expect(result).toMatchObject({ code });
  expect(sentAt).toHaveLength(1);
  expect(elapsedMs).toBe(0);
});

test("an error of our own does not pass, either", () =>
  inVirtualTime(async () => {
    const bug = new TypeError("bug");
    const { client, requests } = clientAnswered(() => success());
    const data = { safeParse: () => fail(bug) };
    expect(await failure(client.read("DescribeRegins", {}, data as never))).toBe(bug);
    expect(requests).toHaveLength(1);
  }));

test("the waits double from a quarter second, at their longest", async () => {
  jest.spyOn(Math, "random").mockReturnValue(1 - Number.EPSILON);
  const { sentAt } = await readThrough(refused(500, "InternalError"), READ_ATTEMPTS);
  expect(sentAt).toEqual([0, 250, 750, 1_750]);
});

test("the waits are spread down to nothing, so that clients don't come back together", async () => {
  jest.spyOn(Math, "random").mockReturnValue(0);
  const { sentAt } = await readThrough(refused(500, "InternalError"), READ_ATTEMPTS);
  expect(sentAt).toEqual([0, 0, 0, 0]);
});

describe.each([429, 503])("Retry-After of HTTP %i", (status) => {
  beforeEach(() => {
    jest.spyOn(Math, "random").mockReturnValue(0);
  });

  test("is waited for before the read is sent again", async () => {
    const { result, sentAt } = await readThrough(limited(7, status), 2);
    expect(result).toEqual([]);
    expect(sentAt).toEqual([0, 7_000, 14_000]);
  });

  test("is not waited for after the last attempt", async () => {
    const { sentAt, elapsedMs } = await readThrough(limited(7, status), READ_ATTEMPTS);
    expect(sentAt).toEqual([0, 7_000, 14_000, 21_000]);
    expect(elapsedMs).toBe(21_000);
  });

  test("of a minute is honoured, a longer one passed on at once", async () => {
    const { sentAt } = await readThrough(limited(60, status), 1);
    expect(sentAt).toEqual([0, 60_000]);
    const tooLong = await readThrough(limited(61, status), READ_ATTEMPTS);
    expect(tooLong.result).toMatchObject({ retryAfterMs: 61_000 });
    expect(tooLong.sentAt).toEqual([0]);
    expect(tooLong.elapsedMs).toBe(0);
  });
});

function fail(error: Error): never {
  throw error;
}
