import {
  CdsAnswerError,
  CdsApiError,
  CdsConnectionError,
  DEFAULT_SETTING_NAMES,
  type CdsError,
} from "../../../provider/vendor/errors";
import { retryRead } from "../../../provider/vendor/retry";
import { inVirtualTime } from "../../virtualTime";

const ATTEMPTS = 4;
const TARGET = { endpoint: "https://x", settingNames: DEFAULT_SETTING_NAMES };

function apiError(httpStatus: number, code: string, retryAfterMs?: number): CdsApiError {
  return new CdsApiError("DescribeRegins", {
    ...{ httpStatus, code, vendorMessage: "", taskId: undefined, retryAfterMs },
    ...{ isWrite: false, keyWasAccepted: false, settingNames: DEFAULT_SETTING_NAMES },
  });
}

interface Outcome {
  readonly result: unknown;
  /** When each attempt was sent, in milliseconds since the first. */
  readonly sentAt: readonly number[];
  readonly elapsedMs: number;
}

/** Reads with so many failures of one kind before the answer. */
function readThrough(error: Error, failures: number): Promise<Outcome> {
  return inVirtualTime(async () => {
    const start = Date.now();
    const sentAt: number[] = [];
    const result: unknown = await retryRead(() => {
      sentAt.push(Date.now() - start);
      return sentAt.length > failures ? Promise.resolve("answer") : Promise.reject(error);
    }).catch((reason: unknown) => reason);
    return { result, sentAt, elapsedMs: Date.now() - start };
  });
}

afterEach(() => {
  jest.restoreAllMocks();
});

test("an answer is passed on at once", async () => {
  const { result, sentAt, elapsedMs } = await readThrough(new Error("unused"), 0);
  expect(result).toBe("answer");
  expect(sentAt).toEqual([0]);
  expect(elapsedMs).toBe(0);
});

test.each<[string, CdsError]>([
  ["no connection", new CdsConnectionError("X", "ECONNREFUSED", false, TARGET)],
  ["an answer that can't be used", new CdsAnswerError("X", 502, "it is HTML")],
  ["HTTP 500", apiError(500, "InternalError")],
  ["HTTP 429", apiError(429, "Throttling")],
  ["InternalError under HTTP 200", apiError(200, "InternalError")],
])("%s may pass: the read is sent again, four times at most", async (_name, error) => {
  expect(await readThrough(error, ATTEMPTS - 1)).toMatchObject({ result: "answer" });
  const { result, sentAt } = await readThrough(error, ATTEMPTS);
  expect(result).toBe(error);
  expect(sentAt).toHaveLength(ATTEMPTS);
});

test.each<[string, Error]>([
  ["HTTP 400", apiError(400, "InvalidParameter")],
  ["HTTP 401", apiError(401, "InvalidAccessKeyId")],
  ["HTTP 403", apiError(403, "SignatureDoesNotMatch")],
  ["HTTP 404", apiError(404, "ResourceNotFound")],
  ["HTTP 409", apiError(409, "ResourceInUse")],
  ["an error of our own", new TypeError("bug")],
])("%s does not pass: the read is sent once", async (_name, error) => {
  const { result, sentAt, elapsedMs } = await readThrough(error, ATTEMPTS);
  expect(result).toBe(error);
  expect(sentAt).toHaveLength(1);
  expect(elapsedMs).toBe(0);
});

test("the waits double from a quarter second, at their longest", async () => {
  jest.spyOn(Math, "random").mockReturnValue(1 - Number.EPSILON);
  const { sentAt } = await readThrough(apiError(500, "InternalError"), ATTEMPTS);
  expect(sentAt).toEqual([0, 250, 750, 1_750]);
});

test("the waits are spread down to nothing, so that clients don't come back together", async () => {
  jest.spyOn(Math, "random").mockReturnValue(0);
  const { sentAt } = await readThrough(apiError(500, "InternalError"), ATTEMPTS);
  expect(sentAt).toEqual([0, 0, 0, 0]);
});

describe("Retry-After", () => {
  test("is waited for before the read is sent again", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0);
    const { result, sentAt } = await readThrough(apiError(429, "Throttling", 7_000), 2);
    expect(result).toBe("answer");
    expect(sentAt).toEqual([0, 7_000, 14_000]);
  });

  test("is not waited for after the last attempt", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0);
    const { sentAt, elapsedMs } = await readThrough(apiError(429, "Throttling", 7_000), ATTEMPTS);
    expect(sentAt).toEqual([0, 7_000, 14_000, 21_000]);
    expect(elapsedMs).toBe(21_000);
  });

  test("of a minute is honoured, a longer one passed on at once", async () => {
    const { sentAt } = await readThrough(apiError(429, "Throttling", 60_000), 1);
    expect(sentAt).toHaveLength(2);
    const tooLong = apiError(429, "Throttling", 60_001);
    const { result, elapsedMs } = await readThrough(tooLong, 1);
    expect(result).toBe(tooLong);
    expect(elapsedMs).toBe(0);
  });
});
