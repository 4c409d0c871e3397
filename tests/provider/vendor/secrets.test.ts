import type { AxiosAdapter } from "axios";

import { percentEncode } from "../../../provider/vendor/signer";
import { everythingOf, failure, PASSWORD, write } from "./calls";
import { answering, clientOf, closeRawServers, CREDENTIALS, startRawServer } from "./rawServer";

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeRawServers();
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
