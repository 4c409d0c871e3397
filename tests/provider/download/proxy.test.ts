import { get } from "node:https";

import axios from "axios";

import { agentFor } from "../../../provider/vendor/agent";
import { proxyVariables, startConnectProxy, type ConnectProxy } from "../vendor/connectProxy";
import { startTlsServer, trusting, type TlsServer } from "../vendor/tlsServer";
import { CANARY, FileVendor } from "./fileVendor";
import { fileOfSize } from "./rdbBuilder";

const VENDOR = "https://cds.invalid";
const URL_OF_FILE = `https://files.cds.invalid/a?token=${CANARY}`;
const LOGIN = `us%40er:${CANARY}%2Flogin`;
const variables = proxyVariables();
const adapter = axios.defaults.adapter ?? "http";
let vendor: FileVendor;
let files: TlsServer;
let proxy: ConnectProxy;

beforeEach(async () => {
  vendor = await new FileVendor().start();
  vendor.file = fileOfSize(200_000);
  vendor.answer = { BackupDownloadUrl: URL_OF_FILE };
  files = await startTlsServer((request, response) => {
    vendor.whole(request, response);
  });
  proxy = await startConnectProxy(files.port);
  variables.set({ HTTPS_PROXY: `${LOGIN}@127.0.0.1:${proxy.port}` });
  axios.defaults.adapter = trusting();
});
afterEach(async () => {
  axios.defaults.adapter = adapter;
  variables.restore();
  for (const server of [proxy, files, vendor]) await server.close();
});

async function failure(isIntranet = false): Promise<string> {
  const options = { client: vendor.client(VENDOR), intranet: isIntranet };
  return (await vendor.failure(options)).message;
}

test("a backup comes through the proxy, with its login", async () => {
  await vendor.fetch({ client: vendor.client(VENDOR) });
  expect(proxy.tunnels).toEqual([
    { target: "files.cds.invalid:443", login: `us@er:${CANARY}/login` },
  ]);
});

test("a host in NO_PROXY is looked up and held against the rules", async () => {
  vendor.answer = { BackupDownloadUrl: `https://localhost:${files.port}/a?token=${CANARY}` };
  variables.set({ HTTPS_PROXY: `127.0.0.1:${proxy.port}`, NO_PROXY: "localhost" });
  expect(await failure()).toMatch(
    "the vendor's download URL is not used: it leads to this machine",
  );
  expect(proxy.tunnels).toEqual([]);
});

test.each([
  ["https://10.0.0.1/a", "a private address"],
  ["https://127.0.0.1/a", "leads to this machine"],
  ["https://169.254.169.254/a", "a reserved address"],
  ["http://files.cds.invalid/a", "it is http"],
])("%s is refused before the proxy is asked", async (url, words) => {
  vendor.answer = { BackupDownloadUrl: url };
  expect(await failure()).toMatch(words);
  expect(proxy.tunnels).toEqual([]);
});

test("the intranet's URL is not fetched through the proxy", async () => {
  vendor.answer = { BackupIntranetDownloadUrl: `https://files.invalid/a?token=${CANARY}` };
  expect(await failure(true)).toMatch(/no connection \((ENOTFOUND|EAI_AGAIN)\)/);
  expect(proxy.tunnels).toEqual([]);
});

describe("a proxy that makes no connection", () => {
  const refuse = async (status: string): Promise<void> => {
    await proxy.close();
    proxy = await startConnectProxy(`HTTP/1.1 ${status}\r\nContent-Length: 3\r\n\r\nno\n`);
    variables.set({ HTTPS_PROXY: `${LOGIN}@127.0.0.1:${proxy.port}` });
  };

  test("for its login is asked once", async () => {
    await refuse("407 Proxy Authentication Required");
    expect(await failure()).toBe(
      `backup backup-1 was not downloaded to ${vendor.folder}: the proxy refused its login (407). Give the login in HTTPS_PROXY, as http://user:password@host:port, with special characters percent-encoded. The proxy must take Basic logins.`,
    );
    expect(proxy.tunnels).toHaveLength(1);
  });

  test("and no answer is given up after 30 s", async () => {
    await proxy.close();
    proxy = await startConnectProxy(undefined);
    variables.set({ HTTPS_PROXY: `${LOGIN}@127.0.0.1:${proxy.port}` });
    const agent = agentFor(URL_OF_FILE, true, {});
    // Sockets know nothing of these timers.
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    try {
      const thrown = new Promise((resolve) => get(URL_OF_FILE, { agent }).on("error", resolve));
      await proxy.asked;
      jest.advanceTimersByTime(30_000);
      expect(await thrown).toMatchObject({
        message: "the proxy that HTTPS_PROXY names gave no answer (timed out)",
      });
      await proxy.left;
    } finally {
      jest.useRealTimers();
    }
  });

  test("for another reason is asked again", async () => {
    await refuse("503 Service Unavailable");
    expect(await failure()).toMatch(
      "5 tries in a row brought no new byte; the last one: the proxy that HTTPS_PROXY names made no connection to the host (503). Run the same command again",
    );
    expect(proxy.tunnels).toHaveLength(5);
  });
});

test("a proxy that can't be used for the file's host is refused by name", async () => {
  variables.set({ ALL_PROXY: `socks5://${LOGIN}@127.0.0.1:1` });
  vendor.answer = { BackupDownloadUrl: URL_OF_FILE };
  const client = vendor.client();
  expect((await vendor.failure({ client })).message).toBe(
    "ALL_PROXY names a socks5:// proxy, which this package can't use. Set HTTPS_PROXY to an http:// proxy, or add files.cds.invalid to NO_PROXY.",
  );
});
