import type { AxiosAdapter } from "axios";
import { z } from "zod";

import { CdsAnswerError, CdsConnectionError } from "../../../provider/vendor/errors";
import { KINDS, refusal, reset } from "./badAnswers";
import { everythingOf, failure, read, write } from "./calls";
import { answering, clientOf, closeRawServers, startRawServer } from "./rawServer";

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeRawServers();
});

/** As axios keeps what the system said. */
const connecting = { cause: { syscall: "connect" } };
const newConnection = { request: { reusedSocket: false } };
const readingNew = { cause: { syscall: "read" }, ...newConnection };
const reading = { cause: { syscall: "read" }, request: { reusedSocket: true } };

describe("a failure is typed, with the action and whether it may have been carried out", () => {
  test.each(KINDS)("$kind", async ({ answer, type, error, says, ambiguous, transient }) => {
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
    expect(String(thrown)).toContain(says);
    expect(everythingOf(thrown)).not.toContain("canary");
  });

  test.each<[string, string, boolean, object?]>([
    ["a name that is not found", "ENOTFOUND", false],
    ["a name server that doesn't answer", "EAI_AGAIN", false],
    ["a port where nobody listens", "ECONNREFUSED", false],
    ["a host that can't be reached", "EHOSTUNREACH", false, connecting],
    ["a host that can't be reached any more", "EHOSTUNREACH", true, reading],
    ["a host that can't be reached after it took the call", "EHOSTUNREACH", true, readingNew],
    ["a network that can't be reached", "ENETUNREACH", false, connecting],
    ["a network that none of several addresses reaches", "ENETUNREACH", false, newConnection],
    ["a network that can't be reached after it took the call", "ENETUNREACH", true, readingNew],
    ["a network that can't be reached any more", "ENETUNREACH", true, reading],
    ["a port that doesn't speak TLS", "EPROTO", false, newConnection],
    ["a port that doesn't speak TLS, told as a read", "EPROTO", false, readingNew],
    ["a connection that doesn't speak TLS any more", "EPROTO", true],
    ["a certificate out of date", "CERT_HAS_EXPIRED", false],
    ["a certificate of nobody's", "DEPTH_ZERO_SELF_SIGNED_CERT", false],
    ["a certificate chain of nobody's", "SELF_SIGNED_CERT_IN_CHAIN", false],
    ["a certificate that can't be verified", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", false],
    ["a certificate of another host", "ERR_TLS_CERT_ALTNAME_INVALID", false],
    ["a connection reset", "ECONNRESET", true],
    ["a connection broken while sending", "EPIPE", true],
    ["a time-out of the network", "ETIMEDOUT", true],
  ])("%s (%s)", async (_name, code, ambiguous, more = {}) => {
    const adapter: AxiosAdapter = () =>
      Promise.reject(Object.assign(new Error("no"), { code, ...more }));
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
    ["an object", {}, "Data: "],
    ["a text", "<html>", "Data: "],
    ["a number", 0, "Data: "],
  ])("is an error that says where: %s", async (_name, data, where) => {
    const server = await startRawServer(answering(200, { Code: "Success", Data: data }));
    const thrown = await failure(read(clientOf(server.url)));
    expect(thrown).toBeInstanceOf(CdsAnswerError);
    expect(String(thrown)).toContain(where);
  });

  test("is left open where one entry's size is no number, so that the others can be seen", async () => {
    const data = [{ InstanceUuid: "i", Ram: "big" }];
    const server = await startRawServer(answering(200, { Code: "Success", Data: data }));
    expect(await read(clientOf(server.url))).toMatchObject([{ instanceId: "i", ramGb: 0 }]);
  });

  test("is none where nothing is expected", async () => {
    for (const body of [{ Code: "Success" }, { Code: "Success", Data: null, TaskId: 17 }]) {
      const server = await startRawServer(answering(200, body));
      await expect(
        clientOf(server.url).write("DeleteDBInstance", { InstanceUuid: "i" }, z.unknown(), 30_000),
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
