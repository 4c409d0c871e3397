import { CdsApiError } from "../../../provider/vendor/errors";
import { inVirtualTime } from "../../virtualTime";
import { failure, read, READ_ATTEMPTS, write } from "./calls";
import { clientAnswered, refused, signedSkewMs, success, type Scripted } from "./inProcess";

const HOUR = 3_600_000;

const dated = (skewMs: number): Record<string, string> => ({
  date: new Date(Date.now() + skewMs).toUTCString(),
});

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  jest.restoreAllMocks();
});

async function refusalOf(call: Promise<unknown>): Promise<CdsApiError> {
  const error = await failure(call);
  if (!(error instanceof CdsApiError)) throw error;
  return error;
}

describe("a clock that is off", () => {
  test.each<[number, string, string]>([
    [400, "InvalidTimestamp", "No."],
    [400, "InvalidTimeStamp.Expired", "No."],
    [400, "RequestExpired", "No."],
    [200, "TimestampExpired", "No."],
    [200, "Failed", "The request has expired."],
    [200, "Failed", "时间戳无效"],
    [401, "refused", "No."],
    [403, "SignatureDoesNotMatch", "No."],
  ])("told by %i %s %s: the call is signed anew and sent once more", (status, code, message) =>
    inVirtualTime(async () => {
      for (const call of [read, write]) {
        const { client, requests } = clientAnswered((request) =>
          Math.abs(signedSkewMs(request) - HOUR) < 10_000
            ? success(call === read ? [] : {})
            : refused(status, code, message, dated(HOUR)),
        );
        await call(client);
        expect(requests).toHaveLength(2);
        await call(client);
        expect(requests).toHaveLength(3);
      }
    }),
  );

  test.each<[number, string, string]>([
    [400, "InvalidParameter", "the coupon has expired"],
    [400, "InvalidParameter", "VdcId"],
    [200, "BadArgs", "No."],
    [404, "ResourceNotFound", "No."],
    [404, "ResourceNotFound", "The request has expired."],
    [409, "ResourceInUse", "timestamp"],
    [500, "InternalError", "timestamp"],
    [200, "CreateOrderExcept", "timestamp"],
  ])("is not the reason of %i %s %s", (status, code, message) =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(() =>
        refused(status, code, message, dated(HOUR)),
      );
      await failure(write(client));
      expect(requests).toHaveLength(1);
    }),
  );
});

describe("too many calls", () => {
  const CODES: [number, string][] = [
    [200, "Throttling"],
    [400, "Throttling.User"],
    [200, "TooManyRequests"],
    [400, "RequestLimitExceeded"],
    [200, "FlowLimit"],
    [400, "LimitExceeded"],
    [429, "Whatever"],
  ];

  test.each(CODES)("told by %i %s: as 429", (status, code) =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered((_request, before) =>
        before === 0 ? refused(status, code) : success({}),
      );
      const error = await refusalOf(write(client));
      expect(error).toMatchObject({ isThrottled: true, transient: true, postponed: true });
      expect(error).toMatchObject({ ambiguous: false, isUnauthorized: false });
      expect(error.message).toMatch(/limits the rate/);
      await write(client);
      const [first, second] = requests.map(({ at }) => at);
      // All calls of the account wait.
      expect((second ?? 0) - (first ?? 0)).toBe(1_000);
    }),
  );

  test.each<[number, string]>([
    [400, "InstanceLimitExceeded"],
    [400, "QuotaExceeded"],
    [400, "InvalidParameter"],
    [500, "Throttling"],
  ])("are not the reason of %i %s", (status, code) =>
    inVirtualTime(async () => {
      const { client } = clientAnswered(() => refused(status, code));
      expect(await refusalOf(write(client))).toMatchObject({ isThrottled: false });
    }),
  );
});

describe("a refusal that proves nothing", () => {
  const GATEWAY: Scripted[] = [
    refused(403, "SignatureDoesNotMatch"),
    refused(401, "InvalidAccessKeyId"),
    [403, "<html>Forbidden</html>"],
  ];

  test.each(GATEWAY.map((answer) => ({ answer, status: answer[0] })))(
    "$status of a write after the key was accepted: it may have run",
    ({ answer }) =>
      inVirtualTime(async () => {
        const { client, requests } = clientAnswered(({ method }) =>
          method === "GET" ? success() : answer,
        );
        expect(await refusalOf(write(client))).toMatchObject({
          ambiguous: false,
          refusalInDoubt: false,
        });
        await read(client);
        const error = await refusalOf(write(client));
        expect(error).toMatchObject({
          ambiguous: true,
          refusalInDoubt: true,
          isUnauthorized: true,
        });
        expect(error).toMatchObject({ transient: false, postponed: false });
        expect(error.message).toMatch(/accepted this access key a moment ago.*gateway/);
        expect(requests).toHaveLength(3);
      }),
  );

  test("is not sent again for a gateway's clock: that could order two", () =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(({ method }) =>
        method === "GET" ? success() : refused(403, "Forbidden", "No.", dated(HOUR)),
      );
      await read(client);
      expect(await refusalOf(write(client))).toMatchObject({ ambiguous: true });
      await read(client);
      expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
      // Nor are later calls signed for the clock of the gateway.
      expect(Math.abs(signedSkewMs(requests.at(-1) ?? never()))).toBeLessThan(10_000);
    }));

  test.each([
    [403, "RequestExpired", "The request has expired."],
    [401, "InvalidTimestamp", "The clock is off."],
  ])("%i %s of an order is not sent again for this machine's clock", (status, code, message) =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(({ method }) =>
        method === "GET" ? success() : refused(status, code, message, dated(HOUR)),
      );
      await read(client);
      expect(await refusalOf(write(client))).toMatchObject({ ambiguous: true, mayBeClock: true });
      expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
      // The next call is signed for the vendor's clock.
      await read(client);
      expect(signedSkewMs(requests.at(-1) ?? never())).toBeGreaterThan(HOUR - 10_000);
    }),
  );

  test("of a read proves as much as before", () =>
    inVirtualTime(async () => {
      const { client } = clientAnswered((_request, before) =>
        before === 0 ? success() : refused(403, "SignatureDoesNotMatch"),
      );
      await read(client);
      expect(await refusalOf(read(client))).toMatchObject({
        ambiguous: false,
        isUnauthorized: true,
      });
    }));

  test("a wrong argument is refused for certain, although the key was accepted", () =>
    inVirtualTime(async () => {
      const { client } = clientAnswered(({ method }) =>
        method === "GET" ? success() : refused(400, "InvalidParameter"),
      );
      await read(client);
      expect(await refusalOf(write(client))).toMatchObject({ ambiguous: false });
    }));

  const SEEN: [number, string, string][] = [
    [403, "SignatureNonceUsed", "No."],
    [400, "NonceUsed", "No."],
    [200, "InvalidNonce", "The nonce has been used already."],
    [400, "DuplicateRequest", "No."],
    [409, "RequestRepeated", "No."],
    [400, "Failed", "请求重复"],
  ];

  test.each(SEEN)(
    "%i %s %s of a write: it may have run, and is sent once",
    (status, code, message) =>
      inVirtualTime(async () => {
        const { client, requests } = clientAnswered(() =>
          refused(status, code, message, dated(HOUR)),
        );
        const error = await refusalOf(write(client));
        expect(error).toMatchObject({ ambiguous: true, refusalInDoubt: true });
        expect(error).toMatchObject({ isUnauthorized: false, transient: false, postponed: false });
        expect(error.message).toMatch(
          /has seen this request before.*may have carried out the call/,
        );
        expect(requests).toHaveLength(1);
      }),
  );

  test.each(SEEN)("%i %s %s of a read: sent again with a fresh nonce", (status, code, message) =>
    inVirtualTime(async () => {
      const { client, requests } = clientAnswered(() => refused(status, code, message));
      expect(await refusalOf(read(client))).toMatchObject({ ambiguous: false, transient: true });
      expect(requests).toHaveLength(READ_ATTEMPTS);
      expect(new Set(requests.map(({ query }) => query.get("SignatureNonce"))).size).toBe(
        READ_ATTEMPTS,
      );
    }),
  );

  test.each([200, 400])("ResourceInUse under HTTP %i is as under 409", (status) =>
    inVirtualTime(async () => {
      const { client } = clientAnswered(() => refused(status, "ResourceInUse"));
      const error = await refusalOf(write(client));
      expect(error).toMatchObject({ ambiguous: false, postponed: true, isThrottled: false });
    }),
  );

  test.each(["DuplicateInstanceName", "ResourceInUse", "InstanceAlreadyExists"])(
    "%s says nothing of the request",
    (code) =>
      inVirtualTime(async () => {
        const { client } = clientAnswered(() => refused(409, code));
        expect(await refusalOf(write(client))).toMatchObject({ ambiguous: false, postponed: true });
      }),
  );
});

describe("messages name the settings that the account reads", () => {
  const settingNames = {
    accessKey: "cds-prod:accessKeyId and cds-prod:accessKeySecret",
    endpoint: "cds-prod:endpoint",
  };

  test.each<[string, Scripted]>([
    ["a wrong key", refused(401, "InvalidAccessKeyId")],
    ["an answer of another server", [200, "<html>"]],
  ])("%s", (_what, answer) =>
    inVirtualTime(async () => {
      const { client } = clientAnswered(() => answer, { settingNames });
      expect(String(await failure(write(client)))).toMatch(/cds-prod:/);
      expect(String(await failure(write(client)))).not.toMatch(/cds:|CDS_SECRET/);
    }),
  );

  test("no answer", () =>
    inVirtualTime(async () => {
      const adapter = (): Promise<never> => Promise.reject(new Error("no"));
      const { client } = clientAnswered(() => success(), { settingNames, adapter });
      expect(String(await failure(write(client)))).toMatch(/Check cds-prod:endpoint/);
    }));
});

function never(): never {
  throw new Error("no request was sent");
}
