import { CdsConfigError, CdsConnectionError } from "../../../provider/vendor/errors";
import { everythingOf, failure, read, READ_ATTEMPTS, write } from "./calls";
import {
  proxyVariables,
  startConnectProxy,
  type ConnectProxy,
  type TunnelEnd,
} from "./connectProxy";
import { answering, clientOf, closeRawServers, startRawServer } from "./rawServer";
import { startTlsServer, trusting, type TlsServer } from "./tlsServer";

const ENDPOINT = "https://cds.invalid";
const LOGIN = "us%40er:canary%2Flogin";
const refusing = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 3\r\n\r\nno\n`;

const variables = proxyVariables();
let proxy: ConnectProxy | undefined;
let server: TlsServer | undefined;

beforeEach(() => {
  // Reads that are sent again wait no time at all.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  variables.restore();
  await proxy?.close();
  await server?.close();
  await closeRawServers();
  proxy = server = undefined;
});

/** Starts a proxy that leads there, and names it in the environment, with a login. */
async function useProxy(end: TunnelEnd): Promise<ConnectProxy> {
  proxy = await startConnectProxy(end);
  variables.set({ HTTPS_PROXY: `${LOGIN}@127.0.0.1:${proxy.port}` });
  return proxy;
}

test("calls go through the proxy, with its login, on one connection", async () => {
  const seen: (string | undefined)[] = [];
  server = await startTlsServer(({ url = "", headers }, response) => {
    seen.push(headers["proxy-authorization"]);
    response.end(JSON.stringify({ Code: "Success", Data: url.includes("Create") ? {} : [] }));
  });
  const { tunnels } = await useProxy(server.port);
  const client = clientOf(ENDPOINT, { adapter: trusting() });
  for (const call of [read, write, read]) await call(client);
  expect(tunnels).toEqual([{ target: "cds.invalid:443", login: "us@er:canary/login" }]);
  expect(server.connections()).toBe(1);
  // The login is for the proxy alone.
  expect(seen).toEqual([undefined, undefined, undefined]);
});

test("a host of another name than its certificate's is refused through the proxy, too", async () => {
  server = await startTlsServer((_request, response) => response.end());
  await useProxy(server.port);
  const client = clientOf("https://other.invalid", { adapter: trusting() });
  const thrown = await failure(write(client));
  expect(thrown).toMatchObject({ ambiguous: false, transient: true });
  expect(String(thrown)).toMatch(
    /other\.invalid: ERR_TLS_CERT_ALTNAME_INVALID\. Check cds:endpoint/,
  );
});

describe("a proxy that makes no connection", () => {
  test("for its login says so, and what to do", async () => {
    const { tunnels } = await useProxy(refusing("407 Proxy Authentication Required"));
    const thrown = await failure(read(clientOf(ENDPOINT)));
    expect(thrown).toBeInstanceOf(CdsConnectionError);
    expect((thrown as Error).message).toBe(
      "DescribeDBInstances: no answer from https://cds.invalid: the proxy refused its login (407). Give the login in HTTPS_PROXY, as http://user:password@host:port, with special characters percent-encoded. The proxy must take Basic logins.",
    );
    expect(tunnels).toHaveLength(READ_ATTEMPTS);
  });

  test.each(["401 Unauthorized", "403 Forbidden"])(
    "(%s) is named, with whom to ask",
    async (status) => {
      const { tunnels } = await useProxy(refusing(status));
      const thrown = await failure(write(clientOf(ENDPOINT)));
      expect(thrown).toBeInstanceOf(CdsConnectionError);
      expect((thrown as Error).message).toBe(
        `CreateDBInstance: no answer from https://cds.invalid: the proxy that HTTPS_PROXY names made no connection to the host (${status.slice(0, 3)}). Ask the proxy's operator to allow the host.`,
      );
      expect(tunnels).toHaveLength(1);
    },
  );

  test("is not the vendor's refusal, although the vendor accepted the key before", async () => {
    server = await startTlsServer((_request, response) => {
      response.writeHead(200, { Connection: "close" });
      response.end(JSON.stringify({ Code: "Success", Data: [] }));
    });
    const { leadTo } = await useProxy(server.port);
    const client = clientOf(ENDPOINT, { adapter: trusting() });
    await read(client);
    leadTo(refusing("403 Forbidden"));
    const thrown = await failure(write(client));
    expect(thrown).toMatchObject({ ambiguous: false, transient: true, postponed: true });
  });

  test.each(["502 Bad Gateway", "503 Service Unavailable"])(
    "(%s) is told from the vendor's gateway",
    async (status) => {
      await useProxy(refusing(status));
      const message = String(await failure(read(clientOf(ENDPOINT))));
      const code = status.slice(0, 3);
      expect(message).toMatch(
        `no answer from https://cds.invalid: the proxy that HTTPS_PROXY names made no connection to the host (${code}). Check cds:endpoint, the network and the proxy variables`,
      );
    },
  );

  test.each<[string, TunnelEnd]>([
    ["refuses the login", refusing("407 Proxy Authentication Required")],
    ["refuses itself to strangers", refusing("401 Unauthorized")],
    ["forbids the host", refusing("403 Forbidden")],
    ["has too many calls", refusing("429 Too Many Requests")],
    ["answers with a failure", refusing("502 Bad Gateway")],
    ["closes the connection", ""],
    ["speaks something else", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  ])("has sent nothing of a write where it %s", async (_name, end) => {
    const { tunnels } = await useProxy(end);
    const thrown = await failure(write(clientOf(ENDPOINT)));
    expect(thrown).toMatchObject({ ambiguous: false, transient: true, postponed: true });
    expect(String(thrown)).toMatch("the proxy");
    expect(tunnels).toHaveLength(1);
    expect(everythingOf(thrown)).not.toMatch(/canary/i);
  });

  test("to a host that doesn't speak TLS: nothing was sent", async () => {
    const target = await startRawServer(answering(200, { Code: "Success", Data: {} }));
    await useProxy(Number(new URL(target.url).port));
    const thrown = await failure(write(clientOf(ENDPOINT)));
    expect(thrown).toMatchObject({ ambiguous: false, transient: true });
    expect(target.requests).toHaveLength(0);
  });

  test("for nobody listens", async () => {
    await useProxy("");
    await proxy?.close();
    const thrown = await failure(write(clientOf(ENDPOINT)));
    expect(thrown).toMatchObject({ ambiguous: false, transient: true, postponed: true });
    expect(String(thrown)).toMatch(
      /the proxy that HTTPS_PROXY names gave no answer \(ECONNREFUSED\).*proxy variables/,
    );
    expect(everythingOf(thrown)).not.toMatch(/canary/i);
  });
});

test("a proxy that can't be used is refused before anything is sent", () => {
  variables.set({ ALL_PROXY: "socks5://127.0.0.1:1" });
  expect(() => clientOf(ENDPOINT)).toThrow(CdsConfigError);
  expect(() => clientOf("http://127.0.0.1:1")).not.toThrow();
});

test("the library's debug log has no login", async () => {
  const lines: unknown[] = [];
  jest.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(text) > 0);
  const debug = jest.requireActual<{ enable(names: string): void; disable(): void }>(
    require.resolve("debug", { paths: [require.resolve("https-proxy-agent")] }),
  );
  debug.enable("*");
  try {
    await useProxy(refusing("407 Proxy Authentication Required"));
    await failure(write(clientOf(ENDPOINT)));
  } finally {
    debug.disable();
  }
  expect(lines.join("")).toMatch("https-proxy-agent");
  expect(lines.join("")).not.toMatch(/canary|us%40er|us@er|[A-Za-z0-9+/]{20}=/);
});

test("loopback is reached without a proxy", async () => {
  const { tunnels } = await useProxy("");
  const target = await startRawServer(answering(200, { Code: "Success", Data: [] }));
  await read(clientOf(target.url));
  await read(clientOf(target.url.replace("127.0.0.1", "localhost")));
  expect(tunnels).toEqual([]);
  expect(target.requests).toHaveLength(2);
});
