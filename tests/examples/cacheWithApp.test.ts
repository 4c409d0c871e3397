import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const APP = join(__dirname, "../../examples/cache-with-app/app.mjs");

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a server that answers so to every connection, and returns its port. */
async function redis(answer: string | ((port: number) => string)): Promise<number> {
  const server = createServer((socket) => {
    socket.once("data", () => socket.end(typeof answer === "string" ? answer : answer(port)));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return port;
}

async function start(port: number, login = ":pass%20word@"): Promise<[number | null, string]> {
  const child = spawn(process.execPath, [APP], {
    env: { REDIS_URL: `redis://${login}127.0.0.1:${port}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return [code, out + err];
}

test("the application prints the number that Redis answers", async () => {
  expect(await start(await redis("+OK\r\n:7\r\n+OK\r\n"))).toEqual([0, "started 7 times\n"]);
  expect(await start(await redis(":8\r\n+OK\r\n"), "")).toEqual([0, "started 8 times\n"]);
});

test("it asks the server of a cluster that has the number", async () => {
  const other = await redis("+OK\r\n:3\r\n+OK\r\n");
  for (const host of ["127.0.0.1", ""]) {
    const first = await redis(`+OK\r\n-MOVED 3999 ${host}:${other}\r\n+OK\r\n`);
    expect(await start(first)).toEqual([0, "started 3 times\n"]);
  }
});

test.each([
  [
    "-WRONGPASS invalid password for user:5\r\n-NOAUTH needed\r\n",
    "WRONGPASS invalid password for user:5",
  ],
  [
    "+OK\r\n-READONLY You can't write against a read only replica.\r\n+OK\r\n",
    "READONLY You can't write",
  ],
  ["+OK\r\n-ERR value at 10.0.0.1:6379 is not an integer\r\n+OK\r\n", "ERR value at 10.0.0.1:6379"],
  ["+OK\r\n:12", "ended the connection early"],
  ["", "ended the connection early"],
])("an answer that is no number is an error: %j", async (answer, message) => {
  const [code, output] = await start(await redis(answer));
  expect([code, output]).toEqual([1, expect.stringMatching(/^Redis: [^\n]+\n$/)]);
  expect(output).toContain(message);
});

test("servers that send each other the question end with an error", async () => {
  const [code, output] = await start(await redis((port) => `+OK\r\n-MOVED 1 :${port}\r\n+OK\r\n`));
  expect([code, output]).toEqual([1, expect.stringMatching(/^Redis: MOVED 1 :\d+\n$/)]);
});

test("a server that is not there is an error", async () => {
  const port = await redis("");
  servers.splice(0).forEach((server) => server.close());
  expect(await start(port)).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
});
