import type { AgentOptions } from "node:https";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

import { agentFor } from "../../../provider/vendor/agent";
import { everythingOf, failure, write } from "./calls";
import { proxyVariables, startConnectProxy } from "./connectProxy";
import { clientOf } from "./rawServer";
import { FAKE_CERTIFICATE, FAKE_KEY, startTlsServer, trusting } from "./tlsServer";

const closing: (() => unknown)[] = [];
const variables = proxyVariables();

beforeEach(() => {
  variables.set({});
});

afterEach(async () => {
  jest.useRealTimers();
  variables.restore();
  for (const close of closing.splice(0)) await close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe("a call that takes too long says what it was doing", () => {
  /** Ends the call's time when the server tells that it has come so far. */
  async function timedOut(
    endpoint: string,
    reached: Promise<unknown>,
    options = {},
  ): Promise<unknown> {
    // Sockets know nothing of these timers.
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    const thrown = failure(write(clientOf(endpoint, { adapter: trusting(options) })));
    await reached;
    jest.advanceTimersByTime(30_000);
    return thrown;
  }

  function expectStage(thrown: unknown, stage: string): void {
    expect(thrown).toMatchObject({ ambiguous: true, transient: true, postponed: false });
    expect(String(thrown)).toMatch(`: timed out after 30 s while ${stage}. Check cds:endpoint`);
    expect(everythingOf(thrown)).not.toMatch(/canary/i);
  }

  test("connecting, where the server says nothing of TLS", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    closing.push(() => sockets.map((socket) => socket.destroy()));
    const port = await listening(server);
    const reached = new Promise((resolve) => server.once("connection", resolve));
    expectStage(await timedOut(`https://localhost:${port}`, reached), "connecting");
  });

  test("connecting, where the proxy says nothing", async () => {
    const silent = await startConnectProxy(undefined);
    closing.push(() => silent.close());
    variables.set({ HTTPS_PROXY: `user:canary@127.0.0.1:${silent.port}` });
    expectStage(await timedOut("https://cds.invalid", silent.asked), "connecting");
    // The connection to the proxy does not outlive the call.
    await silent.left;
  });

  test("waiting for the answer", async () => {
    let arrive: (request: unknown) => void;
    const reached = new Promise((resolve) => (arrive = resolve));
    const server = await startTlsServer((request) => {
      arrive(request);
    });
    closing.push(() => server.close());
    const thrown = await timedOut(`https://localhost:${server.port}`, reached);
    expectStage(thrown, "waiting for the answer");
  });

  test("reading the answer", async () => {
    const server = await startTlsServer((_request, response) => response.write('{"Code":'));
    closing.push(() => server.close());
    let arrive: (progress: unknown) => void;
    const reached = new Promise((resolve) => (arrive = resolve));
    const options = {
      onDownloadProgress: (progress: unknown) => {
        arrive(progress);
      },
    };
    const thrown = await timedOut(`https://localhost:${server.port}`, reached, options);
    expectStage(thrown, "reading the answer");
  });
});

describe("a host with several addresses", () => {
  test("is given the time of distant hosts for each, also through a proxy", () => {
    const timeOf = (agent: unknown): number =>
      (agent as { options: AgentOptions }).options.autoSelectFamilyAttemptTimeout ?? 0;
    variables.set({ HTTPS_PROXY: "127.0.0.1:1" });
    for (const mayUseProxy of [true, false]) {
      const time = timeOf(agentFor("https://cds.invalid", mayUseProxy, { keepAlive: false }));
      expect(time).toBeGreaterThan(2_000);
      // The dead one must leave time for a call of 30 s.
      expect(time).toBeLessThan(5_000);
    }
  });

  test("is reached at the slow one, where the other is dead", async () => {
    const port = await startSlowServer();
    // Nobody listens at the second. axios knows an async function by its kind.
    const lookup = async (): Promise<unknown> => {
      await Promise.resolve();
      return [["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }))];
    };
    const adapter = trusting({ lookup });
    // A write: it is tried once.
    await expect(write(clientOf(`https://cds.invalid:${port}`, { adapter }))).resolves.toEqual([]);
  });
});

/**
 * A server whose queue of connections is full for a moment: the next one stands only when the system
 * asks again, after a second.
 */
async function startSlowServer(): Promise<number> {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    const answer = (request, response) => response.end('{"Code":"Success","Data":{}}');
    const server = require("node:https").createServer(workerData, answer);
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    });`;
  const workerData = { key: FAKE_KEY, cert: FAKE_CERTIFICATE };
  const worker = new Worker(code, { eval: true, workerData });
  closing.push(() => worker.terminate());
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const filling = [1, 2, 3].map(() => connect(port, "127.0.0.1").on("error", () => undefined));
  closing.push(() => filling.map((socket) => socket.destroy()));
  await Promise.all(
    filling.slice(0, 2).map((socket) => new Promise((resolve) => socket.once("connect", resolve))),
  );
  return port;
}
